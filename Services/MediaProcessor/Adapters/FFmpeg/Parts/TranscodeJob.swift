import CFFmpeg
import Foundation
import MediaDomain

/// What all who work at one transcode share.
struct TranscodeJob: Sendable {
    let source: SourceDescription
    let plan: TranscodePlan
    let sink: any ArtifactSink
    let listener: any TranscodeListener
    /// Opens the source once more: whoever reads it reads by himself.
    let open: @Sendable () throws(MediaError) -> InputContext

    /// The stream to show; `nil` where nothing is.
    var pictures: VideoStream? { plan.rungs.isEmpty ? nil : source.video }

    /// Every stream that is read: the presentation starts where the first of them does.
    var streams: [Int] { [pictures?.index].compactMap(\.self) + plan.audio.map(\.stream) }

    /// Makes an opened source ready to read some streams, and nothing that can be passed over.
    func prepare(_ input: InputContext, toRead chosen: [Int]) throws(MediaError) -> PresentationClock {
        // Where times may jump, all streams together tell where they do.
        input.select(input.mayJump ? streams + plan.subtitles.map(\.stream) : chosen)
        let all = try streams.map { index throws(MediaError) in try input.stream(index) }
        return PresentationClock(all, mayJump: input.mayJump)
    }

    /// How many pictures may be decoded at once where the time counts.
    ///
    /// H.264's decoder has something to say whenever it makes up what is missing; others' are silent at times.
    var decodingThreads: Int {
        pictures?.codec == "h264" ? min(4, ProcessInfo.processInfo.activeProcessorCount) : 1
    }

    /// What its times may be.
    func bound(_ input: InputContext) -> TimeBound {
        TimeBound(declared: input.declaresDuration ? input.duration : nil)
    }

    /// What several threads have decoded at once could come out otherwise another time.
    static let doubtful = MediaError(.decodeFailed, "the source is damaged")

    /// Others have ended the work on a part.
    static let stopped = MediaError(.cancelled, "stopped as asked")

    /// What was to be copied has to be encoded.
    static let cannotCopy = MediaError(.encodeFailed, "the source's pictures cannot be kept as they are")

    static let nothingDecoded = MediaError(.decodeFailed, "nothing in the file could be decoded")
}
