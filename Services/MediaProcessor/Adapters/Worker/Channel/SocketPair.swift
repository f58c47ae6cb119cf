import Glibc
import ObjectStorage

/// Two connected sockets: one for us, one for a child; both closed on exec and above the numbers that a child is given.
struct SocketPair {
    /// Seconds for which the child's reads and writes wait for us, and ours for the child.
    private static let patience = 300

    let ours: OpenFile
    let childs: OpenFile

    init?() {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        let originals = ends.map(OpenFile.init(owning:))
        guard let ours = originals[0].duplicate, let childs = originals[1].duplicate else { return nil }
        // A confined child may not set this itself; it is told by the socket.
        for end in [ours, childs] { end.limitWaiting(seconds: Self.patience) }
        self.ours = ours
        self.childs = childs
    }
}

extension OpenFile {
    fileprivate func limitWaiting(seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        unsafe _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Ends both directions: whoever waits on either end goes on.
    func hangUp() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Reads until `buffer` is full; `false` if the other end has gone before.
    func readExactly(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var filled = 0
        while filled < buffer.count {
            let count = unsafe read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            filled += count
        }
        return true
    }

    /// Reads exactly `count` bytes; `nil` if the other end has gone before.
    func readExactly(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return unsafe bytes.withUnsafeMutableBytes { unsafe readExactly($0) } ? bytes : nil
    }

    /// Writes all; `false` if the other end has gone or does not read.
    func writeAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
