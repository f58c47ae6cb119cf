import Glibc

/// The signal that a write to somebody who has gone brings.
enum BrokenPipe {
    /// Makes it an error of the write in the calling thread, not the end of this process; a child starts with no signal
    /// blocked.
    static func block() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
