import NIOCore

/// What a connection with requests is about.
enum ExchangeState {
    /// The next request has not come wholly.
    case reading
    case receiving(Receiving)
    /// The endpoint has the request.
    case answering(onAbort: (@Sendable () -> Void)?)
    /// The last answer has been given, or the connection is another's.
    case done

    /// A request whose content is read.
    struct Receiving {
        let length: Int
        /// Whether the client waits to be told to send it.
        var isExpected: Bool
        /// Whether the endpoint has not refused it.
        var isAllowed = false
        let finish: @Sendable (ExchangeContent) -> EventLoopFuture<ExchangeAnswer>
    }
}
