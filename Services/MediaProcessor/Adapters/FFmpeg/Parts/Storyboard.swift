import Foundation
import MediaDomain

/// Joins the parts' pictures for the storyboard in order, and stores the sheets that parts share.
///
/// Used by one thread.
final class Storyboard {
    private let plan: StoryboardPlan
    private let writer: StoryboardWriter
    private(set) var tileCount = 0
    /// The pictures of the sheet under way.
    private var pixels = Data()
    /// The first part that has some on it.
    private var firstPart: Int?
    private var nextPart = 0
    /// Whether all of them are there: of a sheet that an earlier attempt has stored, they may be forgotten.
    private var isWhole = true

    init(_ plan: StoryboardPlan, sink: any ArtifactSink) {
        self.plan = plan
        writer = StoryboardWriter(plan: plan, sink: sink)
    }

    /// The first part whose pictures are not all on stored sheets: no joined one, if they are of all those.
    var firstOpenPart: Int { firstPart ?? nextPart }

    /// Takes the pictures of the part that comes next.
    func join(_ tiles: PartTiles, of part: Int) throws(MediaError) {
        guard tiles.count == 0 || tiles.first == tileCount else {
            throw MediaError(.encodeFailed, "a part's storyboard pictures are others than were planned")
        }
        let places = SheetPlaces(plan, first: tileCount, count: tiles.count)
        let size = writer.tileBytes
        let isThere = tiles.pixels.count == (places.head + places.tail) * size
        try add(isThere ? tiles.pixels.prefix(places.head * size) : nil, count: places.head, of: part)
        tileCount += places.ownSheets * plan.sheetSize
        try add(isThere ? tiles.pixels.suffix(places.tail * size) : nil, count: places.tail, of: part)
        nextPart = part + 1
    }

    /// Stores the sheet under way.
    func finish() throws(MediaError) {
        guard firstPart != nil else { return }
        guard isWhole else { throw MediaError(.encodeFailed, "a part's storyboard pictures are missing") }
        try store()
    }

    private func add(_ added: Data?, count: Int, of part: Int) throws(MediaError) {
        guard count > 0 else { return }
        firstPart = firstPart ?? part
        isWhole = isWhole && added != nil
        pixels += added ?? Data()
        tileCount += count
        if tileCount % plan.sheetSize == 0 { try store() }
    }

    private func store() throws(MediaError) {
        if isWhole { try writer.write(pixels, sheet: (tileCount - 1) / plan.sheetSize + 1) }
        (pixels, firstPart, isWhole) = (Data(), nil, true)
    }
}

/// How a part's pictures lie on the storyboard's sheets.
struct SheetPlaces {
    /// Pictures on a sheet that an earlier part has begun, and on one that a later part may fill.
    let head: Int
    let tail: Int
    /// Sheets between, which are the part's alone.
    let ownSheets: Int

    /// - Parameter first: The number of its first picture, from 0.
    init(_ plan: StoryboardPlan, first: Int, count: Int) {
        let size = plan.sheetSize
        head = min(count, (size - first % size) % size)
        tail = (count - head) % size
        ownSheets = (count - head) / size
    }
}
