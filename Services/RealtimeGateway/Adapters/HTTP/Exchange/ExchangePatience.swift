import NIOCore

/// How long a connection with requests may take for what it does.
struct ExchangePatience {
    enum Phase: Equatable {
        /// Between two requests.
        case idle
        case head
        /// Content of so many bytes.
        case content(Int)
        /// The endpoint looks after its own time.
        case answer
        /// The last answer has been given, and not been taken wholly.
        case lastAnswer
        /// The client has only to go.
        case farewell
    }

    /// As for other requests.
    private static let idle = TimeAmount.seconds(60)
    private static let request = TimeAmount.seconds(10)
    /// Bytes a second that content has to come with.
    private static let slowest = 16 << 10
    private static let farewell = TimeAmount.seconds(1)

    private var phase: Phase?
    /// When the phase has to be over.
    private(set) var deadline: NIODeadline?

    /// A request has been answered: what comes next has all its time, if it is the same, too.
    mutating func answered() { phase = nil }

    /// When `phase` has to be over; each has its time from when it is first asked about.
    mutating func deadline(for phase: Phase, now: NIODeadline) -> NIODeadline? {
        guard phase != self.phase else { return deadline }
        self.phase = phase
        deadline = Self.time(for: phase).map { now + $0 }
        return deadline
    }

    private static func time(for phase: Phase) -> TimeAmount? {
        switch phase {
        case .idle, .lastAnswer: idle
        case .head: request
        case .content(let length): request + .seconds(Int64(length / slowest))
        case .answer: nil
        case .farewell: farewell
        }
    }
}
