import Foundation
import ObjectStorage
import Testing

struct LocalListingTests {
    private let folder: TemporaryFolder
    private let store: LocalObjectStore

    init() throws {
        folder = try TemporaryFolder()
        store = try LocalObjectStore(root: folder.path + "/objects")
    }

    private func put(_ keys: String...) async throws {
        for key in keys.compactMap(ObjectKey.init) { try await store.put([1], at: key, .forKey(key)) }
    }

    private func list(_ folder: String, limit: Int = 100) async throws -> [String] {
        try await store.keys(under: try #require(ObjectKey(folder)), limit: limit).map(\.description)
    }

    @Test func `all keys below a folder are listed in the order of their bytes`() async throws {
        try await put("m/a0", "m/a/z", "m/a-b", "m/a.b/c/d", "m/B", "m2/x", "other")
        #expect(try await list("m") == ["m/B", "m/a-b", "m/a.b/c/d", "m/a/z", "m/a0"])
        #expect(try await list("m/a") == ["m/a/z"])
    }

    @Test func `a listing ends at its limit, and what follows is listed once those are deleted`() async throws {
        try await put("m/1", "m/2/a", "m/2/b", "m/3")
        #expect(try await list("m", limit: 2) == ["m/1", "m/2/a"])
        for key in ["m/1", "m/2/a"] { try await store.delete(try #require(ObjectKey(key))) }
        #expect(try await list("m", limit: 2) == ["m/2/b", "m/3"])
    }

    @Test func `a folder that is not there, or is an object, holds nothing`() async throws {
        try await put("m/object")
        #expect(try await list("nothing") == [])
        #expect(try await list("m/object") == [])
    }

    @Test func `links are not listed`() async throws {
        try await put("m/a")
        try folder.write("secret", to: "outside/secret")
        try folder.link("objects/m/door", to: "\(folder.path)/outside")
        try folder.link("objects/m/file", to: "\(folder.path)/outside/secret")
        #expect(try await list("m") == ["m/a"])
    }

    @Test func `deleting the last object of a folder removes the folder, and only empty ones`() async throws {
        try await put("m/video/720p/seg", "m/poster")
        try await store.delete(try #require(ObjectKey("m/video/720p/seg")))
        #expect(try folder.names(in: "objects/m") == ["poster"])
        try await store.delete(try #require(ObjectKey("m/poster")))
        #expect(try folder.names(in: "objects") == [".incoming"])
    }

    @Test(.timeLimit(.minutes(1))) func `puts survive that their folder is being emptied`() async throws {
        let keys = (0..<2).compactMap { ObjectKey("m/folder-\($0)/deep/object") }
        // Neighbours that come and go: the folder `m` is removed again and again, from other queues too.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in keys {
                group.addTask { [store] in
                    for _ in 0..<100 {
                        try await store.put([1], at: key, .forKey(key))
                        #expect(try await store.get(key) == [1])
                        try await store.delete(key)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
