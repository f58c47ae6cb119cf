import DequeModule
import Foundation
import MediaDomain

/// Hands elements from one thread to another in order; holds few, so that nobody runs ahead of the memory.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let bound: Int
    private var elements: Deque<Element> = []
    private var isClosed = false

    init(bound: Int) { self.bound = bound }

    /// Waits for room; `false` once the queue is closed: the element is dropped.
    @discardableResult
    func push(_ element: Element) -> Bool {
        condition.withLock {
            while elements.count >= bound, !isClosed { condition.wait() }
            guard !isClosed else { return false }
            elements.append(element)
            condition.broadcast()
            return true
        }
    }

    /// Waits for an element; `nil` once the queue is closed.
    func pop() -> Element? {
        condition.withLock {
            while elements.isEmpty, !isClosed { condition.wait() }
            guard !isClosed else { return nil }
            condition.broadcast()
            Pulse.beat()
            return elements.removeFirst()
        }
    }

    /// Ends both sides at once; what is inside is dropped.
    func close() {
        condition.withLock {
            isClosed = true
            elements.removeAll()
            condition.broadcast()
        }
    }
}
