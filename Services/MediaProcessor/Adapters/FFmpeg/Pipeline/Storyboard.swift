import CFFmpeg
import Foundation
import MediaDomain

/// Fills the storyboard's sheets one after another and stores each when it is full; outlives the parts that fill it.
///
/// Used by one thread at a time.
final class Storyboard {
    private let plan: StoryboardPlan
    private let sink: any ArtifactSink
    private var sheet: StoryboardSheet?
    private var sheetCount = 0
    private(set) var tileCount = 0
    /// How many pictures there were when the part began.
    private var partStart = 0
    /// The pictures of the sheet under way that came since then.
    private var pixels = Data()
    private var openCount = 0

    init(_ plan: StoryboardPlan, sink: any ArtifactSink) {
        self.plan = plan
        self.sink = sink
    }

    /// Takes up where finished parts left off.
    func restore(_ parts: [PartTiles]) throws(MediaError) {
        tileCount = plan.openSheet(after: parts.last?.end ?? 0)
        sheetCount = tileCount / plan.sheetSize
        for part in parts where part.end > tileCount {
            for tile in try tiles(in: part.pixels) { try append(tile) }
        }
        guard tileCount == parts.last?.end ?? 0 else {
            throw MediaError(.encodeFailed, "a part's storyboard pictures are missing")
        }
        beginPart()
    }

    /// Counts anew what the sheet under way gets from one part.
    func beginPart() { (partStart, pixels, openCount) = (tileCount, Data(), 0) }

    /// What was added since the part began.
    var partTiles: PartTiles {
        PartTiles(first: partStart, count: tileCount - partStart, openCount: openCount, pixels: pixels)
    }

    /// Adds a picture of the tiles' size.
    func append(_ tile: Frame) throws(MediaError) {
        let sheet = try currentSheet()
        sheet.append(tile)
        pixels.append(contentsOf: tile.bytes)
        openCount += 1
        tileCount += 1
        if sheet.isFull { try finish() }
    }

    /// Stores the sheet under way.
    func finish() throws(MediaError) {
        guard let sheet else { return }
        self.sheet = nil
        (pixels, openCount) = (Data(), 0)
        sheetCount += 1
        let file = try failing(as: .encodeFailed) { () throws(AVError) in
            let width = plan.columns * plan.tileWidth
            return try StillEncoder(width: width, height: sheet.height).encode(sheet.picture(), number: sheetCount)
        }
        try sink.store(file, as: OutputLayout.storyboardSheet(sheetCount))
    }

    private func currentSheet() throws(MediaError) -> StoryboardSheet {
        if let sheet { return sheet }
        let made = try failing(as: .encodeFailed) { () throws(AVError) in try StoryboardSheet(plan) }
        sheet = made
        return made
    }

    /// The pictures that ``Frame/bytes`` wrote one after another.
    private func tiles(in pixels: Data) throws(MediaError) -> [Frame] {
        let size = Frame.byteCount(width: plan.tileWidth, height: plan.tileHeight)
        return try stride(from: 0, to: pixels.count - size + 1, by: size).map { offset throws(MediaError) in
            try failing(as: .encodeFailed) { () throws(AVError) in
                let bytes = pixels.dropFirst(offset).prefix(size)
                return try Frame(width: plan.tileWidth, height: plan.tileHeight, bytes: bytes)
            }
        }
    }
}
