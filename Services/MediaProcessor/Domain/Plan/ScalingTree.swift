/// Of what each rung's pictures are scaled: the source's, or another rung's, which are fewer pixels and right already in colours
/// and depth.
///
/// Each time costs a little sharpness, so that nothing is scaled more than twice.
package struct ScalingTree: Sendable, Equatable {
    /// How many pixels for each one that is made, at least; of fewer, the second scaling would show.
    private static let pixels = 2

    /// For each rung the one that it is scaled of, by its index; `nil` for the source.
    package let parents: [Int?]

    /// - Parameter source: The size of its pictures as they are shown.
    package init(of rungs: [PictureSize], source: PictureSize) {
        var parents = [Int?](repeating: nil, count: rungs.count)
        // What is as large as the source is not scaled at all, or once at most.
        var onceScaled: [Int] = []
        for index in rungs.indices.sorted(by: { rungs[$0].pixelCount > rungs[$1].pixelCount }) {
            let wanted = rungs[index].pixelCount * Self.pixels
            let parent = onceScaled.last { rungs[$0].pixelCount >= wanted }
            parents[index] = parent
            if parent.map({ rungs[$0] == source }) ?? true { onceScaled.append(index) }
        }
        self.parents = parents
    }
}

extension Rung {
    package var size: PictureSize { PictureSize(width: width, height: height) }
}

extension PictureSize {
    fileprivate var pixelCount: Int { width * height }
}
