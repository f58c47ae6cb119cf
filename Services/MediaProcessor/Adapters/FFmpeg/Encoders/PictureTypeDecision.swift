import CFFmpeg
import MediaDomain

/// Decides which pictures become B-pictures: on small grey ones, once for all large rungs.
///
/// x264 tries for each picture how well those around it tell it, which is a sixth of its work at the presets that this is for; an
/// encoder that is told the types looks ahead for its rates alone. The decision is x264's own, made by an encoder whose pictures
/// nobody sees. Large rungs need about as many bits as with their own decisions, small ones would need more. Used by one thread.
final class PictureTypeDecision {
    /// Of the pictures that are looked at, in pixels.
    private static let shortSide = 270
    /// How many times as many pixels a rung has to have at least; smaller ones, told so, would have fewer B-pictures than are good
    /// for them, and save little.
    private static let leastRatio = 6
    /// Pixels of the source: a few pictures of larger ones, held back until their types are known, would take too much memory.
    private static let mostPixels = 16 << 20
    /// Where x264 decides picture by picture: faster ones have no B-pictures, slower ones search all that lies ahead for the best.
    private static let presets: Set = ["superfast", "veryfast", "faster", "fast", "medium", "slow"]
    /// As little as can be done for a picture.
    ///
    /// It looks ahead no further than a run of B-pictures is long, which is all that these presets decide by.
    private static let settings = [
        "rc-lookahead=0", "sync-lookahead=0", "mbtree=0", "qpmin=51", "me=dia", "subme=2", "partitions=none",
        "8x8dct=0", "trellis=0", "ref=1", "mixed-refs=0", "b-pyramid=none", "psy=0", "chroma-me=0", "cabac=0",
        "no-deblock=1", EncoderRecipe.steadyX264,
    ]

    private let size: PictureSize
    private let encoder: Encoder
    private var graph: FilterGraph?
    private var format: PictureFormat?
    private var count = 0
    private var lastAnchor = -1

    /// Whether that rung is better told.
    static func suits(_ rung: Rung, of source: PictureSize) -> Bool {
        let size = size(for: source)
        return rung.codec == .h264 && presets.contains(rung.preset)
            && rung.width * rung.height >= leastRatio * size.width * size.height
            && source.width * source.height <= mostPixels
    }

    private static func size(for source: PictureSize) -> PictureSize { source.scaled(toShortSide: shortSide) }

    /// - Parameter rung: One that it suits; others of the same ladder have the same types.
    init(for rung: Rung, of source: PictureSize) throws(AVError) {
        let size = Self.size(for: source)
        self.size = size
        let settings = [
            ("preset", rung.preset), ("crf", "51"), ("forced-idr", "1"), ("sc_threshold", "0"),
            ("x264-params", Self.settings.joined(separator: ":")),
        ]
        encoder = try Encoder("libx264", settings: settings) { context throws(AVError) in
            context.width = Int32(size.width)
            context.height = Int32(size.height)
            context.pix_fmt = AV_PIX_FMT_GRAY8
            // It counts pictures, whatever their times.
            context.framerate = AVRational(num: 30, den: 1)
            context.time_base = av_inv_q(context.framerate)
            context.gop_size = Encoder.endless
        }
    }

    /// Takes a picture.
    ///
    /// - Returns: The numbers, from 0, of pictures that are no B-pictures, in order: all of those before that were not told are.
    func decide(_ picture: Frame, isKeyframe: Bool) throws(AVError) -> [Int] {
        let small = try shrink(picture)
        small.time = Int64(count)
        small.pointer.pointee.pict_type = isKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        count += 1
        try encoder.send(small)
        return try anchors()
    }

    /// Takes the end: the rest comes out.
    func finish() throws(AVError) -> [Int] {
        try encoder.send(nil)
        return try anchors()
    }

    /// What is shown after all that came out before it is no B-picture: those follow what they refer to.
    private func anchors() throws(AVError) -> [Int] {
        var found: [Int] = []
        while let packet = try encoder.receive() {
            let number = Int(packet.presentationTime)
            guard number > lastAnchor else { continue }
            lastAnchor = number
            found.append(number)
        }
        return found
    }

    private func shrink(_ picture: Frame) throws(AVError) -> Frame {
        let format = PictureFormat(picture)
        if graph == nil || format != self.format {
            graph = try FilterGraph(pictures: picture, timescale: 90_000, chain: chain(for: format))
            self.format = format
        }
        try graph?.push(picture)
        return try allocated(graph?.pull(), "scaling to \(size.width)x\(size.height)")
    }

    /// The cheapest filter, which is good enough to see what moves; values as they are, whatever their range.
    ///
    /// For pictures that are not made smaller, swscale's cheapest writes code of its own, which no confined process may run.
    private func chain(for format: PictureFormat) -> String {
        let filter = format.width > size.width ? "fast_bilinear" : "bilinear"
        let flags = "\(filter)+accurate_rnd+bitexact"
        return "scale=\(size.width):\(size.height):flags=\(flags):in_range=pc:out_range=pc,format=gray"
    }
}
