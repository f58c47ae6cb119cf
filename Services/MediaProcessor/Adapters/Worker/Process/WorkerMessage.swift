import Foundation
import MediaDomain

/// What the service hands to its child, on one line of standard input.
struct WorkerOrder: Sendable, Codable {
    var job: MediaJob
    /// Where the objects go.
    var storeURL: String
    /// The process that waits for the answer; a child whose parent is another is an orphan.
    var parent: Int32
    var limits: WorkerLimits
    /// What earlier children made of the same job.
    var finished: [PartResult] = []
}

/// The lines on standard input, after the order.
enum WorkerCommandLine {
    /// The child may make its work visible.
    static let publish = Array("publish\n".utf8)
    /// The child is to stop behind the part that it works on.
    static let yield = Array("{\"yield\":true}\n".utf8)
}

/// What the child answers, one JSON object per line on standard output.
enum WorkerMessage: Sendable, Codable {
    /// What the file holds: sent once, before the work.
    case probed(SourceDescription)
    case progress(JobProgress)
    /// Something is stored but for what makes it visible; the child waits for ``WorkerCommandLine/publish``.
    case stored
    /// All objects of a part are stored.
    case partDone(PartResult)
    /// The child stopped as asked.
    ///
    /// The last message.
    case yielded
    /// Everything is stored.
    ///
    /// The last message.
    case made(AssetDescription)
    /// The last message.
    case failed(MediaError)

    /// Reads a line; `nil` if a child of ours would not have written it.
    init?(line: some Collection<UInt8>) {
        guard let message = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
        self = message
    }

    var line: [UInt8] {
        get throws { Array(try JSONEncoder().encode(self)) + [UInt8(ascii: "\n")] }
    }
}
