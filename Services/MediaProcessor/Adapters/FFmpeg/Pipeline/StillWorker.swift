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
        while let message = queue.pop() {
            switch message {
            case .picture(let frame, let due):
                if !due.thumbnails.isEmpty { try storeThumbnails(frame, due.thumbnails) }
                if !due.tiles.isEmpty { try appendTiles(frame, due.tiles) }
            case .end: return
            }
        }
    }

    /// What the part has for the storyboard.
    var tiles: PartTiles { storyboard?.tiles ?? PartTiles() }

    /// Adds the picture once for every planned time at which it is on show.
    private func appendTiles(_ frame: Frame, _ numbers: Range<Int>) throws(MediaError) {
        guard let storyboard, let tileScaler else { return }
        let tile = try failing(as: .encodeFailed) { () throws(AVError) in try tileScaler.scale(frame) }
        for number in numbers { try storyboard.append(tile, number: number) }
    }

    private func storeThumbnails(_ frame: Frame, _ numbers: [Int]) throws(MediaError) {
        let file = try failing(as: .encodeFailed) { () throws(AVError) in
            let scaler = Scaler(width: plan.thumbnailWidth, height: plan.thumbnailHeight, purpose: .still)
            return try StillEncoder.encode(scaler.scale(frame))
        }
        for number in numbers {
            if number == 1 { try sink.store(file, as: OutputLayout.poster) }
            try sink.store(file, as: OutputLayout.thumbnail(number))
        }
        thumbnailCount += numbers.count
    }
}
