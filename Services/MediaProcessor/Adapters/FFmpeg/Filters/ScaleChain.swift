import CFFmpeg

/// The filters that bring a picture into a box, with the colours wanted.
///
/// The shape is kept: what does not fill the box lies in its middle, on black.
struct ScaleChain {
    /// Where the white of plain pictures lies in brighter ones, in cd/m² (ITU-R BT.2408).
    private static let white = 203
    /// The brightest that stays apart from white, in cd/m²: what most of such pictures are graded for.
    private static let peak = 1000
    /// Linear up to there, in parts of white: faces and all below keep their light, only what shines is compressed.
    private static let knee = 0.3

    let format: PictureFormat
    let source: FrameColors
    let target: FrameColors
    let box: PixelBox
    /// Width over height of one pixel.
    let pixelShape: Double
    /// Whether few pictures are made, so that what is better may cost more.
    let isStill: Bool

    static let hasZimg = avfilter_get_by_name("zscale") != nil

    var text: String {
        ([blended, scaled, "format=yuv420p", padded] as [String?]).compactMap(\.self).joined(separator: ",")
    }

    /// Whether the picture is right as it is.
    var isNothing: Bool {
        format.isEncodable && !source.isFullRange && !source.needsConversion(to: target) && inner == box
            && format.width == box.width && format.height == box.height
    }

    // MARK: The shape

    /// What of the box the picture fills.
    var inner: PixelBox {
        let shape = Double(format.width) * pixelShape / Double(format.height)
        let fitted = box.fitting(shape)
        // Evenness and rounding make a box of another shape; that is no reason for bars.
        let slack = (width: max(2, box.width / 50), height: max(2, box.height / 50))
        let isWhole = box.width - fitted.width <= slack.width && box.height - fitted.height <= slack.height
        return isWhole ? box : fitted
    }

    private var padded: String? {
        inner == box ? nil : "pad=\(box.width):\(box.height):(ow-iw)/2:(oh-ih)/2:black"
    }

    // MARK: The colours

    /// What is transparent lies on black.
    private var blended: String? {
        guard format.hasAlpha else { return nil }
        let depth = format.isDeep ? "16le" : ""
        let (with, without) = format.isRGB ? ("gbrap", "gbrp") : ("yuva444p", "yuv444p")
        return "format=\(with)\(depth),premultiply=inplace=1,format=\(without)\(depth)"
    }

    private var scaled: String {
        let suits =
            Self.hasZimg && min(format.width, format.height, inner.width, inner.height) >= PictureFormat.zimgTaps
        if suits, source.isHDR { return "\(planar)\(toneMapped)" }
        // It costs less than half of swscale's bicubic, and knows more colours.
        if suits, format.suitsZimg || format.hasAlpha || source.needsConversion(to: target) {
            return "\(planar)\(zscaled)"
        }
        return swscaled
    }

    /// Into a format that zimg reads.
    private var planar: String {
        guard !format.suitsZimg, !format.hasAlpha else { return "" }
        let depth = format.isDeep ? "16le" : ""
        if format.isRGB { return "format=gbrp\(depth)," }
        let range = source.isFullRange ? "pc" : "tv"
        return "scale=in_range=\(range):out_range=\(range),format=yuv444p\(depth),"
    }

    private var zscaled: String {
        "zscale=\(size):filter=bicubic:\(Self.from(source.aligned(with: target))):\(Self.to(target))\(format.isDeep ? ":dither=ordered" : "")"
    }

    /// Linear light of BT.709's primaries, in which bright values are compressed.
    private var toneMapped: String {
        var light = target
        light.primaries = AVCOL_PRI_BT709
        light.transfer = AVCOL_TRC_LINEAR
        light.matrix = AVCOL_SPC_RGB
        light.isFullRange = true
        var bounded = light
        bounded.transfer = target.transfer
        let peak = Double(Self.peak) / Double(Self.white)
        return [
            "zscale=\(size):filter=bicubic:\(Self.from(source)):\(Self.to(light)):npl=\(Self.white)",
            "format=gbrpf32le",
            "tonemap=mobius:param=\(Self.knee):desat=0:peak=\(peak)",
            // Whole numbers hold nothing beyond white.
            "zscale=\(Self.from(light)):\(Self.to(bounded))", "format=gbrp16le",
            "zscale=\(Self.from(bounded)):\(Self.to(target)):dither=ordered",
        ]
        .joined(separator: ",")
    }

    private var swscaled: String {
        let flags = isStill ? "bicubic+accurate_rnd" : "bicubic"
        let range = "in_range=\(source.isFullRange ? "pc" : "tv"):out_range=\(target.isFullRange ? "pc" : "tv")"
        // Where they are RGB, there is no matrix to undo.
        let matrix = format.isRGB ? "" : ":in_color_matrix=\(source.matrix.swscaleName)"
        return "scale=\(size):flags=\(flags):\(range)\(matrix):out_color_matrix=\(target.matrix.swscaleName)"
    }

    private var size: String { "w=\(inner.width):h=\(inner.height)" }

    private static func from(_ colors: FrameColors) -> String {
        "pin=\(colors.primaries.rawValue):tin=\(colors.transfer.rawValue):min=\(colors.matrix.rawValue)"
            + ":rin=\(colors.isFullRange ? "full" : "limited")"
    }

    private static func to(_ colors: FrameColors) -> String {
        "p=\(colors.primaries.rawValue):t=\(colors.transfer.rawValue):m=\(colors.matrix.rawValue)"
            + ":r=\(colors.isFullRange ? "full" : "limited")"
    }
}

/// Pixels across and down.
struct PixelBox: Equatable {
    var width: Int
    var height: Int

    /// The largest box of even sides within this one that has that width over height.
    func fitting(_ shape: Double) -> PixelBox {
        guard shape.isFinite, shape > 0 else { return self }
        let own = Double(width) / Double(height)
        return shape >= own
            ? PixelBox(width: width, height: Self.even(Double(width) / shape, atMost: height))
            : PixelBox(width: Self.even(Double(height) * shape, atMost: width), height: height)
    }

    private static func even(_ length: Double, atMost limit: Int) -> Int {
        min(limit, max(2, 2 * Int((length / 2).rounded())))
    }
}

extension AVColorSpace {
    /// As swscale spells it.
    fileprivate var swscaleName: String {
        switch self {
        case AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG: "bt601"
        case AVCOL_SPC_FCC: "fcc"
        case AVCOL_SPC_SMPTE240M: "smpte240m"
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: "bt2020"
        default: "bt709"
        }
    }
}
