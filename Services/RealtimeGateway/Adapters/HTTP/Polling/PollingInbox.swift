import DequeModule
import NIOCore

/// Messages that a client has brought by requests, until its session takes them one after another.
package struct PollingInbox {
    /// What became of a request with messages.
    package enum Outcome: Sendable {
        case taken
        /// The session is over, if not through them.
        case ended
        /// Too much waits already.
        case busy
    }

    private struct Request {
        var messages: ArraySlice<ClientMessage>
        let promise: EventLoopPromise<Outcome>
    }

    /// What a request that waits costs besides its messages, roughly.
    private static let overhead = 256

    private let limit: Int
    private var requests: Deque<Request> = []
    private var bytes = 0
    /// Whether the session takes nothing now.
    var isPaused = false
    /// Whether the session has a message in hand.
    private var isTaking = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a request, whose promise is kept when its last message has been taken; returns whether it is in.
    mutating func append(_ messages: [ClientMessage], _ promise: EventLoopPromise<Outcome>) -> Bool {
        let size = messages.reduce(Self.overhead) { $0 + $1.bytes.readableBytes }
        guard requests.isEmpty || bytes + size <= limit else {
            promise.succeed(.busy)
            return false
        }
        guard !messages.isEmpty else {
            promise.succeed(.taken)
            return false
        }
        bytes += size
        requests.append(Request(messages: messages[...], promise: promise))
        return true
    }

    /// The message to be taken now; ``took()`` has to follow before there is another.
    mutating func next() -> ClientMessage? {
        guard !isPaused, !isTaking, !requests.isEmpty else { return nil }
        let message = requests[0].messages.popFirst()
        isTaking = message != nil
        if let message { bytes -= message.bytes.readableBytes }
        return message
    }

    /// The session has dealt with the message, or will while it takes no other.
    mutating func took() {
        isTaking = false
        guard let first = requests.first, first.messages.isEmpty else { return }
        requests.removeFirst()
        bytes -= Self.overhead
        first.promise.succeed(.taken)
    }

    /// Takes all that waits, for who goes on with it.
    mutating func takeAll() -> [ClientMessage] {
        let taken = requests
        requests = []
        bytes = 0
        for request in taken { request.promise.succeed(.taken) }
        return taken.flatMap(\.messages)
    }

    /// Tells all who wait that the session is over.
    mutating func end() {
        let ended = requests
        requests = []
        for request in ended { request.promise.succeed(.ended) }
    }
}
