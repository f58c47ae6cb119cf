/// What each rung's pictures are scaled from: the source's, or those of a larger rung, which have fewer pixels and are right already
/// in colours and depth.
///
/// Each time costs a little sharpness, so that nothing is scaled more than twice.
package struct ScalingTree: Sendable, Equatable {
    /// How many pixels for each one that is made, at least; of fewer, the second scaling would show.
    private static let pixels = 2

    /// For each rung the one that it is scaled from, by its index; `nil` for the source.
    package let parents: [Int?]

    /// - Parameter source: The size of its pictures as they are shown, if there are any.
    package init(of rungs: [PictureSize], source: PictureSize?) {
        var parents = [Int?](repeating: nil, count: rungs.count)
        // Those whose pictures were scaled once, or are the source's own.
        var candidates: [Int] = []
        for index in rungs.indices.sorted(by: { rungs[$0].pixelCount > rungs[$1].pixelCount }) {
            let wanted = rungs[index].pixelCount * Self.pixels
            let parent = candidates.last { rungs[$0].pixelCount >= wanted }
            parents[index] = parent
            if parent.map({ rungs[$0] == source }) ?? true { candidates.append(index) }
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
