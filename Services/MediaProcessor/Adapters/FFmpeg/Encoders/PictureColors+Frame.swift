import CFFmpeg
import MediaDomain

extension PictureColors {
    /// What every rendition of a picture such as `frame` tells its player.
    init(_ frame: Frame) {
        let picture = frame.pointer.pointee
        // Pictures that come as RGB are converted to BT.709.
        let matrix = PictureFormat(frame).isRGB ? AVCOL_SPC_BT709 : picture.colorspace
        self.init(
            primaries: Int(picture.color_primaries.rawValue),
            transfer: Int(picture.color_trc.rawValue),
            matrix: Int(matrix.rawValue),
            chroma: Int(picture.chroma_location.rawValue)
        )
    }
}
