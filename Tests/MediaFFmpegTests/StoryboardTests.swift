import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

struct StoryboardTests {
    private static let plan = StoryboardPlan(interval: 1, tileWidth: 16, tileHeight: 16, columns: 2, rows: 2)
    private static let tileBytes = Frame.byteCount(width: 16, height: 16)

    private static func tiles(_ first: Int, _ count: Int, kept: Int) -> PartTiles {
        PartTiles(first: first, count: count, pixels: Data(count: kept * tileBytes))
    }

    @Test func `pictures are of use until the sheet that they are on is stored, also those of parts not joined`() throws
    {
        let sink = MemorySink()
        let storyboard = Storyboard(Self.plan, sink: sink)
        #expect(storyboard.firstOpenPart == 0)
        // A sheet of its own, and nothing on another: what later parts have made already is still to be joined.
        try storyboard.join(Self.tiles(0, 4, kept: 0), of: 0)
        #expect(storyboard.firstOpenPart == 1)
        try storyboard.join(Self.tiles(4, 3, kept: 3), of: 1)
        #expect(storyboard.firstOpenPart == 1)
        try storyboard.join(Self.tiles(7, 2, kept: 2), of: 2)
        #expect(storyboard.firstOpenPart == 2)
        try storyboard.finish()
        #expect(sink.objects.keys.sorted() == ["storyboard_2.jpg", "storyboard_3.jpg"])
    }

    @Test func `a sheet that cannot be joined any more was stored before, but for the last`() throws {
        let sink = MemorySink()
        let storyboard = Storyboard(Self.plan, sink: sink)
        try storyboard.join(Self.tiles(0, 3, kept: 0), of: 0)
        try storyboard.join(Self.tiles(3, 2, kept: 2), of: 1)
        try storyboard.finish()
        #expect(sink.objects.keys.sorted() == ["storyboard_2.jpg"])
        let other = Storyboard(Self.plan, sink: sink)
        try other.join(Self.tiles(0, 3, kept: 0), of: 0)
        #expect(throws: MediaError.self) { try other.finish() }
    }
}
