import CFFmpeg

/// Brings pictures to one size, for an encoder or for a JPEG: one in, one out.
///
/// Used by one thread.
final class Scaler {
    enum Purpose {
        /// Limited range, with the colours that the source has.
        case video
        /// Full range BT.601, as JFIF demands.
        case still
    }

    private let width: Int
    private let height: Int
    private let purpose: Purpose
    private var graph: FilterGraph?
    private var format: PictureFormat?

    init(width: Int, height: Int, purpose: Purpose) {
        self.width = width
        self.height = height
        self.purpose = purpose
    }

    /// The picture in its new size: the same frame, uncopied, where nothing needs to change.
    func scale(_ frame: Frame) throws(AVError) -> Frame {
        let format = PictureFormat(frame)
        if purpose == .video, format.isEncodable, format.width == width, format.height == height { return frame }
        let graph = try self.graph(for: format, frame)
        try graph.push(frame)
        return try allocated(graph.pull(), "scaling to \(width)x\(height)")
    }

    private func graph(for format: PictureFormat, _ frame: Frame) throws(AVError) -> FilterGraph {
        if let graph, format == self.format { return graph }
        // Times pass through untouched, so that any time base will do.
        let made = try FilterGraph(pictures: frame, timescale: 90_000, chain: chain(for: format))
        graph = made
        self.format = format
        return made
    }

    private func chain(for format: PictureFormat) -> String {
        let size = "w=\(width):h=\(height)"
        let scale =
            switch purpose {
            // JPEGs are few: swscale does them as well.
            case .still: "scale=\(size):flags=bicubic+accurate_rnd:out_range=pc:out_color_matrix=bt601"
            case .video where format.suitsZimg && min(width, height) >= 16 && Self.hasZimg:
                // It costs less than half of swscale's bicubic.
                "zscale=\(size):filter=bicubic:range=limited\(format.isDeep ? ":dither=ordered" : "")"
            case .video where format.isRGB: "scale=\(size):flags=bicubic:out_range=tv:out_color_matrix=bt709"
            case .video: "scale=\(size):flags=bicubic:out_range=tv"
            }
        return "\(scale),format=yuv420p"
    }

    private static let hasZimg = avfilter_get_by_name("zscale") != nil
}
