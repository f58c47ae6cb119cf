import Logging
import MediaDomain
import MediaFFmpeg
import Synchronization
import Testing

/// One finished transcode under test.
struct Transcode {
    let source: SourceDescription
    let result: TranscodeResult
    let sink: MemorySink
    let progress: [Double]

    static let transcoder = FFmpegTranscoder(logger: Logger(label: "media"))

    /// Transcodes by `plan`, or into `rungs` and `audio`; if that is not given, into what sound there is, as loud as `loudness` says.
    init(
        _ path: String,
        rungs: [Rung] = [.large, .small],
        loudness: Double? = nil,
        audio: [AudioRendition]? = nil,
        subtitles: [SubtitleRendition] = [],
        plan wanted: TranscodePlan? = nil,
        sink: MemorySink = MemorySink()
    ) throws {
        let opened = try Self.transcoder.open(path)
        source = opened.description
        self.sink = sink
        let seconds = Mutex<[Double]>([])
        var plan = wanted ?? Self.plan(source, rungs)
        plan.audio = audio ?? plan.audio
        if let loudness { for index in plan.audio.indices { plan.audio[index].loudness = loudness } }
        if !subtitles.isEmpty { plan.subtitles = subtitles }
        result = try opened.transcode(by: plan, sink: sink) { done in
            seconds.withLock { $0.append(done) }
        }
        progress = seconds.withLock(\.self)
    }

    static func plan(_ source: SourceDescription, _ rungs: [Rung]) -> TranscodePlan {
        let hasPictures = source.video != nil
        return TranscodePlan(
            rungs: hasPictures ? rungs : [],
            audio: source.audio.enumerated().map { index, stream in
                AudioRendition(
                    stream: stream.index,
                    name: index == 0 ? "und" : "\(index)",
                    language: "und",
                    label: "\(index)",
                    bitrate: 96_000,
                    sampleRate: 48_000,
                    channels: 2
                )
            },
            segmentDuration: 2,
            keyframeInterval: 1,
            thumbnailTimes: hasPictures ? [0.5, 1.5, 2.5] : [],
            thumbnailWidth: 160,
            thumbnailHeight: 90,
            storyboard: hasPictures
                ? StoryboardPlan(interval: 0.5, tileWidth: 32, tileHeight: 18, columns: 2, rows: 2) : nil
        )
    }

    /// Each track as one file.
    func write(_ folder: String, to workplace: Workplace) throws -> String {
        try workplace.write(sink.track(folder), as: folder.replacing("/", with: "_") + ".mp4")
    }
}

extension Rung {
    static let large = Rung(
        name: "180p",
        width: 320,
        height: 180,
        crf: 30,
        maxBitrate: 600_000,
        bufferSize: 1_200_000,
        preset: "veryfast"
    )
    static let small = Rung(
        name: "90p",
        width: 160,
        height: 90,
        crf: 30,
        maxBitrate: 200_000,
        bufferSize: 400_000,
        preset: "veryfast"
    )

    static func sized(_ width: Int, _ height: Int) -> Rung {
        Rung(
            name: "\(min(width, height))p",
            width: width,
            height: height,
            crf: 30,
            maxBitrate: 600_000,
            bufferSize: 1_200_000,
            preset: "ultrafast"
        )
    }
}

extension TrackResult {
    var starts: [Double] { segments.map { Double($0.start) / Double(timescale) } }
    var end: Double { segments.last.map { Double($0.start + $0.duration) / Double(timescale) } ?? 0 }
}
