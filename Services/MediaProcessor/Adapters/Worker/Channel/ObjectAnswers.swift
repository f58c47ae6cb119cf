import Glibc
import MediaDomain
import ObjectStorage
import Synchronization

/// Tells a child what became of its objects, and counts those for which it has no answer yet.
final class ObjectAnswers: Sendable {
    private struct Unanswered {
        var objects = 0
        var bytes = 0
    }

    private let socket: OpenFile
    private let unanswered = Mutex(Unanswered())

    init(_ socket: OpenFile) {
        self.socket = socket
    }

    /// Counts an object that is about to come; false if the child must not send it yet.
    func expect(_ size: Int) -> Bool {
        unanswered.withLock { unanswered in
            let fits = unanswered.bytes + size <= MediaLimits.unstoredBytes
            guard unanswered.objects == 0 || unanswered.objects < MediaLimits.unstoredObjects && fits else {
                return false
            }
            unanswered.objects += 1
            unanswered.bytes += size
            return true
        }
    }

    /// Answers for one object; never waits.
    func answer(_ number: UInt32, _ size: Int, _ error: MediaError?) {
        unanswered.withLock { unanswered in
            unanswered.objects -= 1
            unanswered.bytes -= size
        }
        let bytes = ObjectAnswer.bytes(number, error)
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let sent = unsafe bytes.withUnsafeBytes { unsafe send(socket.descriptor, $0.baseAddress, $0.count, flags) }
        // The few answers that can be on their way fit into a socket's buffer: this one is not being read.
        if sent != bytes.count { socket.hangUp() }
    }
}
