import CFFmpeg
import MediaDomain

/// Brings sound to one loudness, measured as EBU R 128 and ITU-R BS.1770-4 say, and keeps its true peaks below 1.5 dB under full
/// scale: where few samples are far louder than all others, it stays quieter for their sake.
///
/// It looks three seconds ahead; of sound longer than that, as many samples come out as go in. Used by one thread.
final class LoudnessNormalizer {
    typealias Take = (Frame) throws(MediaError) -> Void

    /// dBTP: some room for what the encoder adds.
    private static let truePeak = -1.5
    /// Seconds: a little more than what the filter looks at before it hands anything on.
    ///
    /// Shorter sound it would measure wrongly.
    private static let lookAhead = 3.2

    private let target: Double
    private let blockSize: Int
    private var graph: FilterGraph?
    private var taken: Int64 = 0
    /// All sound so far, until it is longer than the look ahead.
    private var opening: [Frame] = []

    /// - Parameters:
    ///   - target: LUFS.
    ///   - blockSize: Samples in each frame that comes out, but for the last one.
    init(target: Double, blockSize: Int) {
        self.target = target
        self.blockSize = blockSize
    }

    /// Takes the next sound, always of one format; hands on blocks of the same.
    func normalize(_ frame: Frame, _ take: Take) throws(MediaError) {
        if isOpening(frame) { opening.append(frame) } else { opening = [] }
        try push(frame)
        try graph?.pullAll(take)
    }

    /// Hands on what is left; short sound several times over, the first of which counts.
    func finish(_ take: Take) throws(MediaError) {
        while let first = opening.first, isOpening(first) {
            for frame in opening { try push(frame) }
        }
        try failing(as: .encodeFailed) { () throws(AVError) in try graph?.push(nil) }
        try graph?.pullAll(take)
    }

    private func isOpening(_ frame: Frame) -> Bool { Double(taken) < Self.lookAhead * Double(frame.sampleRate) }

    private func push(_ frame: Frame) throws(MediaError) {
        frame.time = taken
        taken += Int64(frame.sampleCount)
        try failing(as: .encodeFailed) { () throws(AVError) in try graph(for: frame).push(frame) }
    }

    private func graph(for frame: Frame) throws(AVError) -> FilterGraph {
        if let graph { return graph }
        // Players give one channel to both loudspeakers. The filter hands on 192 kHz, whatever it takes.
        let filters = [
            "loudnorm=I=\(target):TP=\(Self.truePeak):dual_mono=true", "aresample=\(frame.sampleRate)",
            "aformat=sample_fmts=fltp:channel_layouts=\(frame.channelLayout)",
        ]
        let made = try FilterGraph(sound: frame, chain: filters.joined(separator: ","))
        made.setBlockSize(blockSize)
        graph = made
        return made
    }
}
