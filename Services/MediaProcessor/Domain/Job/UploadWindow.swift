import Foundation

/// Bounds what is on its way to the store: whoever brings more than that waits; once anything has failed for good, nothing
/// more is let in.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
package final class UploadWindow: @unchecked Sendable {
    private let condition = NSCondition()
    private let bounds: (objects: Int, bytes: Int)
    /// The numbers of the objects that are on their way.
    private var objects: Set<Int> = []
    private var count = 0
    private var bytes = 0
    private var failure: MediaError?
    private var isClosed = false

    package init(objects: Int, bytes: Int) {
        bounds = (objects, bytes)
    }

    /// Waits for room for an object of `size` bytes; one that is larger than the bound alone still passes, alone.
    ///
    /// - Returns: Its number, by which it leaves.
    package func enter(_ size: Int) throws(MediaError) -> Int {
        condition.lock()
        defer { condition.unlock() }
        while failure == nil, !objects.isEmpty, objects.count >= bounds.objects || bytes + size > bounds.bytes {
            condition.wait()
        }
        if let failure { throw failure }
        count += 1
        objects.insert(count)
        bytes += size
        return count
    }

    /// An object has arrived, or never will.
    package func leave(_ number: Int, _ size: Int, _ error: MediaError?) {
        condition.lock()
        defer { condition.unlock() }
        objects.remove(number)
        bytes -= size
        failure = failure ?? error
        condition.broadcast()
    }

    /// Lets nothing more in; what is on its way is still waited for.
    package func fail(_ error: MediaError) {
        condition.lock()
        defer { condition.unlock() }
        failure = failure ?? error
        condition.broadcast()
    }

    /// Lets nothing more in, and nobody wait for what is on its way.
    package func close(_ error: MediaError) {
        condition.lock()
        defer { condition.unlock() }
        failure = failure ?? error
        isClosed = true
        condition.broadcast()
    }

    /// Waits until nothing is on its way of what has entered so far.
    ///
    /// - Throws: what made something fail.
    package func settle() throws(MediaError) {
        condition.lock()
        defer { condition.unlock() }
        let last = count
        while !isClosed, objects.contains(where: { $0 <= last }) { condition.wait() }
        if let failure { throw failure }
    }
}
