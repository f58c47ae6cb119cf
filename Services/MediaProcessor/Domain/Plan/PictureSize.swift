/// Pixels across and down, in square pixels.
package struct PictureSize: Sendable, Hashable, Codable {
    package var width: Int
    package var height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    package var shortSide: Int { min(width, height) }
    package var longSide: Int { max(width, height) }

    /// This size with the short side scaled to `target`, never up: even sizes, at least 2, the shape kept to the pixel
    /// that evenness costs.
    package func scaled(toShortSide target: Int) -> PictureSize {
        let short = min(target, shortSide).evenDown
        // The even number nearest to the exact length.
        let exact = 2 * ((longSide * short + shortSide) / (shortSide * 2))
        let long = exact.atMostEven(longSide)
        return width <= height ? PictureSize(width: short, height: long) : PictureSize(width: long, height: short)
    }

    /// This size scaled to fit into `box`, never up: even sizes, at least 2.
    package func fitted(into box: PictureSize) -> PictureSize {
        let scale = min(1, Double(box.width) / Double(width), Double(box.height) / Double(height))
        return PictureSize(
            width: (Double(width) * scale).nearestEven.atMostEven(min(width, box.width)),
            height: (Double(height) * scale).nearestEven.atMostEven(min(height, box.height))
        )
    }
}

extension Double {
    fileprivate var nearestEven: Int { 2 * Int((self / 2).rounded()) }
}

extension Int {
    fileprivate var evenDown: Int { Swift.max(2, self & ~1) }

    fileprivate func atMostEven(_ limit: Int) -> Int { Swift.max(2, Swift.min(self, limit & ~1)) }
}
