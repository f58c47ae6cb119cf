import Foundation

/// Bounds what is on its way to the store: whoever brings more than that waits; once anything has failed for good, nothing
/// more is let in.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
package final class UploadWindow: @unchecked Sendable {
    private let condition = NSCondition()
    private let bounds: (objects: Int, bytes: Int)
    private var objects = 0
    private var bytes = 0
    private var failure: MediaError?
    private var isClosed = false

    package init(objects: Int, bytes: Int) {
        bounds = (objects, bytes)
    }

    /// Waits for room for an object of `size` bytes; one that is larger than the bound alone still passes, alone.
    package func enter(_ size: Int) throws(MediaError) {
        condition.lock()
        defer { condition.unlock() }
        while failure == nil, objects > 0, objects >= bounds.objects || bytes + size > bounds.bytes { condition.wait() }
        if let failure { throw failure }
        objects += 1
        bytes += size
    }

    /// An object has arrived, or never will.
    package func leave(_ size: Int, _ error: MediaError?) {
        condition.lock()
        defer { condition.unlock() }
        objects -= 1
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

    /// Waits until nothing is on its way.
    ///
    /// - Throws: what made something fail.
    package func settle() throws(MediaError) {
        condition.lock()
        defer { condition.unlock() }
        while objects > 0, !isClosed { condition.wait() }
        if let failure { throw failure }
    }
}
