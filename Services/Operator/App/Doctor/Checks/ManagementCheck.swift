import EventSchema

/// Whether the management API can be asked; much is to be seen only there.
struct ManagementCheck: Check {
    func findings(_ context: DoctorContext) async -> [Finding] {
        do throws(ManagementError) {
            _ = try await context.management.answer(["overview"], columns: ["rabbitmq_version"])
            return [.ok(.management, "the management API at \(context.management.access.base) answers")]
        } catch {
            let unseen = CheckName.allCases.filter(\.needsManagement).map(\.rawValue).joined(separator: ", ")
            return [.warn(.management, "\(error); not looked at: \(unseen)", mend: error.advice)]
        }
    }
}
