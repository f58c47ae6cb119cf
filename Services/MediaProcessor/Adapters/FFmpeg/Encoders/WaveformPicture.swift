import CFFmpeg

/// Draws a waveform: bars on a dark ground, as high as the sound is loud.
struct WaveformPicture {
    /// A colour in the full range of BT.601, as JPEG holds it.
    private struct Color {
        let y: UInt8
        let u: UInt8
        let v: UInt8
    }

    private static let ground = Color(y: 27, u: 133, v: 125)
    private static let ink = Color(y: 147, u: 150, v: 78)
    /// Pixels from one bar to the next, and how many of them are inked: even, as chroma is.
    private static let step = 8
    private static let barWidth = 6
    /// Of the height: the bar of the loudest stretch, and the least of any.
    private static let highest: Float = 0.7
    private static let lowest: Float = 0.01

    let width: Int
    let height: Int

    /// A picture in JPEG's format.
    func draw(_ waveform: Waveform) throws(AVError) -> Frame {
        let picture = try Frame(width: width, height: height, format: AV_PIX_FMT_YUV420P)
        picture.pointer.pointee.color_range = AVCOL_RANGE_JPEG
        fill(picture, x: 0, y: 0, width: width, height: height, Self.ground)
        let bars = waveform.bars(max(1, width / Self.step))
        // Quiet recordings fill the picture as loud ones do.
        let loudest = max(bars.max() ?? 0, 0.001)
        for (index, peak) in bars.enumerated() {
            let share = max(Self.lowest, peak / loudest * Self.highest)
            let half = max(2, Int(Float(height) * share / 2) & ~1)
            let x = index * Self.step
            let barWidth = min(Self.barWidth, width - x)
            let y = (height / 2 - half) & ~1
            fill(picture, x: x, y: max(0, y), width: barWidth, height: min(2 * half, height), Self.ink)
        }
        return picture
    }

    private func fill(_ picture: Frame, x: Int, y: Int, width: Int, height: Int, _ color: Color) {
        let target = picture.pointer.pointee
        let planes = [
            (target.data.0, Int(target.linesize.0), color.y, 1), (target.data.1, Int(target.linesize.1), color.u, 2),
            (target.data.2, Int(target.linesize.2), color.v, 2),
        ]
        for (data, stride, value, part) in planes {
            for row in (y / part)..<((y + height) / part) {
                data?.advanced(by: row * stride + x / part).update(repeating: value, count: width / part)
            }
        }
    }
}
