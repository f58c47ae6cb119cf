import Foundation
import MediaDomain

/// Encodes a few short samples of a source, spread over it, to tell how much there is to encode.
///
/// What it reads and decodes is bounded by pixels, not by time, so that the same file gives the same answer.
struct ContentAnalyzer {
    /// Pixels to be decoded: a third of a second's work.
    private static let pixelBudget = 60_000_000
    /// Seconds of the source for each sample at least.
    private static let spacing = 3.0
    /// Samples that are worked on at once: each has a decoder of its own.
    private static let mostWorkers = 4

    private let video: VideoStream
    private let open: () throws(MediaError) -> InputContext

    /// - Parameter open: Opens the source once more: whoever reads it reads by himself.
    init(_ video: VideoStream, open: @escaping () throws(MediaError) -> InputContext) {
        self.video = video
        self.open = open
    }

    /// `nil` where samples cannot be spread over the source: it is too short, has no index, or too few keyframes.
    func analyze() throws(MediaError) -> ContentComplexity? {
        let input = try open()
        let times = times(in: input)
        try input.checkSource()
        guard times.count >= 2 else { return nil }
        let samples = try samples(at: times, input)
        // One place says nothing about the rest.
        return samples.count >= 2 ? ContentComplexity(samples: samples, frameRate: frameRate) : nil
    }

    /// Seconds.
    private func times(in input: InputContext) -> [Double] {
        guard let duration = input.duration, input.canSeek(in: video.index) else { return [] }
        let count = min(sampleLimit, Int(duration / Self.spacing))
        let share = duration / Double(max(1, count))
        return (0..<count).map { index in
            let stretch = Double(index) * share..<Double(index + 1) * share
            // Where its encoder found most to do, if the container tells.
            return input.busiestTime(in: stretch, of: video.index) ?? (stretch.lowerBound + share / 2)
        }
    }

    private func samples(at times: [Double], _ input: InputContext) throws(MediaError) -> [ContentComplexity.Sample] {
        let count = min(times.count, Self.mostWorkers, ProcessInfo.processInfo.activeProcessorCount)
        let workers = (0..<count).map { number in
            SampleWorker(
                of: video,
                at: stride(from: number, to: times.count, by: count).map { times[$0] },
                frameRate: frameRate,
                open: number == 0 ? { () throws(MediaError) in input } : open
            )
        }
        try Workshop().run(workers) {}
        // Keyframes may be so rare that two places have the same.
        return workers.flatMap(\.samples).sorted { $0.time < $1.time }.reduce(into: []) { samples, next in
            if next.time != samples.last?.time { samples.append(next) }
        }
    }

    private var sampleLimit: Int {
        let pixels = video.codedWidth * video.codedHeight * SampleWorker.decodedPictures
        return min(8, max(3, Self.pixelBudget / max(1, pixels)))
    }

    /// What exceeds 60 pictures a second is left out of every rendition.
    private var frameRate: Double { min(60, max(1, video.frameRate ?? 30)) }
}
