import CFFmpeg

/// How the stored pictures must be turned, and mirrored, to be seen as they are meant.
struct Orientation: Equatable {
    /// Degrees clockwise, to the nearest right angle: 0, 90, 180 or 270.
    let rotation: Int
    /// Whether they are mirrored besides.
    let isMirrored: Bool

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        guard let matrix = cffmpeg_display_matrix(stream) else {
            (rotation, isMirrored) = (0, false)
            return
        }
        // The library tells how far the picture is turned counter-clockwise.
        let angle = -av_display_rotation_get(matrix)
        rotation = angle.isFinite ? ((Int((angle / 90).rounded()) * 90) % 360 + 360) % 360 : 0
        // Left over right and above over below, in the upper left of the matrix: negative where it turns the picture over.
        let (a, b, c, d) = (Double(matrix[0]), Double(matrix[1]), Double(matrix[3]), Double(matrix[4]))
        isMirrored = a * d - b * c < 0
    }

    var isUpright: Bool { rotation == 0 && !isMirrored }

    /// libavfilter's.
    var filters: [String] {
        switch (rotation, isMirrored) {
        case (90, false): ["transpose=clock"]
        case (90, true): ["transpose=cclock_flip"]
        case (180, false): ["hflip", "vflip"]
        case (180, true): ["hflip"]
        case (270, false): ["transpose=cclock"]
        case (270, true): ["transpose=clock_flip"]
        case (_, true): ["vflip"]
        default: []
        }
    }
}
