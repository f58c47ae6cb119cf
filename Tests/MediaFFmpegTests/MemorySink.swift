import Foundation
import MediaDomain
import Synchronization

/// Keeps what a transcode stores; fails from the `limit`th object on.
///
/// Segments come once. The opening of a damaged source is begun twice: what comes before its segments, too.
final class MemorySink: ArtifactSink {
    private let stored = Mutex<[String: [UInt8]]>([:])
    private let limit: Int

    init(limit: Int = .max) { self.limit = limit }

    var objects: [String: [UInt8]] { stored.withLock(\.self) }

    func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        let isTaken = stored.withLock { objects in
            let isNew = objects[name] == nil || objects[name] == bytes || name.hasSuffix(".jpg")
            guard objects.count < limit, isNew else { return false }
            objects[name] = bytes
            return true
        }
        guard isTaken else { throw MediaError(.storageFailed, "'\(name)' was not taken") }
    }

    /// The initialisation segment and all media segments of a folder, one after another.
    func track(_ folder: String) -> [UInt8] {
        let objects = self.objects
        let segments = objects.keys.filter { $0.hasPrefix("\(folder)/seg_") }.sorted()
        return (["\(folder)/init.mp4"] + segments).flatMap { objects[$0] ?? [] }
    }
}
