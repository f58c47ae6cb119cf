import CFFmpeg
import MediaDomain

extension PictureColors {
    /// What every rendition of a picture such as `frame` tells its player.
    init(_ frame: Frame) {
        let picture = frame.pointer.pointee
        self.init(
            primaries: Int(picture.color_primaries.rawValue),
            transfer: Int(picture.color_trc.rawValue),
            matrix: Int(picture.colorspace.rawValue),
            chroma: Int(picture.chroma_location.rawValue)
        )
    }
}

extension FrameColors {
    /// What a rendition's pictures were found to be.
    init(_ colors: PictureColors) {
        self.init(
            primaries: AVColorPrimaries(UInt32(clamping: colors.primaries)),
            transfer: AVColorTransferCharacteristic(UInt32(clamping: colors.transfer)),
            matrix: AVColorSpace(UInt32(clamping: colors.matrix)),
            isFullRange: false
        )
    }
}
