import CFFmpeg

/// Brings pictures to one size, for an encoder or for a JPEG: one in, one out.
///
/// All come out with the same colours: those of the first one, where players know them, and BT.709 otherwise; what is brighter than
/// such pictures can be is mapped to them. Used by one thread.
final class Scaler {
    enum Purpose {
        /// Limited range.
        case video
        /// Full range BT.601, as JFIF demands.
        case still
    }

    private let box: PixelBox
    private let purpose: Purpose
    private var target: FrameColors?
    private var graph: FilterGraph?
    private var input: Input?

    /// What a graph is made for.
    private struct Input: Equatable {
        let format: PictureFormat
        let colors: FrameColors
        let shape: Double
    }

    /// - Parameter target: What pictures before these came out with, if there were any.
    init(width: Int, height: Int, purpose: Purpose, target: FrameColors? = nil) {
        box = PixelBox(width: width, height: height)
        self.purpose = purpose
        self.target = target
    }

    /// The picture in its new size: the same data, uncopied, where nothing needs to change.
    func scale(_ frame: Frame) throws(AVError) -> Frame {
        let input = Input(format: PictureFormat(frame), colors: FrameColors(frame), shape: frame.pixelShape)
        let target = target(for: input.colors)
        let chain = chain(for: input, target)
        if purpose == .video, chain.isNothing { return try frame.telling(target) }
        let graph = try graph(for: input, frame, chain)
        try graph.push(frame)
        let scaled = try allocated(graph.pull(), "scaling to \(box.width)x\(box.height)")
        scaled.setColors(target)
        scaled.pointer.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        return scaled
    }

    private func target(for colors: FrameColors) -> FrameColors {
        if let target { return target }
        var made = colors.playable
        if purpose == .still {
            made.matrix = AVCOL_SPC_SMPTE170M
            made.isFullRange = true
        }
        target = made
        return made
    }

    private func graph(for input: Input, _ frame: Frame, _ chain: ScaleChain) throws(AVError) -> FilterGraph {
        if let graph, input == self.input { return graph }
        // Times pass through untouched, so that any time base will do.
        let made = try FilterGraph(pictures: frame, timescale: 90_000, chain: chain.text)
        graph = made
        self.input = input
        return made
    }

    private func chain(for input: Input, _ target: FrameColors) -> ScaleChain {
        ScaleChain(
            format: input.format,
            source: input.colors,
            target: target,
            box: box,
            pixelShape: input.shape,
            isStill: purpose == .still
        )
    }
}

extension Frame {
    /// Width over height of one pixel; beyond a tenth and ten, a picture is broken rather than anamorphic.
    fileprivate var pixelShape: Double {
        guard let shape = pointer.pointee.sample_aspect_ratio.value, (0.1...10).contains(shape) else { return 1 }
        return shape
    }

    /// The same picture, saying what its values mean.
    fileprivate func telling(_ colors: FrameColors) throws(AVError) -> Frame {
        if tells(colors) { return self }
        let own = try Frame(sharing: self)
        own.setColors(colors)
        return own
    }
}
