import CFFmpeg

/// JPEG files by libavcodec's encoder, all of one size.
final class StillEncoder {
    /// The encoder's quantiser from 2 (best) to 31: about quality 90.
    private static let quantiser: Int32 = 3

    private let encoder: Encoder

    init(width: Int, height: Int) throws(AVError) {
        encoder = try Encoder("mjpeg") { context throws(AVError) in
            context.width = Int32(width)
            context.height = Int32(height)
            // Not the deprecated YUVJ420P: the plain format, and its range told apart.
            context.pix_fmt = AV_PIX_FMT_YUV420P
            context.color_range = AVCOL_RANGE_JPEG
            context.time_base = AVRational(num: 1, den: 1)
            context.flags |= AV_CODEC_FLAG_QSCALE
            context.global_quality = Self.quantiser * FF_QP2LAMBDA
        }
    }

    /// A picture in the encoder's size, full range 4:2:0, as a file.
    func encode(_ picture: Frame, number: Int) throws(AVError) -> [UInt8] {
        let own = try Frame(sharing: picture)
        own.time = Int64(number)
        own.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
        own.pointer.pointee.quality = Self.quantiser * FF_QP2LAMBDA
        try encoder.send(own)
        return try allocated(encoder.receive(), "encoding a JPEG").bytes
    }
}
