import CFFmpeg
import MediaDomain

/// Small pictures laid out in rows on one large one.
final class StoryboardSheet {
    private let plan: StoryboardPlan
    private let sheet: Frame
    private(set) var tileCount = 0

    init(_ plan: StoryboardPlan) throws(AVError) {
        self.plan = plan
        sheet = try Frame(
            width: plan.columns * plan.tileWidth,
            height: plan.rows * plan.tileHeight,
            format: AV_PIX_FMT_YUV420P
        )
        sheet.pointer.pointee.color_range = AVCOL_RANGE_JPEG
        blacken()
    }

    /// The sheet as far as its rows are in use.
    var height: Int { (tileCount + plan.columns - 1) / plan.columns * plan.tileHeight }

    /// The sheet, cut below its last row.
    func picture() throws(AVError) -> Frame {
        let own = try Frame(sharing: sheet)
        own.pointer.pointee.height = Int32(height)
        return own
    }

    /// Copies a picture of the tiles' size into the next place.
    func append(_ tile: Frame) {
        let column = tileCount % plan.columns
        let row = tileCount / plan.columns
        tileCount += 1
        for plane in 0..<3 {
            // Chroma has half the samples each way, rounded up at the picture's edge and down at its place on the sheet.
            let shift = plane == 0 ? 0 : 1
            copy(
                tile,
                plane,
                x: (column * plan.tileWidth) >> shift,
                y: (row * plan.tileHeight) >> shift,
                width: (plan.tileWidth + shift) >> shift,
                height: (plan.tileHeight + shift) >> shift
            )
        }
    }

    private func copy(_ tile: Frame, _ plane: Int, x: Int, y: Int, width: Int, height: Int) {
        let target = sheet.plane(plane)
        let source = tile.plane(plane)
        av_image_copy_plane(
            target.data?.advanced(by: y * target.stride + x),
            Int32(target.stride),
            source.data,
            Int32(source.stride),
            Int32(width),
            Int32(height)
        )
    }

    private func blacken() {
        for index in 0..<3 {
            let plane = sheet.plane(index)
            let rows = index == 0 ? sheet.height : (sheet.height + 1) / 2
            plane.data?.update(repeating: index == 0 ? 0 : 128, count: plane.stride * rows)
        }
    }
}
