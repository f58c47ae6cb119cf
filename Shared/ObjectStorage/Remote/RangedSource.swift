import Foundation

/// A source behind a network, read in blocks that are fetched ahead of a reader who goes through it in order.
///
/// Blocks begin small and double while the reader goes on, so that a look at the end of a file costs little and a file
/// that is read through comes in large pieces; of those, the next is on its way while one is read. What was read last
/// is kept up to a bound. Reads block; several threads may read. What is fetched is the same version throughout.
package final class RangedSource: ByteSource, @unchecked Sendable {
    /// Bytes of things.
    package struct Windows: Sendable {
        /// The first block at a place.
        package var first = 64 << 10
        /// What blocks grow to.
        package var largest = 4 << 20
        /// All blocks, those on their way included.
        package var kept = 12 << 20

        package init() {}
    }

    /// Fetches a range, whole, with its own retries.
    package typealias Fetch = @Sendable (Range<Int64>) async throws(ObjectStoreError) -> [UInt8]

    package let size: Int64
    private let windows: Windows
    private let fetch: Fetch

    // Guarded by `condition`, which is why this class may call itself Sendable.
    private let condition = NSCondition()
    private var blocks: [Block] = []
    private var uses: UInt64 = 0
    private var isCancelled = false

    /// - Parameter start: The first bytes, if they are known already.
    package init(size: Int64, start: [UInt8] = [], windows: Windows = Windows(), fetch: @escaping Fetch) {
        self.size = size
        self.windows = windows
        self.fetch = fetch
        if !start.isEmpty {
            blocks = [Block(0..<Int64(start.count), content: .success(start))]
        }
    }

    deinit {
        for block in blocks { block.task?.cancel() }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ObjectStoreError) -> Int {
        guard offset >= 0, offset < size, buffer.count > 0 else { return 0 }
        let bytes = try block(at: offset)
        let count = min(buffer.count, Int(bytes.range.upperBound - offset))
        let start = Int(offset - bytes.range.lowerBound)
        unsafe bytes.content.withUnsafeBytes { content in
            unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: content[start..<start + count]))
        }
        return count
    }

    package func cancel() {
        condition.lock()
        defer { condition.unlock() }
        isCancelled = true
        for block in blocks { block.task?.cancel() }
        condition.broadcast()
    }

    // MARK: Blocks

    /// A piece of the source, there or on its way; guarded by the owner's `condition`.
    private final class Block {
        let range: Range<Int64>
        /// Whether the reader came here from what lies before.
        var isContinued = false
        var lastUse: UInt64 = 0
        /// Threads that wait for it.
        var readers = 0
        var content: Result<[UInt8], ObjectStoreError>?
        var task: Task<Void, Never>?

        init(_ range: Range<Int64>, content: Result<[UInt8], ObjectStoreError>? = nil) {
            self.range = range
            self.content = content
        }
    }

    /// The block that holds the byte at `offset`, waited for.
    private func block(at offset: Int64) throws(ObjectStoreError) -> (range: Range<Int64>, content: [UInt8]) {
        condition.lock()
        defer { condition.unlock() }
        guard !isCancelled else { throw .cancelled }
        let block = found(at: offset) ?? begin(at: offset)
        uses += 1
        block.lastUse = uses
        if block.isContinued { fetchAhead(of: block) }
        block.readers += 1
        while block.content == nil, !isCancelled { condition.wait() }
        block.readers -= 1
        guard !isCancelled, let content = block.content else { throw .cancelled }
        switch content {
        case .success(let bytes): return (block.range, bytes)
        case .failure(let error):
            // Whoever asks again, has it tried again.
            blocks.removeAll { $0 === block }
            throw error
        }
    }

    private func found(at offset: Int64) -> Block? { blocks.first { $0.range.contains(offset) } }

    /// The block from `offset` on: twice as large as the one that ends there, if one does.
    private func begin(at offset: Int64) -> Block {
        let previous = blocks.first { $0.range.upperBound == offset }
        let length = previous.map { min(Int64($0.range.count) * 2, Int64(windows.largest)) } ?? Int64(windows.first)
        let next = blocks.lazy.map(\.range.lowerBound).filter { $0 > offset }.min() ?? size
        let block = Block(offset..<min(offset + max(length, 1), next, size))
        block.isContinued = previous != nil
        makeRoom(for: block.range.count)
        launch(block)
        return block
    }

    private func fetchAhead(of block: Block) {
        let end = block.range.upperBound
        guard end < size, found(at: end) == nil else { return }
        let length = min(block.range.count * 2, windows.largest)
        block.readers += 1
        defer { block.readers -= 1 }
        guard makeRoom(for: length) else { return }
        // It counts as used just now, so that it is not the first to go.
        begin(at: end).lastUse = block.lastUse
    }

    /// Drops what was not used for longest and nobody waits for; tells whether that was enough.
    @discardableResult
    private func makeRoom(for length: Int) -> Bool {
        var total = blocks.reduce(0) { $0 + $1.range.count }
        while total + length > windows.kept {
            let free = blocks.filter { $0.readers == 0 }
            guard let oldest = free.min(by: { $0.lastUse < $1.lastUse }) else { return false }
            oldest.task?.cancel()
            blocks.removeAll { $0 === oldest }
            total -= oldest.range.count
        }
        return true
    }

    private func launch(_ block: Block) {
        blocks.append(block)
        let range = block.range
        let arrival = Arrival(block: block)
        block.task = Task { [weak self, fetch] in
            let result = await Self.result(of: range, fetch)
            self?.finish(arrival, result)
        }
    }

    private static func result(of range: Range<Int64>, _ fetch: Fetch) async -> Result<[UInt8], ObjectStoreError> {
        do throws(ObjectStoreError) {
            let bytes = try await fetch(range)
            guard bytes.count == range.count else {
                return .failure(ObjectStoreError(.unavailable, "\(bytes.count) bytes came in place of \(range.count)"))
            }
            return .success(bytes)
        } catch {
            return .failure(error)
        }
    }

    /// A block on its way through a task, which does nothing with it but hand it back.
    private struct Arrival: @unchecked Sendable {
        // Touched in `finish` alone, under `condition`.
        let block: Block
    }

    private func finish(_ arrival: Arrival, _ result: Result<[UInt8], ObjectStoreError>) {
        condition.lock()
        defer { condition.unlock() }
        arrival.block.content = result
        arrival.block.task = nil
        condition.broadcast()
    }
}
