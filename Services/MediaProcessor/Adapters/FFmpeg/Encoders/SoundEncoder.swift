import CFFmpeg
import MediaDomain

/// AAC-LC by libavcodec's own encoder.
final class SoundEncoder {
    /// Samples in one AAC frame.
    static let frameSize = 1024

    let encoder: Encoder

    init(_ rendition: AudioRendition) throws(AVError) {
        encoder = try Encoder("aac") { context throws(AVError) in
            context.sample_fmt = AV_SAMPLE_FMT_FLTP
            context.sample_rate = Int32(rendition.sampleRate)
            context.bit_rate = Int64(rendition.bitrate)
            context.time_base = .ticks(rendition.sampleRate)
            context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
            av_channel_layout_default(&context.ch_layout, Int32(rendition.channels))
        }
    }

    /// Samples that a decoder puts out before the first that was put in; an edit list takes them away.
    var priming: Int64 { Int64(encoder.context.pointee.initial_padding) }

    /// RFC 6381, from the AudioSpecificConfig: its first five bits are the object type.
    var codecs: String { "mp4a.40.\((encoder.header.first ?? 0x10) >> 3)" }
}
