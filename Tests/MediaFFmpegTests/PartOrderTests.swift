import MediaDomain
import Synchronization
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(1))) struct PartOrderTests {
    /// Writes down the cuts that are heard, and the progress.
    private final class Ear: Sendable {
        let cuts = Mutex<[Double]>([])
        let progress = Mutex<[Double]>([])

        func order() -> PartOrder {
            PartOrder { note in
                if case .cut(let seconds) = note { self.cuts.withLock { $0.append(seconds) } }
            } progressed: { seconds in
                self.progress.withLock { $0.append(seconds) }
            }
        }
    }

    private let ear = Ear()

    @Test func `what a part tells before its turn is heard when that has come`() {
        let order = ear.order()
        order.tell(.cut(at: 8), of: 1)
        order.tell(.cut(at: 4), of: 0)
        #expect(ear.cuts.withLock(\.self) == [4])
        order.advance(past: 0, end: 400)
        order.tell(.cut(at: 12), of: 1)
        #expect(ear.cuts.withLock(\.self) == [4, 8, 12])
    }

    @Test func `a part that starts elsewhere than the one before ends is not heard until it is made anew`() {
        let order = ear.order()
        order.begin(1, at: 404)
        order.tell(.cut(at: 8), of: 1)
        order.advance(past: 0, end: 400)
        order.tell(.cut(at: 12), of: 1)
        #expect(!order.awaitTurn(of: 1))
        #expect(ear.cuts.withLock(\.self) == [])
        order.forget(1)
        order.begin(1, at: 400)
        order.tell(.cut(at: 9), of: 1)
        #expect(ear.cuts.withLock(\.self) == [9])
        #expect(order.awaitTurn(of: 1))
    }

    @Test func `a part whose turn comes before its first picture is heard only if that is where it should be`() {
        let order = ear.order()
        order.advance(past: 0, end: 400)
        order.begin(1, at: 390)
        order.tell(.cut(at: 8), of: 1)
        #expect(ear.cuts.withLock(\.self) == [])
    }

    @Test func `who waits for a turn that will not come is told`() async {
        let order = ear.order()
        async let turn = Task.detached { order.awaitTurn(of: 2) }.value
        while order.last > 2 { await Task.yield() }
        order.close()
        #expect(await !turn)
        #expect(order.last == 2)
    }

    @Test func `progress is that of all parts together`() {
        let order = ear.order()
        order.progress(to: 4, of: 0, isNew: false)
        order.progress(to: 10, of: 2)
        order.progress(to: 5, of: 1)
        order.forget(2)
        order.progress(to: 6, of: 1)
        #expect(ear.progress.withLock(\.self) == [14, 19, 10])
    }
}
