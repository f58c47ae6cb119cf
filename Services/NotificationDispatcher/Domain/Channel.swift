/// A way to reach a user.
package enum Channel: String, Sendable, Hashable, CaseIterable {
    /// The user's open sessions, through the gateway.
    case inApp = "in_app"
    /// An HTTP endpoint of the backend's own.
    case webhook
}

/// The words that a request may name besides those of ``Channel``.
package enum ChannelWord {
    /// Whatever reaches the user: in-app, and a webhook if an address for one is known.
    package static let auto = "auto"
    /// Channels of the contract that this dispatcher has no provider for.
    package static let withoutProvider: Set<String> = ["push", "email", "sms"]
}

/// Delivers notifications over one channel.
package protocol NotificationChannel: Sendable {
    var channel: Channel { get }

    /// Tries once, within a bounded time, and says what came of it.
    ///
    /// A notification may be delivered again after a crash; the receiver recognises it by ``Notification/id``.
    ///
    /// - Parameter attempt: Which try it is, from 1.
    func deliver(_ notification: UserNotification, attempt: Int) async -> DeliveryOutcome
}
