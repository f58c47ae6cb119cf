import CSockets
import Glibc

/// A socket that a ``Reactor`` waits for; its event loop is what guards it.
class Pollable {
    /// What may have come to pass; a set of epoll(7)'s flags.
    struct Events: OptionSet {
        let rawValue: UInt32

        static let readable = Events(EPOLLIN)
        static let writable = Events(EPOLLOUT)
        /// The peer says no more.
        static let ended = Events(EPOLLRDHUP)
        /// The connection is broken, or both of its halves are closed; always waited for.
        static let broken: Events = [Events(EPOLLERR), Events(EPOLLHUP)]

        private init(_ flag: EPOLL_EVENTS) { self.init(rawValue: flag.rawValue) }

        init(rawValue: UInt32) { self.rawValue = rawValue }
    }

    let reactor: Reactor
    let descriptor: CInt
    /// Where the reactor keeps it, if it does.
    var slot: Reactor.Slot?
    /// Whether the socket is closed, or somebody else's.
    private(set) var isGone = false

    init(_ descriptor: CInt, of reactor: Reactor) {
        self.reactor = reactor
        self.descriptor = descriptor
    }

    /// Something of what is waited for has come to pass, or may have.
    func ready(_ events: Events) {}

    /// Closes the socket at once, if it has not gone.
    final func close() {
        guard !isGone else { return }
        reactor.remove(self, isClosing: true)
        _ = Glibc.close(descriptor)
        isGone = true
        gone()
    }

    /// Lets another object have the socket: one that the reactor goes on to wait for, or nobody that it knows.
    final func give(to successor: Pollable?) {
        guard !isGone else { return }
        if let successor { reactor.replace(self, by: successor) } else { reactor.remove(self, isClosing: false) }
        isGone = true
        gone()
    }

    /// It has closed, or is somebody else's.
    func gone() {}
}
