import Foundation
import ObjectStorage

/// Reads a remote source for a child that has neither network nor credentials.
///
/// One request at a time, on a thread of its own, which ends when the child has gone, asks for what no child of ours asks
/// for, or ``stop()`` is called. Holds one buffer of ``SourceRequest/largestLength`` bytes.
final class SourceServer: Sendable {
    private let source: any ByteSource
    private let socket: OpenFile

    init(_ source: any ByteSource, to socket: OpenFile) {
        self.source = source
        self.socket = socket
    }

    func start() {
        let thread = Thread { self.serve() }
        thread.name = "source"
        thread.start()
    }

    /// Ends the conversation, and the read that is under way.
    func stop() {
        socket.hangUp()
        source.cancel()
    }

    private func serve() {
        BrokenPipe.block()
        var buffer = [UInt8](repeating: 0, count: SourceRequest.largestLength)
        while let bytes = socket.readExactly(SourceRequest.size), let request = SourceRequest(bytes) {
            guard answer(request, &buffer) else { break }
        }
        // A child that waits for an answer is told that there is none.
        socket.hangUp()
    }

    private func answer(_ request: SourceRequest, _ buffer: inout [UInt8]) -> Bool {
        let left = max(0, source.size - request.offset)
        let length = Int(min(Int64(request.length), left))
        do throws(ObjectStoreError) {
            let count = length == 0 ? 0 : try read(length, at: request.offset, &buffer)
            return send(SourceAnswer(isFailure: false, length: count), buffer[..<count])
        } catch {
            let reason = SourceFailure.bytes(of: error)
            return send(SourceAnswer(isFailure: true, length: reason.count), reason[...])
        }
    }

    private func read(_ length: Int, at offset: Int64, _ buffer: inout [UInt8]) throws(ObjectStoreError) -> Int {
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(ObjectStoreError) in
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<length])
                return unsafe try source.read(into: part, at: offset)
            }
        }
        // A source that claims more than it was asked for is not believed.
        return min(length, max(0, try result.get()))
    }

    private func send(_ answer: SourceAnswer, _ bytes: ArraySlice<UInt8>) -> Bool {
        let head = answer.bytes
        guard unsafe head.withUnsafeBytes({ unsafe socket.writeAll($0) }) else { return false }
        return unsafe bytes.withUnsafeBytes { unsafe socket.writeAll($0) }
    }
}
