import ObjectStorage
import Synchronization

/// The SHA-256 of everything that was stored of one version of a media, by its name below the version's folder.
final class StoredChecksums: Sendable {
    private struct Notes {
        var all: [String: String] = [:]
        var news: [String: String] = [:]
    }

    private let notes = Mutex(Notes())

    func note(_ bytes: [UInt8], as name: String) {
        let digest = ContentDigest.sha256(bytes)
        notes.withLock { notes in
            notes.all[name] = digest
            notes.news[name] = digest
        }
    }

    /// Takes over what earlier attempts stored; what was noted since goes before.
    func add(_ checksums: [String: String]) {
        notes.withLock { notes in notes.all.merge(checksums) { own, _ in own } }
    }

    /// What was noted since the last call.
    func takeNews() -> [String: String] {
        notes.withLock { notes in
            defer { notes.news = [:] }
            return notes.news
        }
    }

    /// Everything that was stored.
    var names: [String] { notes.withLock { Array($0.all.keys) } }

    func forget(_ name: String) { notes.withLock { $0.all[name] = nil } }

    /// A line for each object, ordered by name, as `sha256sum --check` reads them.
    var text: String {
        notes.withLock(\.all).sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }.joined()
    }
}

/// Puts a folder before every name, and notes what goes through.
struct VersionSink: ArtifactSink {
    let prefix: String
    let sink: any ArtifactStore
    let checksums: StoredChecksums

    func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        checksums.note(bytes, as: name)
        try sink.store(bytes, as: prefix + name)
    }

    func store(_ text: String, as name: String) throws(MediaError) { try store(Array(text.utf8), as: name) }

    /// Takes objects away again that nobody was told of.
    func remove(_ names: [String]) throws(MediaError) {
        for name in names {
            try sink.remove(prefix + name)
            checksums.forget(name)
        }
    }
}
