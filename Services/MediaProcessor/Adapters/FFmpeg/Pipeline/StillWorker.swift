import CFFmpeg
import MediaDomain

/// Makes one part's thumbnails, the poster among them, and its pictures for the storyboard.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the counts are read after that has ended.
final class StillWorker: Worker, @unchecked Sendable {
    enum Message {
        case picture(Frame, StillSchedule.Due)
        case end
    }

    /// One picture, as small as it is wanted.
    private struct Stills {
        let due: StillSchedule.Due
        let thumbnail: Frame?
        let tile: Frame?
    }

    let name = "stills"
    let queue: BoundedQueue<Message>
    private let sink: any ArtifactSink
    private let plan: TranscodePlan
    private let tileScaler: Scaler?
    private let storyboard: PartStoryboard?
    private(set) var thumbnailCount = 0

    init(_ plan: TranscodePlan, sink: any ArtifactSink, queue: BoundedQueue<Message>) {
        self.queue = queue
        self.sink = sink
        self.plan = plan
        storyboard = plan.storyboard.map { PartStoryboard($0, sink: sink) }
        tileScaler = plan.storyboard.map { Scaler(width: $0.tileWidth, height: $0.tileHeight, purpose: .still) }
    }

    func run() throws(MediaError) {
        while let stills = try next() {
            if let thumbnail = stills.thumbnail { try storeThumbnails(thumbnail, stills.due.thumbnails) }
            guard let tile = stills.tile else { continue }
            // Once for every planned time at which the picture is on show.
            for number in stills.due.tiles { try storyboard?.append(tile, number: number) }
        }
    }

    /// What is wanted of the next picture, which is let go before the long work begins.
    private func next() throws(MediaError) -> Stills? {
        guard case .picture(let frame, let due)? = queue.pop() else { return nil }
        return try failing(as: .encodeFailed) { () throws(AVError) in
            Stills(
                due: due,
                thumbnail: due.thumbnails.isEmpty ? nil : try makeThumbnailScaler().scale(frame),
                tile: due.tiles.isEmpty ? nil : try tileScaler?.scale(frame)
            )
        }
    }

    /// What the part has for the storyboard.
    var tiles: PartTiles { storyboard?.tiles ?? PartTiles() }

    /// Thumbnails are far apart: each has a scaler of its own, for as long as it takes.
    private func makeThumbnailScaler() -> Scaler {
        Scaler(width: plan.thumbnailWidth, height: plan.thumbnailHeight, purpose: .still)
    }

    private func storeThumbnails(_ picture: Frame, _ numbers: [Int]) throws(MediaError) {
        let file = try failing(as: .encodeFailed) { () throws(AVError) in try StillEncoder.encode(picture) }
        for number in numbers {
            if number == 1 { try sink.store(file, as: OutputLayout.poster) }
            try sink.store(file, as: OutputLayout.thumbnail(number))
        }
        thumbnailCount += numbers.count
    }
}
