import DequeModule
import Messaging

/// What is published and not yet confirmed: a window of messages on the wire, and those that wait for room in it.
///
/// Decides only; whoever owns it sends messages and tells the callers what it returns.
struct PublishQueue<Completion: Sendable>: Sendable {
    struct Request: Sendable {
        var message: Message
        var destination: Destination
        var submitted: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant
        /// Who waits for the confirmation; `nil` for best effort.
        var completion: Completion?
        /// Whether it was ever sent: then it may have arrived.
        var wasSent = false

        var isConfirmed: Bool { completion != nil }
    }

    /// The outcome for a caller.
    struct Settled: Sendable {
        var completion: Completion
        var result: Result<Void, MessagingError>
        var submitted: ContinuousClock.Instant
    }

    /// A message on the wire, at its delivery tag.
    private struct Slot: Sendable {
        /// `nil` once its caller has an answer.
        var request: Request?
        var refusal: MessagingError?
        var isDone = false
    }

    private static var lotBytes: Int { 64 << 10 }

    private let windowSize: Int
    private let maximumWaiting: Int
    private let maximumWaitingBytes: Int

    private var waiting = Deque<Request>()
    private var waitingBytes = 0
    private var window = Deque<Slot>()
    /// The delivery tag of the first slot.
    private var firstTag: UInt64 = 1
    /// Messages on the wire whose caller still waits; best effort included.
    private(set) var inFlight = 0
    /// The window was full and has not emptied far enough since to send a lot worth the while.
    private var isFilled = false

    private(set) var isConnected = false
    /// Why the broker takes no messages now.
    private(set) var blockedReason: String?
    /// Set when no further message is accepted.
    private(set) var closing: MessagingError?

    init(window: Int, maximumWaiting: Int, maximumWaitingBytes: Int) {
        windowSize = max(1, window)
        self.maximumWaiting = maximumWaiting
        self.maximumWaitingBytes = maximumWaitingBytes
    }

    var isEmpty: Bool { waiting.isEmpty && inFlight == 0 }

    /// Whether ``nextLot()`` would return a message.
    var canSend: Bool { isConnected && blockedReason == nil && !isFilled && !waiting.isEmpty }

    /// More confirmations are overdue than a sane connection can owe.
    var isOverdue: Bool { window.count > windowSize * 64 }

    // MARK: Callers

    /// Accepts a request, or says why not.
    mutating func submit(_ request: Request) -> MessagingError? {
        if let closing { return closing }
        if !request.isConfirmed && !(isConnected && blockedReason == nil) {
            return MessagingError(.unavailable, "no connection to take a best-effort message")
        }
        guard waiting.count < maximumWaiting, waiting.isEmpty || waitingBytes < maximumWaitingBytes else {
            return MessagingError(.unavailable, "\(waiting.count) messages wait to be published already")
        }
        waiting.append(request)
        waitingBytes += request.message.body.count
        return nil
    }

    /// Gives up on requests whose time is over.
    mutating func expire(now: ContinuousClock.Instant, outage: String?) -> [Settled] {
        var settled: [Settled] = []
        while let first = waiting.first, first.deadline <= now {
            waiting.removeFirst()
            waitingBytes -= first.message.body.count
            append(first, failure(of: first, outage: outage), to: &settled)
        }
        for index in window.indices {
            // Slots are in the order of their deadlines.
            guard let request = window[index].request else { continue }
            guard request.deadline <= now else { break }
            append(request, MessagingError(.timeout, "not confirmed in time: \(request.name)"), to: &settled)
            // The slot stays for the confirmation to come, but nobody waits and nothing is kept.
            leave(index)
        }
        return settled
    }

    private func failure(of request: Request, outage: String?) -> MessagingError {
        if request.wasSent { return MessagingError(.timeout, "connection lost before a confirmation: \(request.name)") }
        let reason = blockedReason.map { "blocked by the broker: \($0)" } ?? outage ?? "the confirm window is full"
        return MessagingError(.unavailable, "not published: \(request.name): \(reason)")
    }

    /// Accepts nothing more; what waits may still be sent.
    mutating func close(_ error: MessagingError) {
        if closing == nil { closing = error }
    }

    /// Fails everything.
    mutating func failAll(_ error: MessagingError) -> [Settled] {
        close(error)
        var settled: [Settled] = []
        for request in window.compactMap(\.request) + waiting { append(request, error, to: &settled) }
        reset()
        waiting = []
        waitingBytes = 0
        return settled
    }

    // MARK: Connection

    mutating func connected() {
        isConnected = true
        blockedReason = nil
    }

    mutating func block(_ reason: String?) { blockedReason = reason }

    /// The next messages to send together, in order; their delivery tags are the next ones of the channel.
    ///
    /// Small lots, so that confirmations are read in between, and so that one is soon written.
    mutating func nextLot(atMost limit: Int = 32) -> [Request] {
        var lot: [Request] = []
        var bytes = 0
        while canSend, lot.count < limit, bytes < Self.lotBytes, var request = waiting.popFirst() {
            bytes += request.message.body.count
            request.wasSent = true
            window.append(Slot(request: request))
            lot.append(request)
            inFlight += 1
            isFilled = inFlight >= windowSize
        }
        waitingBytes -= bytes
        return lot
    }

    /// Somebody has an answer, or waits for it no longer.
    private mutating func leave(_ index: Int) {
        window[index].request = nil
        inFlight -= 1
        // Once full, the window empties by a quarter before it is filled again: lots of one would cost the most.
        if inFlight < windowSize - windowSize / 4 { isFilled = false }
    }

    /// The connection is gone: what was on the wire is sent again, first and in order, over the next one.
    ///
    /// - Parameter isCulprit: Tells the messages for which the broker closed it; they fail.
    mutating func disconnected(
        error: MessagingError,
        isCulprit: (Destination) -> Bool = { _ in false }
    ) -> [Settled] {
        var settled: [Settled] = []
        let unconfirmed = window.compactMap(\.request).filter(\.isConfirmed)
        let all = unconfirmed + waiting.filter(\.isConfirmed)
        reset()
        for request in all where isCulprit(request.destination) { append(request, error, to: &settled) }
        waiting = Deque(all.filter { !isCulprit($0.destination) })
        waitingBytes = waiting.reduce(0) { $0 + $1.message.body.count }
        return settled
    }

    private mutating func reset() {
        window = []
        firstTag = 1
        inFlight = 0
        isFilled = false
        isConnected = false
        blockedReason = nil
    }

    // MARK: Broker

    /// A message came back; its confirmation follows.
    ///
    /// A return carries no delivery tag. Messages are returned in the order in which they were published, so it is the
    /// first of those that look like it.
    mutating func returned(_ returned: BrokerSignal.Returned) {
        let index = window.firstIndex { slot in
            guard let request = slot.request, slot.refusal == nil, request.isConfirmed else { return false }
            return request.destination == returned.destination && request.message.messageID == returned.messageID
        }
        guard let index, let request = window[index].request else { return }
        let text = "\(request.name): \(returned.replyText) (\(returned.replyCode))"
        window[index].refusal = MessagingError(.unroutable, "no queue takes \(text)")
    }

    /// The broker has taken (or refused) one message, or all up to it.
    mutating func confirm(tag: UInt64, multiple: Bool, accepted: Bool) -> [Settled] {
        guard tag >= firstTag, tag - firstTag < UInt64(window.count) else { return [] }
        let last = Int(tag - firstTag)
        var settled: [Settled] = []
        for index in (multiple ? 0 : last)...last {
            window[index].isDone = true
            guard let request = window[index].request else { continue }
            let refusal = accepted ? nil : MessagingError(.rejected, "the broker refused \(request.name)")
            append(request, window[index].refusal ?? refusal, to: &settled)
            leave(index)
        }
        while window.first?.isDone == true {
            window.removeFirst()
            firstTag += 1
        }
        return settled
    }

    private func append(_ request: Request, _ error: MessagingError?, to settled: inout [Settled]) {
        guard let completion = request.completion else { return }
        let result: Result<Void, MessagingError> = error.map { .failure($0) } ?? .success(())
        settled.append(Settled(completion: completion, result: result, submitted: request.submitted))
    }
}

extension PublishQueue.Request {
    /// The message for people.
    fileprivate var name: String {
        let target = destination.exchange.isEmpty ? "queue" : "exchange '\(destination.exchange)' with key"
        return "message \(message.messageID ?? "without id") to \(target) '\(destination.routingKey)'"
    }
}
