import Foundation
import ObjectStorage
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RangedSourceTests {
    private static let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) }
    private let fetched = Ranges()

    /// What was asked for, in order.
    private final class Ranges: Sendable {
        private let ranges = Mutex<[Range<Int64>]>([])

        var all: [Range<Int64>] { ranges.withLock { $0 } }
        var bytes: Int { all.reduce(0) { $0 + $1.count } }

        func append(_ range: Range<Int64>) { ranges.withLock { $0.append(range) } }
    }

    private func source(first: Int = 1000, largest: Int = 64_000, kept: Int = 200_000) -> RangedSource {
        var windows = RangedSource.Windows()
        windows.first = first
        windows.largest = largest
        windows.kept = kept
        return RangedSource(size: Int64(Self.content.count), windows: windows) {
            [fetched] range throws(ObjectStoreError) in
            fetched.append(range)
            return Array(Self.content[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }

    /// Blocking reads, on a thread of their own.
    private func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Swift.Result { try work() }) }.start()
        }
    }

    @Test(arguments: [1, 7000, 100_000]) func `reading through it gives every byte once`(step: Int) async throws {
        let source = source(first: step == 1 ? 100_000 : 1000)
        let read = try await onThread {
            var read: [UInt8] = []
            let end = step == 1 ? 150_000 : Self.content.count
            while read.count < end {
                let piece = try source.bytes(at: Int64(read.count), step)
                if piece.isEmpty { break }
                read += piece
            }
            return read
        }
        #expect(read == Array(Self.content.prefix(read.count)))
        #expect(read.count >= (step == 1 ? 150_000 : Self.content.count))
        if step > 1 { #expect(fetched.bytes == Self.content.count) }
    }

    @Test func `blocks double while the reader goes on, up to their bound`() async throws {
        let source = source()
        _ = try await onThread {
            var offset: Int64 = 0
            while offset < 500_000 { offset += Int64(try source.bytes(at: offset, 4096).count) }
        }
        let counts = fetched.all.sorted { $0.lowerBound < $1.lowerBound }.map(\.count)
        #expect(counts.prefix(8) == [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000])
        // One ahead, and no more.
        #expect(fetched.bytes <= 500_000 + 2 * 64_000)
    }

    @Test func `a look at the end and back costs small blocks`() async throws {
        let source = source(first: 1000, largest: 64_000, kept: 200_000)
        _ = try await onThread {
            _ = try source.bytes(at: 0, 100)
            _ = try source.bytes(at: 999_000, 100)
            _ = try source.bytes(at: 999_500, 100)
            _ = try source.bytes(at: 100, 100)
        }
        #expect(fetched.all == [0..<1000, 999_000..<1_000_000])
    }

    @Test func `a block ends where the next one begins, and at the end of the source`() async throws {
        let source = source()
        _ = try await onThread {
            _ = try source.bytes(at: 500, 10)
            _ = try source.bytes(at: 0, 10)
            _ = try source.bytes(at: 999_990, 100)
        }
        #expect(fetched.all == [500..<1500, 0..<500, 999_990..<1_000_000])
    }

    @Test func `no more is kept than its bound, and what was used last stays`() async throws {
        let source = source(first: 1000, kept: 3000)
        _ = try await onThread {
            for offset in [0, 10_000, 20_000, 0, 30_000, 0, 10_000] as [Int64] { _ = try source.bytes(at: offset, 10) }
        }
        #expect(fetched.all.map(\.lowerBound) == [0, 10_000, 20_000, 30_000, 10_000])
    }

    @Test func `what was known at its start is not fetched`() async throws {
        let start = Array(Self.content.prefix(1000))
        let source = RangedSource(size: 2000, start: start) { [fetched] range throws(ObjectStoreError) in
            fetched.append(range)
            return Array(Self.content[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        let read = try await onThread { try source.bytes(at: 0, 5000) + (try source.bytes(at: 1000, 5000)) }
        #expect(read == Array(Self.content.prefix(2000)))
        #expect(fetched.all == [1000..<2000])
    }

    @Test func `reads outside of it give nothing`() async throws {
        let source = source()
        let counts = try await onThread {
            try [-1, Int64(Self.content.count), .max].map { try source.bytes(at: $0, 10).count }
        }
        #expect(counts == [0, 0, 0])
        #expect(fetched.all.isEmpty)
    }

    @Test func `a failure is told to who reads there, and tried again when it is read again`() async throws {
        let failures = Mutex(1)
        let source = RangedSource(size: 1000) { range throws(ObjectStoreError) in
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw ObjectStoreError(.unavailable, "down") }
            return [UInt8](repeating: 7, count: range.count)
        }
        let error = await #expect(throws: ObjectStoreError.self) { try await onThread { try source.bytes(at: 0, 10) } }
        #expect(error?.code == .unavailable)
        #expect(try await onThread { try source.bytes(at: 0, 10) } == [UInt8](repeating: 7, count: 10))
    }

    @Test func `a fetch of a wrong length is an error`() async throws {
        let source = RangedSource(size: 1000) { _ throws(ObjectStoreError) in [1, 2, 3] }
        await #expect(throws: ObjectStoreError.self) { try await onThread { try source.bytes(at: 0, 10) } }
    }

    @Test func `cancelling ends a read that waits, and all to come`() async throws {
        let (began, arrival) = AsyncStream.makeStream(of: Void.self)
        let source = RangedSource(size: 1000) { _ throws(ObjectStoreError) in
            arrival.yield()
            // Ends with the task alone.
            try? await Task.sleep(for: .seconds(3600))
            throw ObjectStoreError(.unavailable, "stopped waiting")
        }
        async let waiting: [UInt8] = onThread { try source.bytes(at: 0, 10) }
        for await _ in began { break }
        source.cancel()
        do {
            _ = try await waiting
            Issue.record("it gave bytes")
        } catch {
            #expect((error as? ObjectStoreError)?.code == .cancelled)
        }
        let error = await #expect(throws: ObjectStoreError.self) { try await onThread { try source.bytes(at: 0, 10) } }
        #expect(error?.code == .cancelled)
    }

    @Test func `threads that read at once get what they read`() async throws {
        let source = source(first: 1000, largest: 16_000, kept: 40_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<6 {
                group.addTask {
                    try await onThread {
                        var offset = Int64(thread * 150_000)
                        let end = offset + 150_000
                        while offset < end {
                            let piece = try source.bytes(at: offset, 5000)
                            #expect(piece == Array(Self.content[Int(offset)..<Int(offset) + piece.count]))
                            offset += Int64(piece.count)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
