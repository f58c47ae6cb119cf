import Foundation
import MediaDomain

/// Takes one part's pictures for the storyboard: stores the sheets that are the part's alone, and keeps those of others.
///
/// Used by one thread.
final class PartStoryboard {
    private let plan: StoryboardPlan
    private let writer: StoryboardWriter
    private var first: Int?
    private var count = 0
    /// Pictures on a sheet that an earlier part has begun.
    private var head = Data()
    /// Pictures on the sheet under way, which is full only if it began in this part.
    private var open = Data()

    init(_ plan: StoryboardPlan, sink: any ArtifactSink) {
        self.plan = plan
        writer = StoryboardWriter(plan: plan, sink: sink)
    }

    /// Adds a picture of the tiles' size.
    ///
    /// - Parameter number: Its number in the whole storyboard, from 0; they come one after another.
    func append(_ tile: Frame, number: Int) throws(MediaError) {
        let first = first ?? number
        self.first = first
        count += 1
        open.append(contentsOf: tile.bytes)
        guard (number + 1) % plan.sheetSize == 0 else { return }
        if number + 1 - plan.sheetSize >= first {
            try writer.write(open, sheet: number / plan.sheetSize + 1)
        } else {
            head = open
        }
        open = Data()
    }

    var tiles: PartTiles { PartTiles(first: first ?? 0, count: count, pixels: head + open) }
}
