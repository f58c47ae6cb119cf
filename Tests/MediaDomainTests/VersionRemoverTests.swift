import EventSchema
import Foundation
import MediaDomain
import ObjectStorage
import Synchronization
import Testing

/// Keeps objects, and fails to delete as often as it is told to.
private final class Shelf: ObjectStore {
    private let objects = Mutex<Set<String>>([])
    private let failures: Mutex<Int>

    init(_ names: [String], failures: Int = 0) {
        self.failures = Mutex(failures)
        objects.withLock { $0 = Set(names) }
    }

    var names: Set<String> { objects.withLock { $0 } }

    func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError) {
        objects.withLock { _ = $0.insert(key.description) }
    }

    func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? { names.contains(key.description) ? [] : nil }

    func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        let fails = failures.withLock { count in
            defer { count = max(0, count - 1) }
            return count > 0
        }
        if fails { throw ObjectStoreError(.unavailable, "away") }
        objects.withLock { _ = $0.remove(key.description) }
    }

    func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] {
        names.filter { $0.hasPrefix("\(folder)/") }.sorted().prefix(limit).compactMap { ObjectKey($0) }
    }
}

struct VersionRemoverTests {
    private let media = UUID()
    private let later = VersionPrefix.own(of: UUID())
    private let front = ["asset.json", "manifest.mpd", "master.m3u8"]

    private func named(_ names: [String]) -> [String] { names.map { "\(media.lowercased)/\($0)" } }

    @Test func `the first version goes without what later ones and viewers need`() async throws {
        // More of others' than a page holds, and of the first one's on both sides of them.
        let others = (1...2500).map { "\(later)video/720p/seg_\($0).m4s" }
        let first = ["audio/und/seg_1.m4s", "poster.jpg", "thumb_1.jpg", "video/720p/init.mp4"]
        let neighbour = "\(UUID().lowercased)/video/720p/init.mp4"
        let shelf = Shelf(named(others + first + front) + [neighbour])
        try await VersionRemover(store: shelf).remove(VersionRemoval(mediaID: media, prefix: ""), withFront: false)
        #expect(shelf.names == Set(named(others + front) + [neighbour]))
    }

    @Test func `a later version goes without any other`() async throws {
        let other = VersionPrefix.own(of: UUID())
        let kept = ["video/720p/init.mp4", "\(other)thumb_1.jpg"] + front
        let shelf = Shelf(named((1...1200).map { "\(later)seg_\($0).m4s" } + kept))
        try await VersionRemover(store: shelf).remove(VersionRemoval(mediaID: media, prefix: later), withFront: false)
        #expect(shelf.names == Set(named(kept)))
    }

    @Test func `a media that nobody has published goes with its playlists`() async throws {
        let shelf = Shelf(named(["thumb_1.jpg"] + front))
        try await VersionRemover(store: shelf).remove(VersionRemoval(mediaID: media, prefix: ""), withFront: true)
        #expect(shelf.names.isEmpty)
    }

    @Test(arguments: ["r-x/", "video/", "../", "r-", "/"])
    func `nothing goes of what is no version`(prefix: String) async throws {
        let names = named(["\(prefix)a", "video/720p/init.mp4"])
        let shelf = Shelf(names)
        try await VersionRemover(store: shelf).remove(VersionRemoval(mediaID: media, prefix: prefix), withFront: false)
        #expect(shelf.names == Set(names))
    }

    @Test func `what could not be removed is said, and goes the next time`() async throws {
        let shelf = Shelf(named((1...40).map { "thumb_\($0).jpg" }), failures: 3)
        let remover = VersionRemover(store: shelf)
        await #expect(throws: ObjectStoreError.self) {
            try await remover.remove(VersionRemoval(mediaID: media, prefix: ""), withFront: false)
        }
        #expect(shelf.names.count == 3)
        try await remover.remove(VersionRemoval(mediaID: media, prefix: ""), withFront: false)
        #expect(shelf.names.isEmpty)
    }
}
