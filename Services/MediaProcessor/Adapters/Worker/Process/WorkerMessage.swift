import Foundation
import MediaDomain

/// What the service hands to its child, on one line of standard input.
struct WorkerOrder: Sendable, Codable {
    /// What the inherited descriptor of the source is.
    enum Source: Sendable, Hashable, Codable {
        /// The file itself, as it was checked, whatever its path leads to by now.
        case file
        /// A socket on which the service answers requests; of so many bytes in all.
        case channel(size: Int64)
    }

    var job: MediaJob
    var source: Source
    /// The process that waits for the answer; a child whose parent is another is an orphan.
    var parent: Int32
    var limits: WorkerLimits
    /// How many parts may be made at once, until another word.
    var slots = 1
    /// What earlier children made of the same job.
    var finished: [PartResult] = []
}

/// The lines on standard input, after the order.
enum WorkerCommandLine {
    /// The child may make its work visible.
    static let publish = Array("publish".utf8)
    /// The child is to stop behind the parts that it works on.
    static let yield = Array("{\"yield\":true}".utf8)
    /// A part that the child told of is noted.
    static let noted = Array("noted".utf8)

    /// The child may make so many parts at once.
    static func slots(_ count: Int) -> [UInt8] { slotsPrefix + Array("\(count)".utf8) }

    /// The count of a ``slots(_:)`` line; `nil` if it is another line.
    static func slots(in line: [UInt8]) -> Int? {
        guard line.starts(with: slotsPrefix) else { return nil }
        return Int(String(decoding: line.dropFirst(slotsPrefix.count), as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
    }

    private static let slotsPrefix = Array("slots ".utf8)
}

/// What the child answers, one JSON object per line on standard output.
enum WorkerMessage: Sendable, Codable {
    /// What the child can no longer do: sent once, before it reads the source.
    case confined(Confinement)
    /// The work goes on: this much was done so far.
    case beat(Int)
    /// What the file holds: sent once, before the work.
    case probed(SourceDescription)
    case progress(JobProgress)
    /// Something is stored but for what makes it visible; the child waits for ``WorkerCommandLine/publish``.
    case stored
    /// All objects of a part are stored; the child waits for ``WorkerCommandLine/noted`` before it shows more.
    case partDone(StoredPart)
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
