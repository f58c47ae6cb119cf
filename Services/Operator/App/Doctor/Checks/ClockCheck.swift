import Foundation

/// Whether the broker's clock and ours agree: ages, retries and replays go by them.
struct ClockCheck: Check {
    private static let bearable: TimeInterval = 2
    private static let intolerable: TimeInterval = 60

    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let before = Date()
        let answer = try await context.management.answer(["overview"], columns: ["rabbitmq_version"])
        guard let date = answer.date else {
            return [.warn(.clock, "the broker does not tell its time", mend: "is there a proxy in between?")]
        }
        return [Self.finding(date, between: before, and: Date())]
    }

    /// - Parameter date: The broker's time, in whole seconds.
    static func finding(_ date: Date, between before: Date, and after: Date) -> Finding {
        // Some time within a second, and between question and answer.
        let ahead = max(0, date.timeIntervalSince(after))
        let behind = max(0, before.timeIntervalSince(date.addingTimeInterval(1)))
        let difference = max(ahead, behind)
        let what = "the broker's clock is \(Int(difference.rounded(.up))) s \(ahead > 0 ? "ahead of" : "behind") ours"
        let mend = "synchronise both with NTP: `timedatectl set-ntp true`, `chronyc tracking`"
        if difference > intolerable { return .fail(.clock, what, mend: mend) }
        if difference > bearable { return .warn(.clock, what, mend: mend) }
        return .ok(.clock, "the broker's clock and ours agree")
    }
}
