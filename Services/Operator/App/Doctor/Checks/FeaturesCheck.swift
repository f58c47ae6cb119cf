import EventSchema

/// Whether the features that the queues stand on are switched on; after an upgrade they may not be.
struct FeaturesCheck: Check {
    private static let needed = ["quorum_queue", "stream_queue"]

    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let flags = try await context.management.answer(["feature-flags"]).value.arrayValue ?? []
        // A broker that does not list one has it for good.
        let off = Self.needed.filter { name in
            flags.contains { $0["name"]?.stringValue == name && $0["state"]?.stringValue != "enabled" }
        }
        guard off.isEmpty else {
            return off.map { name in
                .fail(.features, "the feature flag \(name) is off", mend: "rabbitmqctl enable_feature_flag \(name)")
            }
        }
        return [.ok(.features, "\(Self.needed.joined(separator: " and ")) are on")]
    }
}
