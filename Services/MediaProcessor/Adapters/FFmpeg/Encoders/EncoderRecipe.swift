import CFFmpeg
import MediaDomain

/// How a rung's encoder is opened: which one, and with what settings by name.
///
/// All of them make the same bytes each time, start closed groups of pictures where the caller says and nowhere else, and hold a
/// constant rate factor under a cap.
struct EncoderRecipe {
    /// libavcodec's name.
    let encoder: String
    let settings: [(name: String, value: String)]
    /// Whether every group of pictures needs an encoder of its own, since this one cannot be told where to start them.
    let isForOneGroup: Bool

    init(_ rung: Rung, clock: PictureClock) {
        switch rung.codec {
        case .h264: self = .x264(rung, clock)
        case .hevc: self = .x265(rung, clock)
        case .av1: self = .svt(rung)
        }
    }

    private init(_ encoder: String, isForOneGroup: Bool = false, _ settings: [(name: String, value: String)]) {
        self.encoder = encoder
        self.settings = settings
        self.isForOneGroup = isForOneGroup
    }

    // MARK: H.264

    private static func x264(_ rung: Rung, _ clock: PictureClock) -> Self {
        // Only then does the bit stream itself tell a frame rate rather than the ticks that we count in.
        let rate = clock.isConstant ? "force-cfr=1" : "force-cfr=0"
        return Self(
            "libx264",
            [
                ("preset", rung.preset), ("crf", "\(rung.crf)"), ("profile", "high"),
                // The caller's pictures start the groups; x264 makes none of its own.
                ("forced-idr", "1"), ("sc_threshold", "0"),
                ("x264-params", "\(rate):\(steadyX264)"),
            ]
        )
    }

    /// Otherwise its look-ahead estimates with other instructions on each kind of processor, and with AVX-512 reads memory that
    /// nobody has written, so that x264 164 decides now and then otherwise.
    static let steadyX264 = "cpu-independent=1"

    // MARK: HEVC

    private static func x265(_ rung: Rung, _ clock: PictureClock) -> Self {
        let parameters = [
            // One thread, as for all rungs.
            "pools=none", "frame-threads=1",
            "open-gop=0", "scenecut=0", "keyint=-1",
            // Parameter sets belong into the sample entry alone, which is what `hvc1` promises.
            "repeat-headers=0", "info=0",
            "vui-timing-info=\(clock.isConstant ? 1 : 0)",
            // It would write to standard error.
            "log-level=none",
        ]
        return Self(
            "libx265",
            [
                ("preset", rung.preset), ("crf", "\(rung.crf + 2)"), ("profile", "main"), ("forced-idr", "1"),
                ("x265-params", parameters.joined(separator: ":")),
            ]
        )
    }

    // MARK: AV1

    private static func svt(_ rung: Rung) -> Self {
        Self(
            "libsvtav1",
            isForOneGroup: true,
            [
                ("preset", "\(svtPresets[rung.preset] ?? 10)"),
                ("crf", "\(min(63, Int((rung.crf * 1.5 + 5).rounded())))"),
                // One core; no group of its own; nothing above the cap.
                ("svtav1-params", "lp=1:keyint=-1:mbr-overshoot-pct=0"),
            ]
        )
    }

    /// By x264's names: about as much work for each picture.
    private static let svtPresets = [
        "ultrafast": 13, "superfast": 12, "veryfast": 10, "faster": 9, "fast": 8, "medium": 7, "slow": 6, "slower": 5,
        "veryslow": 4,
    ]
}
