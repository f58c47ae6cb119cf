import Foundation
import MediaDomain
import ObjectStorage
import Synchronization

/// A store that the service keeps for its child: objects go over a socket, and come back as done or failed.
///
/// As many are on their way as the service has room for; whoever brings more waits. A thread of its own reads the answers.
final class ChannelArtifactStore: ArtifactStore {
    private struct Sent {
        var count: UInt32 = 0
        /// Each object without an answer, as the window knows it.
        var entries: [UInt32: (number: Int, size: Int)] = [:]
    }

    private let socket: OpenFile
    private let window = UploadWindow(objects: MediaLimits.unstoredObjects, bytes: MediaLimits.unstoredBytes)
    private let sent = Mutex(Sent())
    /// Held while an object is written, so that no other comes in between.
    private let writing = Mutex(())

    init(_ socket: OpenFile) {
        self.socket = socket
        let thread = Thread { self.readAnswers() }
        thread.name = "stored"
        thread.start()
    }

    func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        guard bytes.count <= MediaLimits.objectBytes, name.utf8.count <= ObjectHead.longestName else {
            throw MediaError(
                .tooLarge,
                "'\(name.prefix(100))' of \(bytes.count) bytes is more than one object may hold"
            )
        }
        try send(name, bytes)
    }

    func remove(_ name: String) throws(MediaError) { try send(name, nil) }

    func settle() throws(MediaError) { try window.settle() }

    /// - Parameter bytes: `nil` to take the object away.
    private func send(_ name: String, _ bytes: [UInt8]?) throws(MediaError) {
        let size = bytes?.count ?? 0
        let entry = try window.enter(size)
        let number = sent.withLock { sent in
            sent.count &+= 1
            sent.entries[sent.count] = (entry, size)
            return sent.count
        }
        let head = ObjectHead(number: number, nameLength: name.utf8.count, size: size, isRemoval: bytes == nil)
        let isWritten = writing.withLock { _ in
            socket.writeAll(head.bytes + Array(name.utf8)) && socket.writeAll(bytes ?? [])
        }
        guard isWritten else {
            window.close(Self.gone)
            throw Self.gone
        }
    }

    private func readAnswers() {
        while let head = socket.readExactly(ObjectAnswer.size) {
            let answer = ObjectAnswer(head)
            guard let entry = sent.withLock({ $0.entries.removeValue(forKey: answer.number) }),
                answer.errorLength <= ObjectAnswer.longestError, let reason = socket.readExactly(answer.errorLength)
            else { break }
            Pulse.beat()
            window.leave(entry.number, entry.size, reason.isEmpty ? nil : Self.error(from: reason))
        }
        window.close(Self.gone)
    }

    private static func error(from bytes: [UInt8]) -> MediaError {
        let unknown = MediaError(.storageFailed, "the object store failed", retryable: true)
        return (try? JSONDecoder().decode(MediaError.self, from: Data(bytes))) ?? unknown
    }

    private static let gone = MediaError(.crashed, "the service no longer takes what is made", retryable: true)
}
