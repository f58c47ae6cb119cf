import Foundation
import ObjectStorage
import Synchronization

/// Bytes in memory as a remote source; fails from some offset on, if it is told to.
final class MemorySource: ByteSource {
    private let bytes: Data
    private let failsFrom: Int
    private let reads = Mutex<[Range<Int>]>([])

    init(_ bytes: Data, failsFrom: Int = .max) {
        self.bytes = bytes
        self.failsFrom = failsFrom
    }

    var size: Int64 { Int64(bytes.count) }
    /// What was asked of it.
    var asked: [Range<Int>] { reads.withLock { $0 } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ObjectStoreError) -> Int {
        let start = Int(offset)
        let end = min(bytes.count, start + buffer.count)
        reads.withLock { $0.append(start..<start + buffer.count) }
        guard end <= failsFrom else { throw ObjectStoreError(.unavailable, "the server is gone") }
        guard start < end else { return 0 }
        return bytes.copyBytes(to: buffer, from: start..<end)
    }
}
