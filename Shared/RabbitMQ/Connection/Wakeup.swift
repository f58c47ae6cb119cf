import CRabbitMQ
import Foundation

/// Wakes a thread out of poll(2), from any other thread.
final class Wakeup: Sendable {
    /// Readable once somebody has signalled.
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(descriptor >= 0, "no eventfd: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Waits for a signal or for `socket` to become readable, and takes the signal; false if neither came in time.
    @discardableResult
    func wait(alongside socket: Int32 = -1, atMost timeout: Duration) -> Bool {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        // Rounded up, so that a wait for less than a millisecond does not spin.
        guard poll(&descriptors, 2, Int32(clamping: timeout.wholeMilliseconds + 1)) > 0 else { return false }
        guard descriptors[0].revents != 0 else { return true }
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return true
    }
}
