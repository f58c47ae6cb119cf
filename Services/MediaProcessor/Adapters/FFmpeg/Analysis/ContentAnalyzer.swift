import CFFmpeg
import MediaDomain

/// Encodes a few short samples of a source, spread over it, to tell how much there is to encode.
///
/// What it reads and decodes is bounded by pixels, not by time, so that the same file gives the same answer. Used by one thread.
struct ContentAnalyzer {
    /// Pictures of one sample: a keyframe and those after it.
    private static let length = 4
    /// Pictures that a decoder wants ahead besides.
    private static let lead = 3
    /// Pixels to be decoded: a third of a second's work.
    private static let pixelBudget = 60_000_000
    /// Seconds of the source for each sample at least.
    private static let spacing = 3.0
    /// Packets after which a sample is given up.
    private static let mostPackets = 64

    private let input: InputContext
    private let video: VideoStream

    init(_ input: InputContext, _ video: VideoStream) {
        self.input = input
        self.video = video
    }

    /// `nil` where samples cannot be spread over the source: it is too short, has no index, or too few keyframes.
    func analyze() throws(MediaError) -> ContentComplexity? {
        guard let duration = input.duration, input.canSeek(in: video.index) else { return nil }
        let count = min(sampleLimit, Int(duration / Self.spacing))
        guard count >= 2 else { return nil }
        input.select([video.index])
        let workshop = Workshop()
        let worker = SampleWorker(frameRate: frameRate, queue: workshop.makeQueue(bound: 1))
        try workshop.run([worker]) { () throws(MediaError) in
            let share = duration / Double(count)
            for index in 0..<count {
                let stretch = Double(index) * share..<Double(index + 1) * share
                // Where its encoder found most to do, if the container tells.
                let time = input.busiestTime(in: stretch, of: video.index) ?? (stretch.lowerBound + share / 2)
                if let pictures = try sample(at: time) { worker.queue.push(pictures) }
            }
            worker.queue.push(.end)
        }
        let samples = worker.samples
        // One place says nothing about the rest.
        return samples.count >= 2 ? ContentComplexity(samples: samples, frameRate: frameRate) : nil
    }

    private var sampleLimit: Int {
        let pixels = video.codedWidth * video.codedHeight * (Self.length + Self.lead)
        return min(8, max(3, Self.pixelBudget / max(1, pixels)))
    }

    /// What exceeds 60 pictures a second is left out of every rendition.
    private var frameRate: Double { min(60, max(1, video.frameRate ?? 30)) }

    // MARK: - One sample

    /// What cannot be read or decoded is no sample; the transcode will say what is wrong with it.
    private func sample(at time: Double) throws(MediaError) -> SampleWorker.Message? {
        do throws(AVError) {
            let pictures = try pictures(at: time)
            guard pictures.count == Self.length, let first = pictures.first else { return nil }
            let start = stream.pointee.time_base.seconds(first.time)
            return .pictures(pictures, from: (start * 1000).rounded() / 1000)
        } catch {
            guard error.code != AVError.noMemory else { throw error.reported(as: .decodeFailed) }
            return nil
        }
    }

    private var stream: UnsafeMutablePointer<AVStream> { input.streams[video.index] }

    private func pictures(at time: Double) throws(AVError) -> [Frame] {
        let start = stream.pointee.start_time == unknownTime ? 0 : stream.pointee.start_time
        let ticks = Int64(time / stream.pointee.time_base.seconds(1))
        guard input.seek(video.index, to: start + ticks) else { return [] }
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
}
