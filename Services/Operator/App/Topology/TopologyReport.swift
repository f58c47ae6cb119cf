import EventSchema

/// What is said about the differences between a broker and the suite.
struct TopologyReport: Sendable {
    let differences: [TopologyDifference]
    let place: String

    /// Whether something of the suite is missing or otherwise; what is there besides does not count.
    var differs: Bool { differences.contains { $0.kind != .extra } }

    /// How the broker stands, one line each.
    var lines: [String] {
        guard !differences.isEmpty else { return ["\(place) is as the suite declares it."] }
        var lines = differences.map { "\(Self.sign($0.kind)) \($0.text)" }
        var told: Set<String> = []
        for case .byHand(let steps) in differences.map(\.remedy) where told.insert(steps).inserted {
            lines.append("  by hand: \(steps)")
        }
        lines.append(summary)
        return lines
    }

    var json: JSONObject {
        [
            "broker": .string(place), "differs": .bool(differs),
            "differences": .array(differences.map { .object($0.json) }),
        ]
    }

    private var summary: String {
        let counts = [
            (differences.count { $0.kind == .missing }, "missing"),
            (differences.count { $0.kind == .differs }, "otherwise"),
            (differences.count { $0.kind == .extra }, "not of the suite"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let open = differences.contains { $0.remedy == .apply }
        return "\(place): \(words)" + (open ? "; `martlet topology apply` makes and mends" : "")
    }

    private static func sign(_ kind: TopologyDifference.Kind) -> String {
        switch kind {
        case .missing: "+"
        case .differs: "~"
        case .extra: "?"
        }
    }
}
