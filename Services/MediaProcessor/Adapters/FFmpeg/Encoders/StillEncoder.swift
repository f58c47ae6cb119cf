import CFFmpeg

/// JPEG files by libavcodec's encoder.
enum StillEncoder {
    /// The encoder's quantiser from 2 (best) to 31: about quality 90.
    private static let quantiser: Int32 = 3

    /// A picture, full range 4:2:0, as a file.
    ///
    /// Pictures are far apart, and an encoder takes several times a picture's memory: each has one of its own, for as long as it takes.
    static func encode(_ picture: Frame) throws(AVError) -> [UInt8] {
        let encoder = try Encoder("mjpeg") { context throws(AVError) in
            context.width = Int32(picture.width)
            context.height = Int32(picture.height)
            // Not the deprecated YUVJ420P: the plain format, and its range told apart.
            context.pix_fmt = AV_PIX_FMT_YUV420P
            context.color_range = AVCOL_RANGE_JPEG
            context.time_base = AVRational(num: 1, den: 1)
            context.flags |= AV_CODEC_FLAG_QSCALE
            context.global_quality = quantiser * FF_QP2LAMBDA
        }
        let own = try Frame(sharing: picture)
        own.time = 0
        own.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
        own.pointer.pointee.quality = quantiser * FF_QP2LAMBDA
        try encoder.send(own)
        return try allocated(encoder.receive(), "encoding a JPEG").bytes
    }
}
