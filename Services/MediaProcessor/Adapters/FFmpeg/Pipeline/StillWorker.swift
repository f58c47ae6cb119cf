import CFFmpeg
import MediaDomain

/// Makes the poster, the thumbnails and the storyboard's sheets.
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
    private let thumbnailScaler: Scaler
    private let thumbnailEncoder: StillEncoder
    private let storyboard: Storyboard?
    private(set) var thumbnailCount = 0

    init(_ plan: TranscodePlan, sink: any ArtifactSink, queue: BoundedQueue<Message>) throws(MediaError) {
        self.queue = queue
        self.sink = sink
        let (width, height) = (plan.thumbnailWidth, plan.thumbnailHeight)
        thumbnailScaler = Scaler(width: width, height: height, purpose: .still)
        thumbnailEncoder = try failing(as: .encodeFailed) { () throws(AVError) in
            try StillEncoder(width: width, height: height)
        }
        storyboard = plan.storyboard.map { Storyboard($0, sink: sink) }
    }

    var tileCount: Int { storyboard?.tileCount ?? 0 }

    func run() throws(MediaError) {
        while let message = queue.pop() {
            switch message {
            case .picture(let frame, let due):
                if !due.thumbnails.isEmpty { try storeThumbnails(frame, due.thumbnails) }
                if due.tileCount > 0 { try storyboard?.append(frame, count: due.tileCount) }
            case .end:
                try storyboard?.finish()
                return
            }
        }
    }

    private func storeThumbnails(_ frame: Frame, _ numbers: [Int]) throws(MediaError) {
        let file = try failing(as: .encodeFailed) { () throws(AVError) in
            try thumbnailEncoder.encode(thumbnailScaler.scale(frame), number: numbers[0])
        }
        for number in numbers {
            if number == 1 { try sink.store(file, as: OutputLayout.poster) }
            try sink.store(file, as: OutputLayout.thumbnail(number))
        }
        thumbnailCount += numbers.count
    }
}
