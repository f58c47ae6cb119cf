package import NIOCore

/// Answers the requests at an endpoint's path that ask for no WebSocket, on event loops and without a task for each.
package protocol ExchangeResponder: Sendable {
    /// Bytes of the largest content taken.
    var contentLimit: Int { get }

    /// Decides about a request by its head, on the event loop of its connection and without waiting there.
    ///
    /// Nothing of `request` should be kept, for the sake of those whose answers wait for long.
    func begin(_ request: ExchangeRequest) -> ExchangeCourse
}

/// How a request goes on once its head has been read; its futures may be of any event loop.
package enum ExchangeCourse: Sendable {
    /// It is answered at once.
    case answer(ExchangeAnswer)
    /// It waits for its answer; `onAbort` is called if its client goes, or sends no more, before that is there.
    case wait(EventLoopFuture<ExchangeAnswer>, onAbort: (@Sendable () -> Void)? = nil)
    /// Its content is read if `refusal` has none; `finish` is then called once, whatever becomes of the content.
    case content(
        refusal: EventLoopFuture<ExchangeAnswer?>,
        finish: @Sendable (ExchangeContent) -> EventLoopFuture<ExchangeAnswer>
    )
}

/// What became of a request's content.
package enum ExchangeContent: Sendable {
    case whole(ByteBuffer)
    /// It is larger than ``ExchangeResponder/contentLimit``.
    case tooLarge
    /// The client has gone before its end; nobody reads the answer.
    case aborted

    package var isWhole: Bool {
        if case .whole = self { true } else { false }
    }
}
