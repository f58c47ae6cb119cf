package import Foundation

/// A part's pictures for the storyboard.
package struct PartTiles: Sendable, Hashable, Codable {
    /// The number of its first one, from 0, and how many it has.
    package var first: Int
    package var count: Int
    /// Those on sheets that it shares with other parts, as they are: 4:2:0, one after another.
    ///
    /// Sheets that are the part's alone are stored with it.
    package var pixels: Data

    package init(first: Int = 0, count: Int = 0, pixels: Data = Data()) {
        self.first = first
        self.count = count
        self.pixels = pixels
    }
}

extension StoryboardPlan {
    /// Pictures on a full sheet.
    package var sheetSize: Int { columns * rows }
}
