package import Foundation

/// A part's pictures for the storyboard.
package struct PartTiles: Sendable, Hashable, Codable {
    /// The number of its first one, from 0, and how many it has.
    package var first: Int
    package var count: Int
    /// How many of them, the last ones, are on a sheet that was not full at the part's end.
    package var openCount: Int
    /// Those as they are: 4:2:0, one after another.
    package var pixels: Data

    package init(first: Int, count: Int, openCount: Int = 0, pixels: Data = Data()) {
        self.first = first
        self.count = count
        self.openCount = openCount
        self.pixels = pixels
    }

    package var end: Int { first + count }

    /// Whether a sheet became full in this part: then nobody needs the pixels of earlier parts.
    package var endsSheet: Bool { openCount < count }
}

extension StoryboardPlan {
    /// Pictures on a full sheet.
    package var sheetSize: Int { columns * rows }

    /// The number of the first picture on the sheet that `tiles` pictures leave unfinished.
    package func openSheet(after tiles: Int) -> Int { tiles / sheetSize * sheetSize }
}
