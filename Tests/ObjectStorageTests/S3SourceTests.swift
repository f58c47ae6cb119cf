import Foundation
import ObjectStorage
import ObjectStorageTesting
import Testing

/// Sources in a bucket of a real S3 API.
@Suite(.timeLimit(.minutes(3)))
struct S3SourceTests {
    private let content: [UInt8] = {
        var numbers = SeededNumbers(seed: 3)
        return (0..<50_000).flatMap { _ in withUnsafeBytes(of: numbers.next()) { Array($0) } }
    }()

    private func open(
        _ body: (RemoteSources, S3ObjectStore, S3Location) async throws -> Void
    ) async throws {
        let server = try await PrivateS3.shared()
        let location = try await server.makeBucket()
        var settings = RemoteSources.Settings()
        settings.buckets = [location]
        settings.credentials = server.credentials
        settings.windows.largest = 128 << 10
        try await body(RemoteSources(settings), S3ObjectStore(location, server.credentials), location)
    }

    private func read(_ source: any ByteSource, at offset: Int64, _ count: Int) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try source.bytes(at: offset, count) }) }.start()
        }
    }

    @Test func `an object is read from anywhere in it`() async throws {
        try await open { sources, store, location in
            let key = try #require(ObjectKey("uploads/clip.mp4"))
            try await store.put(content, at: key, .forKey(key))
            let source = try await sources.open("s3://\(location.bucket)/uploads/clip.mp4")
            #expect(source.size == Int64(content.count))
            var read: [UInt8] = []
            while read.count < content.count { read += try await self.read(source, at: Int64(read.count), 100_000) }
            #expect(read == content)
            #expect(try await self.read(source, at: 399_990, 100) == Array(content.suffix(10)))
            #expect(try await self.read(source, at: 400_000, 100) == [])
        }
    }

    @Test func `what is not there, and what is empty, is told`() async throws {
        try await open { sources, store, location in
            let error = await #expect(throws: ObjectStoreError.self) {
                try await sources.open("s3://\(location.bucket)/no such upload.mp4")
            }
            #expect(error?.code == .notFound)
            let key = try #require(ObjectKey("empty"))
            try await store.put([], at: key, .forKey(key))
            #expect(try await sources.open("s3://\(location.bucket)/empty").size == 0)
        }
    }

    @Test func `an object that is replaced while it is read is an error`() async throws {
        try await open { sources, store, location in
            let key = try #require(ObjectKey("clip.mp4"))
            try await store.put(content, at: key, .forKey(key))
            let source = try await sources.open("s3://\(location.bucket)/clip.mp4")
            try await store.put(content.reversed(), at: key, .forKey(key))
            let error = await #expect(throws: ObjectStoreError.self) { try await read(source, at: 300_000, 10) }
            #expect(error?.code == .changed)
        }
    }
}
