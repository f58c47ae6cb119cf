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
}

/// The line on standard input, after the order, by which a child may make its work visible.
enum WorkerPermission {
    static let line = Array("publish\n".utf8)
}

/// What the child answers, one JSON object per line on standard output.
enum WorkerMessage: Sendable, Codable {
    /// What the file holds: sent once, before the work.
    case probed(SourceDescription)
    case progress(JobProgress)
    /// Everything is stored but what makes it visible; the child waits for ``WorkerPermission``.
    case stored
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
