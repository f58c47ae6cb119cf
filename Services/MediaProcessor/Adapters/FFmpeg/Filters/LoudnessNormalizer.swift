import CFFmpeg
import MediaDomain

/// Brings sound to one loudness, measured as EBU R 128 and ITU-R BS.1770-4 say, and keeps its true peaks below 1.5 dB under full
/// scale.
///
/// It looks three seconds ahead, and makes as many samples as it takes. Used by one thread.
final class LoudnessNormalizer {
    typealias Take = (Frame) throws(MediaError) -> Void

    /// dBTP: some room for what the encoder adds.
    private static let truePeak = -1.5

    private let target: Double
    private let blockSize: Int
    private var graph: FilterGraph?
    private var taken: Int64 = 0

    /// - Parameters:
    ///   - target: LUFS.
    ///   - blockSize: Samples in each frame that comes out, but for the last one.
    init(target: Double, blockSize: Int) {
        self.target = target
        self.blockSize = blockSize
    }

    /// Takes the next sound, always of one format; hands on blocks of the same.
    func normalize(_ frame: Frame, _ take: Take) throws(MediaError) {
        frame.time = taken
        taken += Int64(frame.sampleCount)
        try failing(as: .encodeFailed) { () throws(AVError) in try graph(for: frame).push(frame) }
        try graph?.pullAll(take)
    }

    /// Hands on what is left.
    func finish(_ take: Take) throws(MediaError) {
        try failing(as: .encodeFailed) { () throws(AVError) in try graph?.push(nil) }
        try graph?.pullAll(take)
    }

    private func graph(for frame: Frame) throws(AVError) -> FilterGraph {
        if let graph { return graph }
        // Players give one channel to both loudspeakers. It works, and hands on, at four times the rate of CDs and more.
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
