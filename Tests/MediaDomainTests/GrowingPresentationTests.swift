import Testing

@testable import MediaDomain

struct GrowingPresentationTests {
    private let plan: TranscodePlan
    private var growing: GrowingPresentation

    init() throws {
        plan = try LadderPlanner(settings: TranscodeSettings(shortSides: [720, 360])).plan(for: .fake())
        growing = GrowingPresentation(plan: plan, prefix: "")
    }

    private static func segment(_ number: Int, scale: Int64 = 1000) -> SegmentResult {
        SegmentResult(start: Int64(number - 1) * 4 * scale, duration: 4 * scale, size: 1000)
    }

    private static func head(_ codecs: String) -> TrackHead {
        TrackHead(codecs: codecs, timescale: 1000, frameRate: 30, initSize: 1, initChecksum: "")
    }

    private mutating func add(_ number: Int, to tracks: TrackID...) {
        for track in tracks { growing.append(Self.segment(number), to: track, Self.head("x")) }
    }

    private var names: [String] { growing.edition?.renditions.map(\.name) ?? [] }
    private func text(_ name: String) -> String { growing.edition?.renditions.first { $0.name == name }?.text ?? "" }
    private static let small = "video/360p/media.m3u8"
    private static let large = "video/720p/media.m3u8"
    private static let sound = "audio/und/media.m3u8"

    @Test func `there is nothing to watch before there are pictures and sound`() {
        var test = self
        #expect(test.growing.edition == nil)
        test.add(1, to: .video(1))
        #expect(test.growing.edition == nil)
        test.add(1, to: .audio(0))
        #expect(test.names == [Self.small, Self.sound])
    }

    @Test func `a playlist that grows says so, and its master declares no less than may come`() throws {
        var test = self
        test.add(1, to: .video(1), .audio(0))
        let edition = try #require(test.growing.edition)
        #expect(edition.renditions.allSatisfy { $0.text.contains("#EXT-X-PLAYLIST-TYPE:EVENT\n") })
        #expect(edition.renditions.allSatisfy { !$0.text.contains("ENDLIST") && $0.text.contains("seg_00001.m4s") })
        // 800 kbit/s, and what a buffer of two seconds of it lets through in a segment of four; the sound besides.
        #expect(edition.master.text.contains("BANDWIDTH=1396000,"))
        #expect(!edition.master.text.contains("720p") && !edition.master.text.contains("I-FRAME"))
    }

    @Test func `a short first segment counts for the rate, and the longer ones that follow for the target`() throws {
        var test = self
        for track in [TrackID.video(1), .audio(0)] {
            let first = SegmentResult(start: 0, duration: 2000, size: 500_000)
            test.growing.append(first, to: track, Self.head("x"))
        }
        #expect(test.text(Self.small).contains("#EXT-X-TARGETDURATION:4\n"))
        // 2 Mbit/s in its two seconds, and the sound's own.
        #expect(try #require(test.growing.edition).master.text.contains("BANDWIDTH=2160000,"))
    }

    @Test func `a rung is named once it has as many segments as the others, and stays`() {
        var test = self
        test.add(1, to: .video(1), .audio(0))
        test.add(2, to: .video(1), .audio(0))
        test.add(1, to: .video(0))
        #expect(test.names == [Self.small, Self.sound])
        test.add(2, to: .video(0))
        #expect(test.names == [Self.large, Self.small, Self.sound])
        test.add(3, to: .video(1), .audio(0))
        #expect(test.names == [Self.large, Self.small, Self.sound])
        #expect(test.text(Self.small).contains("seg_00003") && !test.text(Self.large).contains("seg_00003"))
    }

    @Test func `no playlist is ahead of the sound, nor the sound of the pictures`() {
        var test = self
        test.add(1, to: .video(1), .audio(0))
        test.add(2, to: .audio(0))
        #expect(!test.text(Self.sound).contains("seg_00002"))
        test.add(2, to: .video(1))
        test.add(3, to: .video(1))
        #expect(test.text(Self.sound).contains("seg_00002") && !test.text(Self.small).contains("seg_00003"))
    }

    @Test func `an attempt that goes on says nothing until it is beyond what another may have said`() {
        let part = PartResult(
            plan: PartPlan(index: 0, start: 0, end: 4, firstSegment: 1),
            fingerprint: "",
            video: [0, 1].map { _ in PartTrack(head: Self.head("x"), segments: [Self.segment(1)]) },
            timescale: 1000,
            start: 0,
            end: 4000,
            pictures: PictureCount(),
            colors: PictureColors(primaries: 1, transfer: 1, matrix: 1, chroma: 1),
            thumbnailCount: 0,
            tiles: PartTiles(first: 0, count: 0),
            isDamaged: false,
            presentationEnd: nil
        )
        var test = self
        test.growing = GrowingPresentation(plan: plan, prefix: "", done: [part])
        test.add(1, to: .audio(0))
        test.add(2, to: .audio(0), .video(0), .video(1))
        #expect(test.names.isEmpty)
        test.growing.endPart()
        #expect(test.names == [Self.large, Self.small, Self.sound])
        #expect(test.text(Self.large).contains("seg_00002"))
    }
}
