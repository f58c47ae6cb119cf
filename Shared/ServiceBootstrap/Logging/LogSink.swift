import Glibc
import Synchronization

/// Where log lines go; safe from any thread.
package final class LogSink: Sendable {
    private let write: @Sendable ([UInt8]) -> Void

    /// A sink of one's own, for tests.
    package init(_ write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// Standard error: one `write` per line, so that lines of several processes on one pipe stay whole.
    package static let standardError: LogSink = {
        let order = Mutex(())
        return LogSink { line in order.withLock { _ in LogSink.writeAll(line, to: STDERR_FILENO) } }
    }()

    func append(_ line: [UInt8]) { write(line) }

    private static func writeAll(_ line: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < line.count {
            let count = unsafe line.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads the log any more, or its disk is full; a service does not stop for that.
            guard count > 0 else { return }
            written += count
        }
    }
}
