import CFFmpeg
import MediaDomain

/// Conforms, encodes and packages the sound.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the results are read after that has ended.
final class SoundWorker: Worker, @unchecked Sendable {
    enum Message {
        /// Sound that starts at this time. Seconds.
        case sound(Frame, at: Double)
        /// A segment of the pictures starts there.
        case cut(at: Double)
        /// The presentation ends there.
        case end(at: Double)
    }

    var name: String { "sound \(rendition.name)" }
    let queue: BoundedQueue<Message>
    private let rendition: AudioRendition
    private let conformer: SoundConformer
    /// Where the sound's loudness is not to stay as it is.
    private let normalizer: LoudnessNormalizer?
    private let sound: SoundEncoder
    private let packager: SoundPackager
    /// Told of all sound, where it is wanted; set before the thread runs.
    var waveform: Waveform?
    /// Samples given to the encoder.
    private var encoded: Int64 = 0

    init(
        _ rendition: AudioRendition,
        grid: SegmentGrid,
        followsPictures: Bool,
        output: TrackOutput,
        queue: BoundedQueue<Message>
    ) throws(MediaError) {
        self.rendition = rendition
        self.queue = queue
        let sound = try failing(as: .encodeFailed) { () throws(AVError) in try SoundEncoder(rendition) }
        self.sound = sound
        let rate = rendition.sampleRate
        conformer = SoundConformer(sampleRate: rate, channels: rendition.channels, blockSize: SoundEncoder.frameSize)
        normalizer = rendition.loudness.map { LoudnessNormalizer(target: $0, blockSize: SoundEncoder.frameSize) }
        let head = TrackHead(
            codecs: sound.codecs,
            timescale: rate,
            frameRate: nil,
            initSize: 0,
            initChecksum: ""
        )
        let track = try TrackPackager(sound.encoder, head: head, edit: sound.priming, output: output)
        let cuts = SoundCuts(
            grid: grid,
            packetDuration: Double(SoundEncoder.frameSize) / Double(rate),
            followsPictures: followsPictures
        )
        packager = SoundPackager(track, sampleRate: rate, cuts: cuts)
    }

    /// Without segments if no sound came.
    var result: TrackResult {
        TrackResult(
            codecs: sound.codecs,
            timescale: rendition.sampleRate,
            frameRate: nil,
            initSize: packager.head.initSize,
            segments: packager.segments
        )
    }

    func run() throws(MediaError) {
        while let message = queue.pop() {
            switch message {
            case .sound(let frame, let seconds):
                try conformer.conform(frame, at: seconds) { block throws(MediaError) in
                    try level(block) { block throws(MediaError) in try encode(block) }
                }
            case .cut(let seconds): try packager.cut(at: seconds)
            case .end(let seconds): return try finish(at: seconds)
            }
        }
    }

    private func finish(at seconds: Double) throws(MediaError) {
        let end = Int64((seconds * Double(rendition.sampleRate)).rounded())
        func encodeUntilEnd(_ block: Frame) throws(MediaError) {
            guard encoded < end else { return }
            block.pointer.pointee.nb_samples = Int32(min(Int64(block.sampleCount), end - encoded))
            try encode(block)
        }
        try conformer.finish(at: seconds) { block throws(MediaError) in try level(block, encodeUntilEnd) }
        try normalizer?.finish(encodeUntilEnd)
        guard encoded > 0 else { return }
        try failing(as: .encodeFailed) { () throws(AVError) in try sound.encoder.send(nil) }
        try package()
        try packager.finish()
    }

    private func level(_ block: Frame, _ take: LoudnessNormalizer.Take) throws(MediaError) {
        guard let normalizer else { return try take(block) }
        try failing(as: .encodeFailed) { () throws(AVError) in try block.limitRange() }
        try normalizer.normalize(block, take)
    }

    private func encode(_ block: Frame) throws(MediaError) {
        block.time = encoded
        encoded += Int64(block.sampleCount)
        try failing(as: .encodeFailed) { () throws(AVError) in try block.limitRange() }
        waveform?.add(block)
        try failing(as: .encodeFailed) { () throws(AVError) in try sound.encoder.send(block) }
        try package()
    }

    private func package() throws(MediaError) {
        func next() throws(MediaError) -> Packet? {
            try failing(as: .encodeFailed) { () throws(AVError) in try sound.encoder.receive() }
        }
        while let packet = try next() { try packager.append(packet) }
    }
}
