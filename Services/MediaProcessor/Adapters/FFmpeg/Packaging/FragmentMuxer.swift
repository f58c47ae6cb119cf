import CFFmpeg

/// Writes one CMAF track by libavformat's mov muxer: owns its AVFormatContext.
///
/// A fragment (moof and mdat) is what was written between two calls of ``endFragment()``, a segment one or more of them. Used by one thread.
final class FragmentMuxer {
    private let output: MemoryOutput
    private let context: UnsafeMutablePointer<AVFormatContext>

    /// Samples whose decoding times start below 0 get an edit list, so that what is shown or heard starts at 0.
    ///
    /// - Parameters:
    ///   - continues: Whether fragments were written by another muxer before: then the first sample's time tells how long
    ///     they were. The initialisation segment is the same.
    ///   - firstFragment: Its number.
    convenience init(
        _ encoder: Encoder,
        timescale: Int,
        continues: Bool = false,
        firstFragment: Int = 1
    ) throws(AVError) {
        try self.init(timescale: timescale, continues: continues, firstFragment: firstFragment) {
            stream throws(AVError) in
            try check(
                avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context),
                "avcodec_parameters_from_context"
            )
            // Parameter sets in the sample entry alone: the kind of HEVC that every player takes.
            if encoder.context.pointee.codec_id == AV_CODEC_ID_HEVC {
                stream.pointee.codecpar.pointee.codec_tag = Self.hvc1
            }
            stream.pointee.sample_aspect_ratio = encoder.context.pointee.sample_aspect_ratio
        }
    }

    /// Writes packets of another file's stream.
    convenience init(
        copying source: UnsafeMutablePointer<AVStream>,
        timescale: Int,
        continues: Bool,
        firstFragment: Int
    ) throws(AVError) {
        try self.init(timescale: timescale, continues: continues, firstFragment: firstFragment) {
            stream throws(AVError) in
            try check(
                avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar),
                "avcodec_parameters_copy"
            )
            // What the other container called it.
            stream.pointee.codecpar.pointee.codec_tag = 0
            stream.pointee.codecpar.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
            stream.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        }
    }

    private init(
        timescale: Int,
        continues: Bool,
        firstFragment: Int,
        describe: (UnsafeMutablePointer<AVStream>) throws(AVError) -> Void
    ) throws(AVError) {
        output = try MemoryOutput()
        var context: UnsafeMutablePointer<AVFormatContext>?
        try check(avformat_alloc_output_context2(&context, nil, "mp4", nil), "avformat_alloc_output_context2")
        self.context = try allocated(context, "avformat_alloc_output_context2")
        // From here on `deinit` frees, also when this throws.
        try start(timescale, continues, firstFragment, describe)
    }

    deinit { avformat_free_context(context) }

    func write(_ packet: Packet) throws(AVError) {
        packet.pointer.pointee.stream_index = 0
        try check(av_write_frame(context, packet.pointer), "writing a sample")
    }

    /// Yields the initialisation segment; asked for once, between the first fragment's samples and its end.
    func initialization() throws(AVError) -> [UInt8] {
        // The muxer waits for samples (`delay_moov`): then its first flush yields ftyp and moov alone.
        try check(av_write_frame(context, nil), "writing the initialisation segment")
        return output.take(leaving: Self.segmentType)
    }

    /// Ends the fragment and describes it; `nil` if the muxer wrote something else.
    func endFragment() throws(AVError) -> Fragment? {
        let start = output.bytes.count
        try check(av_write_frame(context, nil), "writing a fragment")
        return Fragment(output.bytes, from: start)
    }

    /// Yields the segment that the fragments so far make.
    func endSegment() -> [UInt8] { output.take(leaving: Self.segmentType) }

    /// A `styp` box: a DASH media segment (`msdh`) that is a CMAF one (`cmfs`).
    private static let segmentType: [UInt8] = {
        let brands = ["msdh", "\0\0\0\0", "msdh", "cmfs"]
        var box: [UInt8] = []
        box.append(bigEndian: UInt32(8 + 4 * brands.count))
        return box + "styp".utf8 + brands.flatMap(\.utf8)
    }()

    /// MKTAG('h', 'v', 'c', '1').
    private static let hvc1: UInt32 = 0x3163_7668

    private func start(
        _ timescale: Int,
        _ continues: Bool,
        _ firstFragment: Int,
        _ describe: (UnsafeMutablePointer<AVStream>) throws(AVError) -> Void
    ) throws(AVError) {
        let stream = try allocated(avformat_new_stream(context, nil), "avformat_new_stream")
        stream.pointee.time_base = .ticks(timescale)
        try describe(stream)
        context.pointee.pb = output.context
        context.pointee.flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO
        context.pointee.avoid_negative_ts = 0
        let continuing = continues ? ["frag_discont"] : []
        let flags = ["frag_custom", "dash", "cmaf", "delay_moov", "default_base_moof", "skip_sidx", "skip_trailer"]
        var options = try Options([
            ("movflags", (flags + continuing).joined(separator: "+")),
            // Not the negative composition offsets that `cmaf` alone would mean: players on libavformat show such pictures late.
            ("use_editlist", "1"),
            ("video_track_timescale", "\(timescale)"), ("fragment_index", "\(firstFragment)"),
        ])
        try options.consume("avformat_write_header") { avformat_write_header(context, $0) }
    }
}
