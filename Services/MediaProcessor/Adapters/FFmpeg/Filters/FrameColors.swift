import CFFmpeg

/// What the values of a picture mean.
///
/// The code points are those of ISO/IEC 23091-2, which libav and zimg share.
struct FrameColors: Equatable {
    var primaries: AVColorPrimaries
    var transfer: AVColorTransferCharacteristic
    var matrix: AVColorSpace
    var isFullRange: Bool

    /// As the picture tells, and where it does not, as pictures of its size usually are.
    init(_ frame: Frame) {
        let told = frame.pointer.pointee
        let isRGB = PictureFormat(frame).isRGB
        let usual = Usual(frame)
        transfer = Self.known(told.color_trc) ?? AVCOL_TRC_BT709
        let isHDR = Self.isHDR(transfer)
        primaries =
            Self.known(told.color_primaries) ?? (isHDR ? AVCOL_PRI_BT2020 : isRGB ? AVCOL_PRI_BT709 : usual.primaries)
        matrix = isRGB ? AVCOL_SPC_RGB : Self.known(told.colorspace) ?? (isHDR ? AVCOL_SPC_BT2020_NCL : usual.matrix)
        isFullRange =
            isRGB || told.color_range == AVCOL_RANGE_JPEG || PictureFormat(frame).isFullRangeByNature(told.color_range)
    }

    init(
        primaries: AVColorPrimaries,
        transfer: AVColorTransferCharacteristic,
        matrix: AVColorSpace,
        isFullRange: Bool
    ) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.isFullRange = isFullRange
    }

    /// Brighter than any plain screen: perceptual quantisation or hybrid log-gamma.
    var isHDR: Bool { Self.isHDR(transfer) }

    /// What a rendition of it tells: the same where every player knows it, and BT.709 otherwise.
    var playable: FrameColors {
        let plainMatrix = [AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG].contains(matrix)
        let plainPrimaries = [AVCOL_PRI_BT709, AVCOL_PRI_SMPTE170M, AVCOL_PRI_BT470BG].contains(primaries)
        let plainTransfer = [AVCOL_TRC_BT709, AVCOL_TRC_SMPTE170M].contains(transfer)
        return FrameColors(
            primaries: plainPrimaries ? primaries : AVCOL_PRI_BT709,
            transfer: plainTransfer ? transfer : AVCOL_TRC_BT709,
            matrix: plainMatrix ? matrix : AVCOL_SPC_BT709,
            isFullRange: false
        )
    }

    /// Whether colours must be computed anew to be what `other` says; values in another range are but scaled.
    func needsConversion(to other: FrameColors) -> Bool {
        !matches(matrix, other.matrix) || primaries.plain != other.primaries.plain
            || transfer.plain != other.transfer.plain
    }

    /// The same, with the other's word for what players show alike: nothing is computed for a mere name.
    func aligned(with other: FrameColors) -> FrameColors {
        FrameColors(
            primaries: primaries.plain == other.primaries.plain ? other.primaries : primaries,
            transfer: transfer.plain == other.transfer.plain ? other.transfer : transfer,
            matrix: matches(matrix, other.matrix) ? other.matrix : matrix,
            isFullRange: isFullRange
        )
    }

    private func matches(_ one: AVColorSpace, _ other: AVColorSpace) -> Bool { one.plain == other.plain }

    private static func isHDR(_ transfer: AVColorTransferCharacteristic) -> Bool {
        transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67
    }

    /// What colours are where nobody tells: HD's, or those of the two television systems before it.
    private struct Usual {
        let primaries: AVColorPrimaries
        let matrix: AVColorSpace

        init(_ frame: Frame) {
            let (long, short) = (max(frame.width, frame.height), min(frame.width, frame.height))
            switch true {
            case long >= 1280 || short > 576: (primaries, matrix) = (AVCOL_PRI_BT709, AVCOL_SPC_BT709)
            case short == 576: (primaries, matrix) = (AVCOL_PRI_BT470BG, AVCOL_SPC_BT470BG)
            default: (primaries, matrix) = (AVCOL_PRI_SMPTE170M, AVCOL_SPC_SMPTE170M)
            }
        }
    }

    // What zimg computes with; anything else says nothing.

    private static func known(_ primaries: AVColorPrimaries) -> AVColorPrimaries? {
        [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22].contains(primaries.rawValue) ? primaries : nil
    }

    private static func known(_ transfer: AVColorTransferCharacteristic) -> AVColorTransferCharacteristic? {
        [1, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 18].contains(transfer.rawValue) ? transfer : nil
    }

    private static func known(_ matrix: AVColorSpace) -> AVColorSpace? {
        [1, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14].contains(matrix.rawValue) ? matrix : nil
    }
}

extension AVColorSpace {
    /// One of those that compute alike.
    fileprivate var plain: AVColorSpace { self == AVCOL_SPC_BT470BG ? AVCOL_SPC_SMPTE170M : self }
}

extension AVColorPrimaries {
    fileprivate var plain: AVColorPrimaries { self == AVCOL_PRI_SMPTE240M ? AVCOL_PRI_SMPTE170M : self }
}

extension AVColorTransferCharacteristic {
    /// One of those that nobody tells apart on a screen: players show all of them as BT.709.
    fileprivate var plain: AVColorTransferCharacteristic {
        switch self {
        case AVCOL_TRC_SMPTE170M, AVCOL_TRC_BT2020_10, AVCOL_TRC_BT2020_12, AVCOL_TRC_IEC61966_2_1, AVCOL_TRC_GAMMA22,
            AVCOL_TRC_GAMMA28, AVCOL_TRC_SMPTE240M, AVCOL_TRC_IEC61966_2_4, AVCOL_TRC_BT1361_ECG:
            AVCOL_TRC_BT709
        default: self
        }
    }
}

extension Frame {
    /// Says what the values mean.
    func setColors(_ colors: FrameColors) {
        pointer.pointee.color_primaries = colors.primaries
        pointer.pointee.color_trc = colors.transfer
        pointer.pointee.colorspace = colors.matrix
        pointer.pointee.color_range = colors.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
    }

    /// Whether the frame itself says exactly this.
    func tells(_ colors: FrameColors) -> Bool {
        let told = pointer.pointee
        return told.color_primaries == colors.primaries && told.color_trc == colors.transfer
            && told.colorspace == colors.matrix
    }
}
