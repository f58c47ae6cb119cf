package import Foundation

/// A part's pictures for the storyboard.
package struct PartTiles: Sendable, Hashable, Codable {
    /// The number of its first one, from 0, and how many it has.
    package var first: Int
    package var count: Int
    /// The pictures of the sheet that was not full at the part's end, as they are: the last of its own, 4:2:0, one
    /// after another.
    package var pixels: Data

    package init(first: Int, count: Int, pixels: Data = Data()) {
        self.first = first
        self.count = count
        self.pixels = pixels
    }

    package var end: Int { first + count }
}

extension StoryboardPlan {
    /// Pictures on a full sheet.
    package var sheetSize: Int { columns * rows }

    /// The number of the first picture on the sheet that `tiles` pictures leave unfinished.
    package func openSheet(after tiles: Int) -> Int { tiles / sheetSize * sheetSize }
}
