import CFFmpeg
import MediaDomain

/// The decoder of one stream of text subtitles: owns its AVCodecContext.
///
/// Used by one thread.
final class SubtitleDecoder {
    private let context: UnsafeMutablePointer<AVCodecContext>

    init(_ stream: UnsafeMutablePointer<AVStream>) throws(AVError) {
        let codec = try allocated(
            avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id),
            "avcodec_find_decoder"
        )
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        // From here on `deinit` frees, also when this throws.
        try check(avcodec_parameters_to_context(context, stream.pointee.codecpar), "avcodec_parameters_to_context")
        context.pointee.pkt_timebase = stream.pointee.time_base
        var options = try Options([("codec_whitelist", AcceptedDecoders.subtitles.sorted().joined(separator: ","))])
        try options.consume("avcodec_open2") { avcodec_open2(context, codec, $0) }
    }

    deinit {
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&owned)
    }

    /// The texts of a packet, in Advanced SubStation Alpha; none if it holds no readable one.
    func decode(_ packet: Packet) -> [String] {
        var subtitle = AVSubtitle()
        var isWhole: Int32 = 0
        guard avcodec_decode_subtitle2(context, &subtitle, &isWhole, packet.pointer) >= 0, isWhole != 0 else {
            return []
        }
        defer { avsubtitle_free(&subtitle) }
        return (0..<Int(subtitle.num_rects)).compactMap { index in
            subtitle.rects[index]?.pointee.ass.map { Self.text(ofEvent: String(cString: $0)) }
        }
    }

    /// Behind the eighth comma: before it are the event's number, layer, style, speaker, margins and effect.
    private static func text(ofEvent event: String) -> String {
        event.split(separator: ",", maxSplits: 8, omittingEmptySubsequences: false).dropFirst(8).first.map(String.init)
            ?? ""
    }
}
