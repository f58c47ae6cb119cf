import CFFmpeg
import MediaDomain

/// Scales, encodes and packages one rung.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the results are read after that has ended.
final class RungWorker: Worker, @unchecked Sendable {
    enum Message {
        case picture(Frame, Slot)
        /// The last picture is shown until then. Ticks.
        case end(Int64)
    }

    var name: String { rung.name }
    let queue: BoundedQueue<Message>
    private let rung: Rung
    private let clock: PictureClock
    private let sink: any ArtifactSink
    private let scaler: Scaler
    private var stage: Stage?
    private var secondTime: Int64?
    private var lastTime: Int64 = 0
    private var pictureCount = 0

    /// What exists once the first picture has told its colours.
    private struct Stage {
        let video: VideoEncoder
        let packager: PicturePackager
    }

    init(_ rung: Rung, clock: PictureClock, sink: any ArtifactSink, queue: BoundedQueue<Message>) {
        self.rung = rung
        self.clock = clock
        self.sink = sink
        self.queue = queue
        scaler = Scaler(width: rung.width, height: rung.height, purpose: .video)
    }

    /// `nil` if no picture came.
    var result: TrackResult? {
        guard let stage, !stage.packager.segments.isEmpty else { return nil }
        return TrackResult(
            codecs: stage.video.codecs,
            timescale: clock.timescale,
            frameRate: averageFrameRate,
            initSize: stage.packager.initSize,
            segments: stage.packager.segments
        )
    }

    func run() throws(MediaError) {
        while let message = queue.pop() {
            switch message {
            case .picture(let frame, let slot): try encode(frame, slot)
            case .end(let time): return try finish(at: time)
            }
        }
    }

    private func encode(_ frame: Frame, _ slot: Slot) throws(MediaError) {
        let picture = try failing(as: .encodeFailed) { () throws(AVError) in try scaler.scale(frame) }
        let stage = try stage(for: picture)
        if slot.startsSegment { stage.packager.startSegment(at: slot.time) }
        try failing(as: .encodeFailed) { () throws(AVError) in
            try stage.video.send(picture, at: slot.time, asKeyframe: slot.isKeyframe)
        }
        try package(stage)
        pictureCount += 1
        if pictureCount == 2 { secondTime = slot.time }
        lastTime = slot.time
    }

    private func finish(at end: Int64) throws(MediaError) {
        guard let stage else { return }
        try failing(as: .encodeFailed) { () throws(AVError) in try stage.video.finish() }
        try package(stage)
        try stage.packager.finish(at: end)
    }

    private func package(_ stage: Stage) throws(MediaError) {
        func next() throws(MediaError) -> Packet? {
            try failing(as: .encodeFailed) { () throws(AVError) in try stage.video.receive() }
        }
        while let packet = try next() { try stage.packager.append(packet) }
    }

    private func stage(for picture: Frame) throws(MediaError) -> Stage {
        if let stage { return stage }
        let video = try failing(as: .encodeFailed) { () throws(AVError) in
            let colors = VideoEncoder.Colors(picture)
            return try VideoEncoder(rung, clock: clock, colors: colors)
        }
        let delay = video.reordering * clock.pictureDuration
        let track = try TrackPackager(
            video.encoder,
            timescale: clock.timescale,
            edit: delay,
            folder: OutputLayout.videoFolder(rung.name),
            sink: sink
        )
        let made = Stage(video: video, packager: PicturePackager(track, decodingDelay: delay))
        stage = made
        return made
    }

    /// From the second picture to the last: how long the first and the last one stand says nothing about the rate.
    private var averageFrameRate: Double? {
        let nominal = clock.frameRate.value
        guard let secondTime, lastTime > secondTime else { return nominal }
        let measured = Double(pictureCount - 2) * Double(clock.timescale) / Double(lastTime - secondTime)
        // Times in whole milliseconds do not make another rate.
        if let nominal, abs(measured / nominal - 1) < 0.005 { return nominal }
        return measured
    }
}
