import Foundation
import ObjectStorage

/// A source that several threads read at once, each at a place of its own, though the bytes are fetched once.
///
/// Pictures and sound lie side by side in a file and are read at about the same time. Keeps what was read last, and lets
/// one thread fetch at a time.
///
/// `@unchecked Sendable`: all state is touched with `lock` locked.
final class SharedSource: ByteSource, @unchecked Sendable {
    /// Bytes fetched at once, and how many such blocks are kept.
    private static let blockSize = 512 << 10
    private static let blockCount = 24

    private let source: any ByteSource
    private let lock = NSLock()
    private var blocks: [Int64: [UInt8]] = [:]
    /// The blocks' numbers, the one used last at the end.
    private var order: [Int64] = []

    var size: Int64 { source.size }

    init(_ source: any ByteSource) { self.source = source }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ObjectStoreError) -> Int {
        guard offset >= 0, offset < size, !buffer.isEmpty else { return 0 }
        lock.lock()
        defer { lock.unlock() }
        let number = offset / Int64(Self.blockSize)
        let block = try self.block(number)
        let start = Int(offset - number * Int64(Self.blockSize))
        guard start < block.count else { return 0 }
        let count = min(buffer.count, block.count - start)
        block.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
        return count
    }

    private func block(_ number: Int64) throws(ObjectStoreError) -> [UInt8] {
        if let block = blocks[number] {
            order.removeAll { $0 == number }
            order.append(number)
            return block
        }
        let block = try fetch(number)
        if order.count >= Self.blockCount { blocks[order.removeFirst()] = nil }
        order.append(number)
        blocks[number] = block
        return block
    }

    private func fetch(_ number: Int64) throws(ObjectStoreError) -> [UInt8] {
        let start = number * Int64(Self.blockSize)
        var bytes = [UInt8](repeating: 0, count: Int(min(Int64(Self.blockSize), size - start)))
        var filled = 0
        while filled < bytes.count {
            let count = try read(into: &bytes, from: filled, at: start + Int64(filled))
            guard count > 0 else { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    private func read(into bytes: inout [UInt8], from index: Int, at offset: Int64) throws(ObjectStoreError) -> Int {
        let result: Result<Int, ObjectStoreError> = bytes.withUnsafeMutableBytes { buffer in
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[index...])
            return Result { () throws(ObjectStoreError) in try source.read(into: rest, at: offset) }
        }
        return try result.get()
    }
}
