import ObjectStorage
import Synchronization

/// A source that the service reads for its child.
final class ChannelSource: ByteSource {
    let size: Int64
    /// Held for a whole question and answer.
    private let socket: Mutex<OpenFile>

    init(_ socket: OpenFile, size: Int64) {
        self.size = size
        self.socket = Mutex(socket)
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(ObjectStoreError) -> Int {
        guard offset >= 0, offset < size, buffer.count > 0 else { return 0 }
        let length = min(buffer.count, SourceRequest.largestLength)
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
        let request = SourceRequest(offset: offset, length: length)
        return try socket.withLock { (socket) throws(ObjectStoreError) in
            unsafe try Self.exchange(request, part, socket)
        }
    }

    private static func exchange(
        _ request: SourceRequest,
        _ buffer: UnsafeMutableRawBufferPointer,
        _ socket: OpenFile
    ) throws(ObjectStoreError) -> Int {
        guard socket.writeAll(request.bytes), let head = socket.readExactly(SourceAnswer.size) else { throw gone }
        let answer = SourceAnswer(head)
        guard answer.length <= request.length || answer.isFailure && answer.length <= 1 << 16 else { throw gone }
        if answer.isFailure {
            guard let reason = socket.readExactly(answer.length) else { throw gone }
            throw SourceFailure.error(from: reason)
        }
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<answer.length])
        guard unsafe socket.readExactly(part) else { throw gone }
        return answer.length
    }

    private static let gone = ObjectStoreError(.unavailable, "the service no longer reads the source")
}
