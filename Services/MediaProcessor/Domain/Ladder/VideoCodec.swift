/// How the pictures of a rendition are coded.
package enum VideoCodec: String, Sendable, Hashable, Codable, CaseIterable {
    /// What every device plays.
    case h264
    /// Two thirds of the bits, for twice the work.
    case hevc
    /// The fewest bits.
    case av1

    /// The share of H.264's bits for the same look, as far as a ladder is concerned.
    var rateShare: Double {
        switch self {
        case .h264: 1
        case .hevc: 0.65
        case .av1: 0.55
        }
    }

    /// Pixels that a picture's sides must have for its encoder to take it.
    var shortestSide: Int {
        switch self {
        case .h264: 2
        case .hevc, .av1: 64
        }
    }
}
