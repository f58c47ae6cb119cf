import CFFmpeg
import MediaDomain

/// Encodes the pictures of one sample while those of the next are decoded.
///
/// `@unchecked Sendable`: its state belongs to the thread that runs it; the samples are read after that has ended.
final class SampleWorker: Worker, @unchecked Sendable {
    enum Message {
        /// Where they start: seconds.
        case pictures([Frame], from: Double)
        case end
    }

    let name = "samples"
    let queue: BoundedQueue<Message>
    private let frameRate: Double
    private(set) var samples: [ContentComplexity.Sample] = []

    init(frameRate: Double, queue: BoundedQueue<Message>) {
        self.frameRate = frameRate
        self.queue = queue
    }

    func run() throws(MediaError) {
        while case .pictures(let pictures, let start)? = queue.pop() {
            // Keyframes may be so rare that two places have the same.
            guard start != samples.last?.time else { continue }
            if let sample = try encode(pictures, from: start) { samples.append(sample) }
        }
    }

    /// What cannot be encoded is no sample.
    private func encode(_ pictures: [Frame], from start: Double) throws(MediaError) -> ContentComplexity.Sample? {
        do throws(AVError) {
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
        } catch {
            guard error.code != AVError.noMemory else { throw error.reported(as: .encodeFailed) }
            return nil
        }
    }
}
