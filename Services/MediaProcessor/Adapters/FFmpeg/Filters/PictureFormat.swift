import CFFmpeg

/// What a chain of picture filters depends on: when it changes within a stream, the chain is made anew.
struct PictureFormat: Equatable {
    let width: Int
    let height: Int
    let pixels: AVPixelFormat
    let range: AVColorRange

    init(_ frame: Frame) {
        width = frame.width
        height = frame.height
        pixels = frame.pixelFormat
        range = frame.pointer.pointee.color_range
    }

    /// 8-bit 4:2:0 in the limited range: what the encoders take.
    var isEncodable: Bool { pixels == AV_PIX_FMT_YUV420P && range != AVCOL_RANGE_JPEG }

    var isRGB: Bool { has(AV_PIX_FMT_FLAG_RGB) || has(AV_PIX_FMT_FLAG_PAL) }

    /// Pixels that zimg's filters look at.
    static let zimgTaps = 16

    var hasAlpha: Bool { has(AV_PIX_FMT_FLAG_ALPHA) }

    /// Whether values of that format use all bits where the picture does not tell.
    func isFullRangeByNature(_ told: AVColorRange) -> Bool {
        told == AVCOL_RANGE_UNSPECIFIED && (Self.fullRange.contains(pixels) || isGray)
    }

    private static let fullRange = [
        AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ444P,
    ]

    private var isGray: Bool {
        (av_pix_fmt_desc_get(pixels)?.pointee.nb_components ?? 3) < 3 && !isRGB
    }

    /// Whether zimg can read it: planar YUV without alpha, in whole chroma samples.
    ///
    /// The few pixels of a tiny picture are fewer than zimg's filter taps.
    var suitsZimg: Bool {
        guard let descriptor = av_pix_fmt_desc_get(pixels)?.pointee, min(width, height) >= Self.zimgTaps else {
            return false
        }
        return has(AV_PIX_FMT_FLAG_PLANAR) && !isRGB && !has(AV_PIX_FMT_FLAG_ALPHA) && !has(AV_PIX_FMT_FLAG_BE)
            && !has(AV_PIX_FMT_FLAG_FLOAT) && descriptor.nb_components == 3
            && width % (1 << descriptor.log2_chroma_w) == 0 && height % (1 << descriptor.log2_chroma_h) == 0
            && !isSemiPlanar(descriptor)
    }

    var isDeep: Bool { (av_pix_fmt_desc_get(pixels)?.pointee.comp.0.depth ?? 8) > 8 }

    /// Both chroma components in one plane, as in NV12.
    private func isSemiPlanar(_ descriptor: AVPixFmtDescriptor) -> Bool {
        descriptor.comp.1.plane == descriptor.comp.2.plane
    }

    private func has(_ flag: Int32) -> Bool {
        (av_pix_fmt_desc_get(pixels)?.pointee.flags ?? 0) & UInt64(flag) != 0
    }
}
