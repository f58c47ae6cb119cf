import Foundation
import ObjectStorage
import Testing

struct LocalObjectStoreTests {
    private let folder: TemporaryFolder
    private let store: LocalObjectStore

    init() throws {
        folder = try TemporaryFolder()
        store = try LocalObjectStore(root: folder.path + "/objects")
    }

    private func put(_ text: String, at key: ObjectKey) async throws {
        try await store.put(Array(text.utf8), at: key, .forKey(key))
    }

    @Test func `what was put can be got`() async throws {
        let key = try #require(ObjectKey("media/video/720p/seg_00001.m4s"))
        try await put("bytes", at: key)
        #expect(try await store.get(key) == Array("bytes".utf8))
    }

    @Test func `an object that is not there is nil`() async throws {
        #expect(try await store.get(try #require(ObjectKey("no/such/object"))) == nil)
    }

    @Test func `a second put replaces the whole object`() async throws {
        let key = try #require(ObjectKey("a/b.json"))
        try await put("something long", at: key)
        try await put("short", at: key)
        #expect(try await store.get(key) == Array("short".utf8))
    }

    @Test func `an empty object is an object`() async throws {
        let key = try #require(ObjectKey("empty.json"))
        try await put("", at: key)
        #expect(try await store.get(key) == [])
    }

    @Test func `a deleted object is gone, and deleting it again is no error`() async throws {
        let key = try #require(ObjectKey("a/b.json"))
        try await put("x", at: key)
        try await store.delete(key)
        try await store.delete(key)
        #expect(try await store.get(key) == nil)
    }

    @Test func `no unfinished file stays behind`() async throws {
        let key = try #require(ObjectKey("a/b.json"))
        try await put("x", at: key)
        #expect(try folder.names(in: "objects/.incoming").isEmpty)
        store.tidy()
        #expect(try folder.names(in: "objects") == ["a"])
    }

    @Test func `a failed put leaves the old object and no unfinished file`() async throws {
        let blocked = try #require(ObjectKey("a/b"))
        let inside = try #require(ObjectKey("a/b/c.json"))
        try await put("a file where a folder is needed", at: blocked)
        await #expect(throws: ObjectStoreError.self) { try await put("x", at: inside) }
        #expect(try await store.get(blocked) == Array("a file where a folder is needed".utf8))
        #expect(try folder.names(in: "objects/.incoming").isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func `a reader sees the old object or the new one, never a part`() async throws {
        let key = try #require(ObjectKey("media/seg.m4s"))
        let contents = (0..<2).map { [UInt8](repeating: UInt8($0), count: 300_000) }
        try await store.put(contents[0], at: key, .forKey(key))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<20 { try await store.put(contents[round % 2], at: key, .forKey(key)) }
            }
            group.addTask {
                for _ in 0..<50 {
                    let seen = try await store.get(key)
                    #expect(seen == contents[0] || seen == contents[1])
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a linked folder below the root is not entered`() async throws {
        try folder.write("secret", to: "outside/secret.json")
        try folder.link("objects/door", to: "\(folder.path)/outside")
        let key = try #require(ObjectKey("door/secret.json"))
        await #expect { try await store.get(key) } throws: { ($0 as? ObjectStoreError)?.code == .accessDenied }
        await #expect { try await put("x", at: key) } throws: { ($0 as? ObjectStoreError)?.code == .accessDenied }
        #expect(try folder.names(in: "outside") == ["secret.json"])
    }

    @Test func `a linked file is not read, and a put replaces the link, not what it points to`() async throws {
        try folder.write("secret", to: "secret.json")
        try folder.link("objects/alias.json", to: "\(folder.path)/secret.json")
        let key = try #require(ObjectKey("alias.json"))
        await #expect { try await store.get(key) } throws: { ($0 as? ObjectStoreError)?.code == .accessDenied }
        try await put("new", at: key)
        #expect(try String(contentsOfFile: "\(folder.path)/secret.json", encoding: .utf8) == "secret")
        #expect(try await store.get(key) == Array("new".utf8))
    }

    @Test func `what a dead writer left is cleared away when it is a day old`() throws {
        try folder.write("old", to: "objects/.incoming/old")
        try folder.write("new", to: "objects/.incoming/new")
        let yesterday = Date(timeIntervalSinceNow: -90_000)
        try FileManager.default.setAttributes(
            [.modificationDate: yesterday],
            ofItemAtPath: "\(folder.path)/objects/.incoming/old"
        )
        _ = try LocalObjectStore(root: folder.path + "/objects")
        #expect(try folder.names(in: "objects/.incoming") == ["new"])
    }
}
