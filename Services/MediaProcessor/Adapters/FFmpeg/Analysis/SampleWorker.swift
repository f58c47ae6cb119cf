import CFFmpeg
import MediaDomain

/// Decodes and encodes some samples of a source.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the samples are read after that has ended.
final class SampleWorker: Worker, @unchecked Sendable {
    /// Pictures of one sample: a keyframe and those after it.
    private static let length = 4
    /// Pictures that a decoder wants ahead besides.
    private static let lead = 3
    /// Packets after which a sample is given up.
    private static let mostPackets = 64

    /// Of one sample, about.
    static let decodedPictures = length + lead

    let name = "samples"
    private let video: VideoStream
    private let times: [Double]
    private let frameRate: Double
    private let open: () throws(MediaError) -> InputContext
    private(set) var samples: [ContentComplexity.Sample] = []

    /// - Parameter times: Seconds.
    init(
        of video: VideoStream,
        at times: [Double],
        frameRate: Double,
        open: @escaping () throws(MediaError) -> InputContext
    ) {
        self.video = video
        self.times = times
        self.frameRate = frameRate
        self.open = open
    }

    func run() throws(MediaError) {
        let input = try open()
        input.select([video.index])
        for time in times {
            if let sample = try sample(at: time, input) { samples.append(sample) }
        }
        try input.checkSource()
    }

    /// What cannot be read, decoded or encoded is no sample; the transcode will say what is wrong with it.
    private func sample(at time: Double, _ input: InputContext) throws(MediaError) -> ContentComplexity.Sample? {
        let stream = try input.stream(video.index)
        do throws(AVError) {
            let pictures = try pictures(at: time, input, stream)
            guard pictures.count == Self.length, let first = pictures.first else { return nil }
            let start = stream.pointee.time_base.seconds(first.time)
            return try encode(pictures, from: (start * 1000).rounded() / 1000)
        } catch {
            guard error.code != AVError.noMemory else { throw error.reported(as: .decodeFailed) }
            return nil
        }
    }

    private func pictures(
        at time: Double,
        _ input: InputContext,
        _ stream: UnsafeMutablePointer<AVStream>
    ) throws(AVError) -> [Frame] {
        let ticks = Int64(time / stream.pointee.time_base.seconds(1))
        guard input.seek(video.index, to: (stream.start ?? 0) + ticks) else { return [] }
        let decoder = try Decoder(stream)
        var pictures: [Frame] = []
        for _ in 0..<Self.mostPackets where pictures.count < Self.length {
            let packet = try input.read()
            guard packet == nil || packet?.streamIndex == video.index else { continue }
            try decoder.send(packet)
            while pictures.count < Self.length, let picture = try decoder.receive() { pictures.append(picture) }
            if packet == nil { break }
        }
        return pictures
    }

    /// - Parameter start: Seconds.
    private func encode(_ pictures: [Frame], from start: Double) throws(AVError) -> ContentComplexity.Sample {
        let coded = PictureSize(width: pictures[0].width, height: pictures[0].height)
        let large = try SampleEncoding(pictures, size: coded.scaled(toShortSide: 480), frameRate: frameRate)
        // From the large one, which is nearer than the source.
        let small = try SampleEncoding(large.pictures, size: coded.scaled(toShortSide: 240), frameRate: frameRate)
        return ContentComplexity.Sample(
            time: start,
            small: small.cost,
            large: large.cost,
            similarity: try (large.similarity() * 100_000).rounded() / 100_000
        )
    }
}
