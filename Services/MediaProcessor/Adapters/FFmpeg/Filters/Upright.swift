import CFFmpeg

/// Turns pictures the way they are meant to be seen and makes interlaced ones whole; others pass uncopied.
///
/// Used by one thread.
final class Upright {
    private let orientation: Orientation
    private let timescale: Int
    private var graph: FilterGraph?
    private var format: PictureFormat?
    /// Once a frame was interlaced, all go through the deinterlacer: it looks at neighbours.
    private var deinterlaces = false

    init(_ orientation: Orientation, timescale: Int) {
        self.orientation = orientation
        self.timescale = timescale
    }

    /// Takes a picture, or the end (`nil`); what comes out may be some pictures later.
    func turn(_ frame: Frame?) throws(AVError) -> [Frame] {
        guard let frame else { return try drain() }
        let needsRebuild = frame.isInterlaced && !deinterlaces
        deinterlaces = deinterlaces || frame.isInterlaced
        guard deinterlaces || !orientation.isUpright else { return [frame] }
        var ready: [Frame] = []
        if needsRebuild || format != PictureFormat(frame) || graph == nil {
            ready = try drain()
            graph = try FilterGraph(pictures: frame, timescale: timescale, chain: chain)
            format = PictureFormat(frame)
        }
        try graph?.push(frame)
        return try ready + pull()
    }

    private func drain() throws(AVError) -> [Frame] {
        guard let graph else { return [] }
        try graph.push(nil)
        let rest = try pull()
        self.graph = nil
        return rest
    }

    private func pull() throws(AVError) -> [Frame] {
        guard let graph else { return [] }
        var frames: [Frame] = []
        while let frame = try graph.pull() {
            // The deinterlacer counts in half ticks.
            frame.time = graph.timeBase.rescale(frame.time, to: .ticks(timescale))
            cffmpeg_frame_set_progressive(frame.pointer)
            frames.append(frame)
        }
        return frames
    }

    private var chain: String {
        let whole = deinterlaces ? ["bwdif=mode=send_frame:deint=interlaced"] : []
        return (whole + orientation.filters).joined(separator: ",")
    }
}
