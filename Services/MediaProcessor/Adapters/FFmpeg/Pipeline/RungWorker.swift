import CFFmpeg
import MediaDomain

/// Scales, encodes and packages one rung of one part, and hands its pictures on to smaller ones.
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
    private let output: TrackOutput
    private let continues: Bool
    private let isToldTypes: Bool
    private let scaler: Scaler
    private let followers: [BoundedQueue<Message>]
    private var stage: Stage?
    /// What the pictures' values mean; the first part's first picture tells.
    private(set) var colors: PictureColors?
    private(set) var pictures = PictureCount()

    /// What exists once the first picture has come.
    private struct Stage {
        let video: VideoEncoder
        let packager: PicturePackager
    }

    /// - Parameters:
    ///   - colors: What the first part found; `nil` for that part itself.
    ///   - continues: Whether there is a part before this one.
    ///   - isToldTypes: Whether it heeds what has been decided of pictures; otherwise its encoder decides.
    ///   - followers: Of the rungs that are scaled from this one's pictures.
    init(
        _ rung: Rung,
        clock: PictureClock,
        colors: PictureColors?,
        continues: Bool,
        isToldTypes: Bool,
        output: TrackOutput,
        queue: BoundedQueue<Message>,
        followers: [BoundedQueue<Message>]
    ) {
        self.rung = rung
        self.clock = clock
        self.colors = colors
        self.continues = continues
        self.isToldTypes = isToldTypes
        self.output = output
        self.queue = queue
        self.followers = followers
        scaler = Scaler(width: rung.width, height: rung.height, purpose: .video, target: colors.map(FrameColors.init))
    }

    /// `nil` if no picture came.
    var result: PartTrack? {
        guard let stage, !stage.packager.segments.isEmpty else { return nil }
        return PartTrack(head: stage.packager.head, segments: stage.packager.segments)
    }

    func run() throws(MediaError) {
        while let message = try next() {
            for follower in followers { follower.push(message) }
            switch message {
            case .picture(let picture, let slot): try encode(picture, slot)
            case .end(let time): return try finish(at: time)
            }
        }
    }

    /// The next message, its picture scaled: the one that it was made of is let go before the long work begins.
    private func next() throws(MediaError) -> Message? {
        switch queue.pop() {
        case .picture(let frame, let slot):
            try .picture(failing(as: .encodeFailed) { () throws(AVError) in try scaler.scale(frame) }, slot)
        case let other: other
        }
    }

    private func encode(_ picture: Frame, _ slot: Slot) throws(MediaError) {
        let stage = try stage(for: picture, at: slot.time)
        if slot.startsSegment { stage.packager.startSegment(at: slot.time) }
        try failing(as: .encodeFailed) { () throws(AVError) in
            try stage.video.send(picture, isToldTypes ? slot : slot.undecided)
        }
        try package(stage)
        pictures.count += 1
        if pictures.count == 2 { pictures.second = slot.time }
        pictures.last = slot.time
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

    private func stage(for picture: Frame, at start: Int64) throws(MediaError) -> Stage {
        if let stage { return stage }
        let colors = colors ?? PictureColors(picture)
        self.colors = colors
        let video = try failing(as: .encodeFailed) { () throws(AVError) in
            try VideoEncoder(rung, clock: clock, colors: colors, continues: continues)
        }
        let delay = video.reordering * clock.pictureDuration
        let head = TrackHead(
            codecs: video.codecs,
            timescale: clock.timescale,
            frameRate: clock.frameRate.value,
            initSize: 0,
            initChecksum: ""
        )
        let track = try TrackPackager(video.encoder, head: head, edit: delay, start: start, output: output)
        let made = Stage(video: video, packager: PicturePackager(track, decodingDelay: delay))
        stage = made
        return made
    }
}
