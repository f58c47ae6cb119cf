import CFFmpeg
import MediaDomain

/// A chain of libavfilter filters with one way in and one way out: owns its AVFilterGraph.
///
/// Used by one thread.
final class FilterGraph {
    private let graph: UnsafeMutablePointer<AVFilterGraph>
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>

    /// A chain for pictures such as `frame`, whose times are ticks of 1/`timescale` s.
    convenience init(pictures frame: Frame, timescale: Int, chain: String) throws(AVError) {
        let format = frame.pixelFormat.rawValue
        let size = "\(frame.width)x\(frame.height)"
        try self.init(
            source: ("buffer", "video_size=\(size):pix_fmt=\(format):time_base=1/\(timescale):pixel_aspect=1/1"),
            chain: chain,
            sink: "buffersink"
        )
    }

    /// A chain for sound such as `frame`, whose times are its samples.
    convenience init(sound frame: Frame, chain: String) throws(AVError) {
        let format = String(cString: av_get_sample_fmt_name(AVSampleFormat(frame.pointer.pointee.format)))
        let rate = frame.sampleRate
        let layout = frame.channelLayout
        try self.init(
            source: (
                "abuffer", "time_base=1/\(rate):sample_rate=\(rate):sample_fmt=\(format):channel_layout=\(layout)"
            ),
            chain: chain,
            sink: "abuffersink"
        )
    }

    private init(source: (filter: String, settings: String), chain: String, sink: String) throws(AVError) {
        let graph = try allocated(avfilter_graph_alloc(), "avfilter_graph_alloc")
        do throws(AVError) {
            graph.pointee.nb_threads = 1
            graph.pointee.scale_sws_opts = av_strdup("flags=bicubic")
            let input = try Self.add(source.filter, "in", source.settings, to: graph)
            let output = try Self.add(sink, "out", nil, to: graph)
            (self.graph, self.source, self.sink) = (graph, input, output)
        } catch {
            var owned: UnsafeMutablePointer<AVFilterGraph>? = graph
            avfilter_graph_free(&owned)
            throw error
        }
        // From here on `deinit` frees, also when this throws.
        try Self.connect(chain, graph, self.source, self.sink)
    }

    deinit {
        var owned: UnsafeMutablePointer<AVFilterGraph>? = graph
        avfilter_graph_free(&owned)
    }

    /// The base of the times that come out.
    var timeBase: AVRational { av_buffersink_get_time_base(sink) }

    /// Lets sound out in blocks of exactly `count` samples, the last one apart.
    func setBlockSize(_ count: Int) { av_buffersink_set_frame_size(sink, UInt32(count)) }

    /// Takes a frame, or the end (`nil`); the caller keeps its own reference.
    func push(_ frame: Frame?) throws(AVError) {
        let flags = Int32(AV_BUFFERSRC_FLAG_KEEP_REF)
        try check(av_buffersrc_add_frame_flags(source, frame?.pointer, flags), "av_buffersrc_add_frame")
    }

    /// The next frame; `nil` when the filters need another one first, or at the end.
    func pull() throws(AVError) -> Frame? {
        let frame = try Frame()
        let code = av_buffersink_get_frame(sink, frame.pointer)
        if code == AVError.again || code == AVError.endOfFile { return nil }
        try check(code, "av_buffersink_get_frame")
        return frame
    }

    /// Hands on all frames that are ready.
    func pullAll(_ take: (Frame) throws(MediaError) -> Void) throws(MediaError) {
        func next() throws(MediaError) -> Frame? { try failing(as: .encodeFailed) { () throws(AVError) in try pull() } }
        while let frame = try next() { try take(frame) }
    }

    private static func add(
        _ filter: String,
        _ name: String,
        _ settings: String?,
        to graph: UnsafeMutablePointer<AVFilterGraph>
    ) throws(AVError) -> UnsafeMutablePointer<AVFilterContext> {
        var context: UnsafeMutablePointer<AVFilterContext>?
        let code = avfilter_graph_create_filter(&context, avfilter_get_by_name(filter), name, settings, nil, graph)
        try check(code, "filter \(filter) \(settings ?? "")")
        return try allocated(context, "filter \(filter)")
    }

    private static func connect(
        _ chain: String,
        _ graph: UnsafeMutablePointer<AVFilterGraph>,
        _ source: UnsafeMutablePointer<AVFilterContext>,
        _ sink: UnsafeMutablePointer<AVFilterContext>
    ) throws(AVError) {
        // Seen from the chain, our source is an open output and our sink an open input.
        var outputs = avfilter_inout_alloc()
        var inputs = avfilter_inout_alloc()
        defer {
            avfilter_inout_free(&outputs)
            avfilter_inout_free(&inputs)
        }
        outputs?.pointee.name = av_strdup("in")
        outputs?.pointee.filter_ctx = source
        inputs?.pointee.name = av_strdup("out")
        inputs?.pointee.filter_ctx = sink
        try check(avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, nil), "filters \(chain)")
        try check(avfilter_graph_config(graph, nil), "filters \(chain)")
    }
}

extension Frame {
    /// libavfilter's spelling: `stereo`, `5.1(side)`.
    var channelLayout: String {
        var text = [CChar](repeating: 0, count: 128)
        av_channel_layout_describe(&pointer.pointee.ch_layout, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
