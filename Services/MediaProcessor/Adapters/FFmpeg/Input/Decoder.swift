import CFFmpeg

/// One stream's decoder: owns its AVCodecContext.
///
/// Used by one thread.
final class Decoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    /// The shape of one pixel by the container's word, which goes before the codec's.
    private let pixelShape: AVRational

    /// - Parameter threads: How many pictures are decoded at once.
    init(_ stream: UnsafeMutablePointer<AVStream>, threads: Int = 1) throws(AVError) {
        let codec = try allocated(
            avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id),
            "avcodec_find_decoder"
        )
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        pixelShape = stream.pointee.sample_aspect_ratio
        // From here on `deinit` frees, also when this throws.
        try open(codec, stream, threads)
    }

    /// A decoder of what an encoder of ours puts out, with all that it needs in its packets.
    init(encodedAs id: AVCodecID) throws(AVError) {
        let codec = try allocated(avcodec_find_decoder(id), "avcodec_find_decoder")
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        pixelShape = AVRational(num: 0, den: 1)
        // From here on `deinit` frees, also when this throws.
        context.pointee.thread_count = 1
        try check(avcodec_open2(context, codec, nil), "avcodec_open2")
    }

    deinit {
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&owned)
    }

    /// The time base of packets and frames: the stream's.
    var timeBase: AVRational { context.pointee.pkt_timebase }

    /// Takes one packet, or the end (`nil`), after which ``receive()`` yields what is left.
    func send(_ packet: Packet?) throws(AVError) {
        try check(avcodec_send_packet(context, packet?.pointer), "avcodec_send_packet")
    }

    /// The next frame; `nil` when another packet is needed, or at the end.
    func receive() throws(AVError) -> Frame? {
        let frame = try Frame()
        let code = avcodec_receive_frame(context, frame.pointer)
        if code == AVError.again || code == AVError.endOfFile { return nil }
        try check(code, "avcodec_receive_frame")
        frame.time = frame.pointer.pointee.best_effort_timestamp
        if pixelShape.value != nil { frame.pointer.pointee.sample_aspect_ratio = pixelShape }
        return frame
    }

    private func open(
        _ codec: UnsafePointer<AVCodec>,
        _ stream: UnsafeMutablePointer<AVStream>,
        _ threads: Int
    ) throws(AVError) {
        try check(avcodec_parameters_to_context(context, stream.pointee.codecpar), "avcodec_parameters_to_context")
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.max_pixels = Int64(AcceptedMedia.maximumPixels)
        // The encoders are what keeps the cores busy: a second decoding thread costs frames and gains nothing but where somebody
        // waits. And with it, what is damaged comes out otherwise each time, made up from what others have decoded by then.
        context.pointee.thread_count = Int32(threads)
        BlankPictures.prepare(context)
        var options = try Options([("codec_whitelist", AcceptedDecoders.whitelist)])
        try options.consume("avcodec_open2") { avcodec_open2(context, codec, $0) }
    }
}
