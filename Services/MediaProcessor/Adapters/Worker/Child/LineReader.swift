import Glibc

/// Reads lines from a descriptor, without the C library's locks, which hold up the end of a process.
///
/// `@unchecked Sendable`: one thread reads, and hands it to the next one whole.
final class LineReader: @unchecked Sendable {
    private let descriptor: Int32
    /// Whoever gave the order is to be believed; it holds every part that is done, of twelve hours if need be.
    private var buffer = LineBuffer(maximumLength: 256 << 20)
    private var lines: [[UInt8]] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Waits for the next line, without its end; `nil` when there will be none.
    func next() -> [UInt8]? {
        while lines.isEmpty {
            guard let bytes = readSome(), let whole = buffer.append(bytes) else { return nil }
            lines = whole
        }
        return lines.removeFirst()
    }

    private func readSome() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { return Array(bytes.prefix(count)) }
            if count == 0 || errno != EINTR { return nil }
        }
    }
}
