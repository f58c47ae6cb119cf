import CFFmpeg
import MediaDomain

/// Brings decoded sound onto the presentation's timeline, gapless and in the encoder's format.
///
/// Used by one thread.
///
/// Sound that starts late and gaps of 100 ms or more are filled with silence; sound that would overlap as much is dropped; what is
/// less is stretched, unnoticed, when it exceeds 10 ms.
final class SoundConformer {
    typealias Take = (Frame) throws(MediaError) -> Void

    /// Seconds.
    private static let largestStretch = 0.1
    /// Samples of silence made at once.
    private static let silenceBlock = 8192

    private let sampleRate: Int
    private let channels: Int
    private let blockSize: Int
    private var graph: FilterGraph?
    private var last: Frame?
    /// Where the sound so far ends, in samples of the source.
    private var position: Int64 = 0

    init(sampleRate: Int, channels: Int, blockSize: Int) {
        self.sampleRate = sampleRate
        self.channels = channels
        self.blockSize = blockSize
    }

    /// Takes sound that starts at `seconds`; hands on blocks of the encoder's size, each as soon as it is there.
    func conform(_ frame: Frame, at seconds: Double, _ take: Take) throws(MediaError) {
        try failing(as: .encodeFailed) { () throws(AVError) in try Self.nameChannels(frame) }
        if let last, !last.hasSameSound(as: frame) { try restart(for: frame, take) }
        let start = Int64((seconds * Double(frame.sampleRate)).rounded())
        let tolerance = position == 0 ? 1 : Int64(Self.largestStretch * Double(frame.sampleRate))
        guard start > position - tolerance else { return }
        last = frame
        if start - position >= tolerance { try fill(upTo: start, like: frame, take) }
        try pass(frame, at: max(start, 0), take)
    }

    /// Hands on what is left, followed by silence up to `seconds`.
    func finish(at seconds: Double, _ take: Take) throws(MediaError) {
        guard let last else { return }
        // A little more than needed, for the resampler's tail; the encoder's side cuts to the sample.
        let end = Int64((seconds + Self.largestStretch) * Double(last.sampleRate))
        try fill(upTo: end, like: last, take)
        try drain(take)
    }

    private func fill(upTo end: Int64, like frame: Frame, _ take: Take) throws(MediaError) {
        while position < end {
            let count = min(Int(end - position), Self.silenceBlock)
            let silence = try failing(as: .encodeFailed) { () throws(AVError) in
                try Frame(silence: count, like: frame)
            }
            try pass(silence, at: position, take)
        }
    }

    private func pass(_ frame: Frame, at start: Int64, _ take: Take) throws(MediaError) {
        frame.time = start
        position = start + Int64(frame.sampleCount)
        try failing(as: .encodeFailed) { () throws(AVError) in try graph(for: frame).push(frame) }
        try graph?.pullAll(take)
    }

    private func restart(for frame: Frame, _ take: Take) throws(MediaError) {
        let rate = AVRational.ticks(last?.sampleRate ?? frame.sampleRate)
        try drain(take)
        position = rate.rescale(position, to: .ticks(frame.sampleRate))
    }

    private func drain(_ take: Take) throws(MediaError) {
        try failing(as: .encodeFailed) { () throws(AVError) in try graph?.push(nil) }
        try graph?.pullAll(take)
        graph = nil
    }

    private func graph(for frame: Frame) throws(AVError) -> FilterGraph {
        if let graph { return graph }
        let layout = channels == 1 ? "mono" : "stereo"
        let stretch = "async=1000:min_comp=0.01:min_hard_comp=\(2 * Self.largestStretch)"
        let format = "sample_fmts=fltp:sample_rates=\(sampleRate):channel_layouts=\(layout)"
        // As loud as all channels at once allow: nothing is cut off.
        let named = frame.hasNamedChannels ? [] : [Self.spread(frame.channelCount, over: channels)]
        let resample = "aresample=\(sampleRate):\(stretch):rematrix_maxval=1"
        let made = try FilterGraph(
            sound: frame,
            chain: (named + [resample, "aformat=\(format)"]).joined(separator: ",")
        )
        made.setBlockSize(blockSize)
        graph = made
        return made
    }

    /// Channels that nobody can name, as a mixing desk records them: every second one left and right, alike loud.
    private static func spread(_ count: Int, over channels: Int) -> String {
        let outputs = (0..<channels).map { output in
            let sources = stride(from: output, to: count, by: channels)
            let share = 1 / Double(max(1, (count + channels - 1) / channels))
            return "c\(output)=" + sources.map { "\(share)*c\($0)" }.joined(separator: "+")
        }
        return "pan=" + ([channels == 1 ? "mono" : "stereo"] + outputs).joined(separator: "|")
    }

    /// Some containers tell how many channels there are, but not which.
    private static func nameChannels(_ frame: Frame) throws(AVError) {
        guard frame.pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC else { return }
        let count = frame.pointer.pointee.ch_layout.nb_channels
        guard count > 0 else { throw AVError(code: AVError.invalidData, call: "sound without channels") }
        // Beyond these, one layout is as good a guess as the other.
        if count <= 8 { av_channel_layout_default(&frame.pointer.pointee.ch_layout, count) }
    }
}

extension Frame {
    fileprivate var channelCount: Int { Int(pointer.pointee.ch_layout.nb_channels) }

    /// Whether it is known where each channel belongs.
    fileprivate var hasNamedChannels: Bool { pointer.pointee.ch_layout.order == AV_CHANNEL_ORDER_NATIVE }

    fileprivate func hasSameSound(as other: Frame) -> Bool {
        sampleRate == other.sampleRate && pointer.pointee.format == other.pointer.pointee.format
            && av_channel_layout_compare(&pointer.pointee.ch_layout, &other.pointer.pointee.ch_layout) == 0
    }
}
