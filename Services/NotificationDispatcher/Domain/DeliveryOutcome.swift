/// What came of one try.
package enum DeliveryOutcome: Sendable, Hashable {
    /// The receiver has taken it.
    case delivered
    /// It may succeed later; `after` is the receiver's own wish.
    case postponed(after: Duration?, Failure)
    /// It will not succeed as it is.
    case failed(Failure)
}

/// Why a notification does not get through.
package struct Failure: Sendable, Hashable {
    /// The words of `notification.failed`'s `reason`; stable, for programs.
    @nonexhaustive package enum Reason: String, Sendable {
        /// There is no provider for the channel here.
        case channelUnavailable = "channel_unavailable"
        /// Nobody knows a channel of that name.
        case unknownChannel = "unknown_channel"
        /// No address to deliver to is known, or it is none.
        case badAddress = "bad_address"
        /// The address leads to a network that we do not call.
        case addressRefused = "address_refused"
        /// The notification is larger than the channel carries.
        case tooLarge = "too_large"
        /// The receiver answered that it does not want it.
        case rejected
        /// The receiver did not take it in any of the tries.
        case unreachable
    }

    package let reason: Reason
    /// A sentence for people: what, which, and the cause.
    package let message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
