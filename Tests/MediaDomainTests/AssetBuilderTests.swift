import Foundation
import MediaDomain
import ObjectStorage
import Synchronization
import Testing

/// Notes what is stored, and where everything before it had to be durable.
private final class RecordingStore: ArtifactStore {
    private let log = Mutex<[String]>([])
    private let contents = Mutex<[String: [UInt8]]>([:])

    var names: [String] { log.withLock { $0 } }

    func bytes(of name: String) -> [UInt8]? { contents.withLock { $0[name] } }

    func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        log.withLock { $0.append(name) }
        contents.withLock { $0[name] = bytes }
    }

    func remove(_ name: String) throws(MediaError) {
        log.withLock { $0.append("-- removed \(name)") }
        contents.withLock { $0[name] = nil }
    }

    func settle() throws(MediaError) {
        log.withLock { $0.append("-- settled") }
    }
}

struct AssetBuilderTests {
    private let store = RecordingStore()

    private func job(prefix: String = "") throws -> MediaJob {
        MediaJob(
            eventID: try #require(UUID(uuidString: "11111111-2222-3333-4444-555555555555")),
            mediaID: try #require(UUID(uuidString: "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE")),
            sourceURI: "file:///uploads/a.mp4",
            settings: TranscodeSettings(),
            prefix: prefix
        )
    }

    @Test func `nothing is stored that names what is not stored yet`() throws {
        let builder = AssetBuilder(transcoder: FakeTranscoder(), store: store)
        _ = try builder.build(try job(), from: NoBytes()) { _, _ in }
        #expect(
            store.names == [
                "video/480p/init.mp4", "video/480p/seg_00001.m4s", "video/360p/init.mp4", "video/360p/seg_00001.m4s",
                "poster.jpg", "-- settled",
                "video/480p/media.m3u8", "video/480p/iframes.m3u8", "video/360p/media.m3u8",
                "video/360p/iframes.m3u8", "storyboard.vtt", "-- settled",
                "master.m3u8", "manifest.mpd", "SHA256SUMS", "-- settled",
                "asset.json", "-- settled",
            ]
        )
    }

    @Test func `what parts have made behind the end that is found later is taken away again`() throws {
        let strays = ["video/360p/seg_00002.m4s", "thumb_2.jpg", "storyboard_2.jpg"]
        let builder = AssetBuilder(transcoder: FakeTranscoder(strays: strays), store: store)
        _ = try builder.build(try job(prefix: "v2/"), from: NoBytes()) { _, _ in }
        #expect(
            store.names.filter { $0.hasPrefix("-- removed") }.sorted()
                == strays.map { "-- removed v2/\($0)" }.sorted()
        )
        let listed = String(decoding: try #require(store.bytes(of: "v2/SHA256SUMS")), as: UTF8.self)
        #expect(listed.contains("video/360p/seg_00001.m4s") && !strays.contains(where: listed.contains))
    }

    @Test func `a failed transcode publishes nothing`() throws {
        let failure = MediaError(.decodeFailed, "broken")
        let builder = AssetBuilder(transcoder: FakeTranscoder(failure: failure), store: store)
        #expect(throws: failure) { try builder.build(try job(), from: NoBytes()) { _, _ in } }
        #expect(!store.names.contains { $0.hasSuffix(".m3u8") || $0.hasSuffix(".mpd") || $0.hasSuffix(".json") })
    }

    @Test func `a second upload of a media gets a folder of its own, below the same playlists`() throws {
        let builder = AssetBuilder(transcoder: FakeTranscoder(), store: store)
        _ = try builder.build(try job(prefix: "r-1/"), from: NoBytes()) { _, _ in }
        let outside = store.names.filter { !$0.hasPrefix("r-1/") && $0 != "-- settled" }
        #expect(outside == ["master.m3u8", "manifest.mpd", "asset.json"])
        let master = String(decoding: try #require(store.bytes(of: "master.m3u8")), as: UTF8.self)
        #expect(master.contains("\nr-1/video/480p/media.m3u8\n"))
    }

    @Test func `every object is in the list of checksums, and those that name it are in the description`() throws {
        let builder = AssetBuilder(transcoder: FakeTranscoder(), store: store)
        let asset = try builder.build(try job(prefix: "r-1/"), from: NoBytes()) { _, _ in }
        let objects = Set(store.names).subtracting(["-- settled", "asset.json"])
        var expected: [String: String] = [:]
        for name in objects { expected[name] = ContentDigest.sha256(try #require(store.bytes(of: name))) }
        let front = ["master.m3u8", "manifest.mpd", "r-1/SHA256SUMS"]
        #expect(asset.checksums == expected.filter { front.contains($0.key) })
        let list = expected.filter { !front.contains($0.key) }.sorted { $0.key < $1.key }
        #expect(
            String(decoding: try #require(store.bytes(of: "r-1/SHA256SUMS")), as: UTF8.self)
                == list.map { "\($0.value)  \($0.key.dropFirst("r-1/".count))\n" }.joined()
        )
    }

    @Test func `a repeated job writes the same bytes, and its description can be read back`() throws {
        let again = RecordingStore()
        let asset = try AssetBuilder(transcoder: FakeTranscoder(), store: store).build(try job(), from: NoBytes()) {
            _,
            _ in
        }
        _ = try AssetBuilder(transcoder: FakeTranscoder(), store: again).build(try job(), from: NoBytes()) { _, _ in }
        for name in store.names where name != "-- settled" { #expect(store.bytes(of: name) == again.bytes(of: name)) }
        #expect(AssetDescription(parsing: try #require(store.bytes(of: "asset.json"))) == asset)
        #expect(asset.video.map(\.name) == ["480p", "360p"] && asset.duration == 2)
    }
}

struct ProgressMeterTests {
    @Test func `percent never goes back`() {
        var meter = ProgressMeter()
        #expect(meter.advance(.probing, fraction: 0, elapsed: .zero).percent == 0)
        #expect(meter.advance(.transcoding, fraction: 0.5, elapsed: .seconds(1)).percent == 49)
        #expect(meter.advance(.transcoding, fraction: 0.25, elapsed: .seconds(2)).percent == 49)
        let late = meter.advance(.probing, fraction: 1, elapsed: .seconds(3))
        #expect(late.percent == 49 && late.stage == .transcoding)
        #expect(meter.advance(.publishing, fraction: 1, elapsed: .seconds(4)).percent == 100)
    }

    @Test func `the time left follows from the pace, once there is one`() {
        var meter = ProgressMeter()
        #expect(meter.advance(.transcoding, fraction: 0, elapsed: .seconds(10)).etaSeconds == nil)
        #expect(meter.advance(.transcoding, fraction: 0.1, elapsed: .milliseconds(10_500)).etaSeconds == nil)
        #expect(meter.advance(.transcoding, fraction: 0.25, elapsed: .seconds(15)).etaSeconds == 15)
    }

    @Test(arguments: [Double.nan, -Double.infinity, -1, 2])
    func `a nonsensical fraction stays within the stage`(fraction: Double) {
        var meter = ProgressMeter()
        #expect((1...97).contains(meter.advance(.transcoding, fraction: fraction, elapsed: .zero).percent))
    }
}
