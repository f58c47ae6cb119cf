import NIOCore
import NIOEmbedded
import Testing

@testable import RealtimeHTTP

/// Messages that wait for their turn.
struct ClientInboxTests {
    /// Shares a connection with others, so that it has to be resumed as often as it was paused.
    private final class Source: MessageSource {
        var pauses = 0
        var isOverrun = false

        func pauseReading() { pauses += 1 }
        func resumeReading() { pauses -= 1 }
        func overrun() { isOverrun = true }
    }

    private final class Handled { var messages: [Int] = [] }

    private let loop = EmbeddedEventLoop()
    private let inbox = ClientInbox<Int>()
    private let source = Source()
    private let handled = Handled()

    init() { inbox.opened(source) }

    private func receive(_ message: Int) { inbox.receive(message) { handled.messages.append($0) } }

    private func wait(for promise: EventLoopPromise<Void>, next: EventLoopPromise<Void>? = nil) {
        let handle = { [self] (message: Int) in
            handled.messages.append(message)
            if message == 1, let next { wait(for: next) }
        }
        inbox.wait(for: promise.futureResult, handle: handle, { _ in })
    }

    @Test func `messages wait in order, and the source is paused once and resumed once`() {
        let promises = (0..<2).map { _ in loop.makePromise(of: Void.self) }
        for promise in promises { wait(for: promise) }
        for message in 1...3 { receive(message) }
        #expect(source.pauses == 1)
        promises[0].succeed()
        #expect(handled.messages == [] && source.pauses == 1)
        promises[1].succeed()
        #expect(handled.messages == [1, 2, 3] && source.pauses == 0)
    }

    @Test func `answers that many wait for pause as well, and both have to be over`() {
        for _ in 0..<64 { inbox.beginPending() }
        #expect(source.pauses == 1)
        let promise = loop.makePromise(of: Void.self)
        wait(for: promise)
        inbox.endPending()
        #expect(source.pauses == 1)
        promise.succeed()
        #expect(source.pauses == 0)
        for _ in 0..<63 { inbox.endPending() }
        #expect(source.pauses == 0)
    }

    @Test func `a message that takes time has those behind it wait on, also those that come meanwhile`() {
        let (first, second) = (loop.makePromise(of: Void.self), loop.makePromise(of: Void.self))
        wait(for: first, next: second)
        receive(1)
        receive(2)
        first.succeed()
        receive(3)
        #expect(handled.messages == [1] && source.pauses == 1)
        second.succeed()
        #expect(handled.messages == [1, 2, 3] && source.pauses == 0)
    }

    @Test func `who does not stop when paused is cut off`() {
        let promise = loop.makePromise(of: Void.self)
        wait(for: promise)
        for message in 0..<2000 { receive(message) }
        #expect(!source.isOverrun)
        receive(2000)
        #expect(source.isOverrun)
        promise.succeed()
        #expect(handled.messages.count == 2000)
    }
}
