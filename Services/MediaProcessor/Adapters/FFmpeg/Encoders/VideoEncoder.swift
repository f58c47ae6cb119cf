import CFFmpeg
import MediaDomain

/// H.264 by x264 for one rung: closed groups of pictures that start where the caller says, and nowhere else.
final class VideoEncoder {
    let encoder: Encoder

    init(_ rung: Rung, clock: PictureClock, colors: PictureColors) throws(AVError) {
        let settings = [
            ("preset", rung.preset), ("crf", "\(rung.crf)"), ("profile", "high"),
            // The caller's pictures start the groups; x264 makes none of its own.
            ("forced-idr", "1"), ("sc_threshold", "0"),
            ("x264-params", Self.parameters(clock)),
        ]
        encoder = try Encoder("libx264", settings: settings) { context throws(AVError) in
            context.width = Int32(rung.width)
            context.height = Int32(rung.height)
            context.pix_fmt = AV_PIX_FMT_YUV420P
            context.sample_aspect_ratio = AVRational(num: 1, den: 1)
            context.time_base = .ticks(clock.timescale)
            context.framerate = clock.frameRate
            context.gop_size = Self.endless
            context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
            context.rc_max_rate = Int64(rung.maxBitrate)
            context.rc_buffer_size = Int32(clamping: rung.bufferSize)
            context.color_range = AVCOL_RANGE_MPEG
            context.color_primaries = AVColorPrimaries(UInt32(clamping: colors.primaries))
            context.color_trc = AVColorTransferCharacteristic(UInt32(clamping: colors.transfer))
            context.colorspace = AVColorSpace(UInt32(clamping: colors.matrix))
            context.chroma_sample_location = AVChromaLocation(UInt32(clamping: colors.chroma))
        }
    }

    private static func parameters(_ clock: PictureClock) -> String {
        // Only then does the bit stream itself tell a frame rate rather than the ticks that we count in.
        let rate = clock.isConstant ? "force-cfr=1" : "force-cfr=0"
        // What x264 164 decides with AVX-512 varies from run to run; AVX2, which here stands for all before it, does not.
        return av_get_cpu_flags() & AV_CPU_FLAG_AVX512 != 0 ? "\(rate):asm=AVX2" : rate
    }

    /// x264's "infinite".
    private static let endless: Int32 = 1 << 30

    /// Takes a picture to be shown at `time`.
    func send(_ picture: Frame, at time: Int64, asKeyframe: Bool) throws(AVError) {
        // The frame may be shared with other rungs: what we say about it goes on a reference of our own.
        let own = try Frame(sharing: picture)
        own.time = time
        own.pointer.pointee.pict_type = asKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        try encoder.send(own)
    }

    /// How many pictures a decoder must have before it can show the first one.
    var reordering: Int64 { Int64(encoder.context.pointee.has_b_frames) }

    /// RFC 6381, from the sequence parameter set: profile, constraints, level.
    var codecs: String {
        let bytes = encoder.header
        // Annex B: the set follows a start code and its NAL header (type 7).
        for index in bytes.indices.dropLast(6) where bytes[index...].starts(with: [0, 0, 1]) {
            guard bytes[index + 3] & 0x1F == 7 else { continue }
            return "avc1." + bytes[(index + 4)...(index + 6)].map(Self.hex).joined()
        }
        preconditionFailure("x264 opened without a sequence parameter set")
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
