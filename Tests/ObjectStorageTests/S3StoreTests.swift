import Foundation
import ObjectStorage
import ObjectStorageTesting
import Testing

/// The store on a real S3 API.
@Suite(.timeLimit(.minutes(3)))
struct S3StoreTests {
    private let server: PrivateS3
    private let location: S3Location
    private let store: S3ObjectStore

    init() async throws {
        server = try await PrivateS3.shared()
        location = try await server.makeBucket(prefix: "vod")
        var sizes = S3ObjectStore.Sizes()
        sizes.single = 6 << 20
        sizes.part = 5 << 20
        store = S3ObjectStore(location, server.credentials, sizes: sizes)
    }

    private func put(_ keys: String...) async throws {
        for key in keys.compactMap(ObjectKey.init) {
            try await store.put(Array(key.description.utf8), at: key, .forKey(key))
        }
    }

    private func list(_ folder: String, limit: Int = 100) async throws -> [String] {
        try await store.keys(under: try #require(ObjectKey(folder)), limit: limit).map(\.description)
    }

    @Test func `what was put can be got, replaced and deleted`() async throws {
        let key = try #require(ObjectKey("m/video/720p/seg_00001.m4s"))
        #expect(try await store.get(key) == nil)
        for text in ["something long", "", "short"] {
            try await store.put(Array(text.utf8), at: key, .forKey(key))
            #expect(try await store.get(key) == Array(text.utf8))
        }
        try await store.delete(key)
        try await store.delete(key)
        #expect(try await store.get(key) == nil)
    }

    @Test func `keys are listed in the order of their bytes, below the folder alone, until they are deleted`()
        async throws
    {
        try await put("m/a0", "m/a/z", "m/a-b", "m/a.b/c/d", "m/B", "m2/x", "other")
        #expect(try await list("m") == ["m/B", "m/a-b", "m/a.b/c/d", "m/a/z", "m/a0"])
        #expect(try await list("m", limit: 2) == ["m/B", "m/a-b"])
        for key in try await store.keys(under: try #require(ObjectKey("m")), limit: 100) { try await store.delete(key) }
        #expect(try await list("m") == [])
        #expect(try await list("m2") == ["m2/x"])
    }

    @Test func `an object in parts is the whole object, and can be replaced and deleted`() async throws {
        let key = try #require(ObjectKey("m/large.mp4"))
        var numbers = SeededNumbers(seed: 1)
        let bytes = (0..<(11 << 20) / 8).flatMap { _ in withUnsafeBytes(of: numbers.next()) { Array($0) } }
        try await store.put(bytes, at: key, .forKey(key))
        #expect(try await store.get(key) == bytes)
        #expect(try await list("m") == ["m/large.mp4"])
        try await store.put([1], at: key, .forKey(key))
        #expect(try await store.get(key) == [1])
        try await store.delete(key)
        #expect(try await store.get(key) == nil)
    }

    @Test func `wrong keys and a bucket that is not there are errors that say what to do`() async throws {
        let key = try #require(ObjectKey("a"))
        let wrong = S3ObjectStore(location, S3Credentials(accessKeyID: "test:tester", secretAccessKey: "hidden"))
        let denied = await #expect(throws: ObjectStoreError.self) { try await wrong.put([1], at: key, .forKey(key)) }
        #expect(denied?.code == .accessDenied && denied?.message.contains("AWS_SECRET_ACCESS_KEY") == true)
        let nowhere = try S3Location(parsing: "s3://no-such-bucket?endpoint=\(server.endpoint)")
        let missing = S3ObjectStore(nowhere, server.credentials)
        let error = await #expect(throws: ObjectStoreError.self) { try await missing.put([1], at: key, .forKey(key)) }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("NoSuchBucket") == true)
    }
}
