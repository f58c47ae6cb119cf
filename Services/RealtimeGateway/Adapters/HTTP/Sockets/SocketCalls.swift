import Glibc
import NIOCore

/// Calls of the kernel on sockets that do not block.
enum SocketCalls {
    /// - Throws: ``IOError`` if `result`, of the call named `name`, says that it failed.
    static func checked(_ name: @autoclosure () -> String, _ result: CInt) throws -> CInt {
        let error = errno
        guard result >= 0 else { throw IOError(errnoCode: error, reason: name()) }
        return result
    }

    /// - Throws: ``IOError`` if the option cannot be set.
    static func set(_ option: CInt, _ value: CInt, _ level: CInt, on descriptor: CInt) throws {
        var value = value
        let result = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
        _ = try checked("setsockopt", result)
    }

    /// Bytes that one read takes at most.
    static let readBytes = 4096

    /// What came of a read.
    enum Received {
        /// - Parameter isAll: Whether nothing else had come.
        case bytes(isAll: Bool)
        case nothing
        /// The peer says no more, or the connection is broken.
        case end
    }

    /// Replaces what is in `buffer` by what has come.
    static func receive(_ descriptor: CInt, into buffer: inout ByteBuffer) -> Received {
        buffer.clear(minimumCapacity: readBytes)
        var failure: CInt = 0
        let count = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: readBytes) { bytes in
            var count: Int
            repeat {
                count = unsafe recv(descriptor, bytes.baseAddress, readBytes, CInt(MSG_DONTWAIT))
                failure = count < 0 ? errno : 0
            } while failure == EINTR
            return max(count, 0)
        }
        if count > 0 { return .bytes(isAll: count < readBytes) }
        return failure == EAGAIN ? .nothing : .end
    }

    /// Returns how many of the bytes the kernel took: none if it has no room; `nil` if the connection is broken.
    static func send(_ bytes: ByteBuffer, to descriptor: CInt) -> Int? {
        unsafe bytes.withUnsafeReadableBytes { bytes in
            while true {
                let sent = unsafe Glibc.send(
                    descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    CInt(MSG_NOSIGNAL | MSG_DONTWAIT)
                )
                if sent >= 0 { return sent }
                switch errno {
                case EINTR: continue
                case EAGAIN: return 0
                default: return nil
                }
            }
        }
    }
}
