import CSockets
import Glibc
import NIOCore

/// The port that clients connect to.
final class Listener: Pollable {
    /// A herd that comes back at once must not be turned away by the kernel.
    private static let backlog: CInt = 4096
    /// Connections that are accepted before those that are open have their turn.
    private static let acceptedAtOnce = 16
    /// How long none is accepted once there are no descriptors left.
    private static let breather = TimeAmount.milliseconds(100)

    /// Where it listens, with the port that the system picked if it was to.
    let address: SocketAddress
    private let accept: (_ descriptor: CInt, _ address: SocketAddress?) -> Void

    /// Listens, and hands connections on from ``begin()`` on.
    ///
    /// - Throws: ``IOError`` or a resolver's error if it cannot.
    init(
        host: String,
        port: Int,
        reactor: Reactor,
        accept: @escaping (_ descriptor: CInt, _ address: SocketAddress?) -> Void
    ) throws {
        let wanted = try SocketAddress.makeAddressResolvingHost(host, port: port)
        let descriptor = try Self.listen(at: wanted)
        address = unsafe Self.address { unsafe getsockname(descriptor, $0, $1) == 0 } ?? wanted
        self.accept = accept
        super.init(descriptor, of: reactor)
    }

    private static func listen(at address: SocketAddress) throws -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let family: CInt = if case .v6 = address { AF_INET6 } else { AF_INET }
        let descriptor = try SocketCalls.checked("socket", socket(family, kind, 0))
        do {
            try SocketCalls.set(SO_REUSEADDR, 1, SOL_SOCKET, on: descriptor)
            // Whatever the system's own choice is (ipv6(7)).
            if family == AF_INET6 { try SocketCalls.set(IPV6_V6ONLY, 0, CInt(IPPROTO_IPV6), on: descriptor) }
            // Linux has connections inherit it.
            try SocketCalls.set(TCP_NODELAY, 1, CInt(IPPROTO_TCP), on: descriptor)
            let result = unsafe address.withSockAddr { unsafe bind(descriptor, $0, socklen_t($1)) }
            _ = try SocketCalls.checked("bind \(address)", result)
            _ = try SocketCalls.checked("listen", Glibc.listen(descriptor, backlog))
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Begins to accept; on the event loop.
    ///
    /// - Throws: ``IOError`` if it cannot, and closes.
    func begin() throws {
        if reactor.add(self, for: .readable) { return }
        let error = IOError(errnoCode: errno, reason: "epoll_ctl")
        close()
        throw error
    }

    override func ready(_ events: Events) {
        for _ in 0..<Self.acceptedAtOnce where !isGone {
            var descriptor: CInt = -1
            let address = unsafe Self.address { address, length in
                let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
                descriptor = unsafe accept4(self.descriptor, address, length, flags)
                return descriptor >= 0
            }
            if descriptor < 0 { return failed(errno) }
            accept(descriptor, address)
        }
    }

    /// A client that has gone already, and one that no descriptor is left for, do not keep the others from being accepted.
    private func failed(_ error: CInt) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error) else { return }
        reactor.change(self, to: [])
        let bound = NIOLoopBound(self, eventLoop: reactor.loop)
        reactor.loop.scheduleTask(in: Self.breather) { bound.value.breathed() }
    }

    private func breathed() {
        reactor.change(self, to: .readable)
    }

    /// The address that `call` writes; `nil` if it fails, and if it is none of the Internet's.
    private static func address(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { storage in
            let isThere = unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, &length) }
            guard isThere else { return nil }
            return switch unsafe CInt(storage.pointee.ss_family) {
            case AF_INET:
                unsafe storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { unsafe SocketAddress($0.pointee) }
            case AF_INET6:
                unsafe storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    unsafe SocketAddress($0.pointee)
                }
            default: nil
            }
        }
    }
}
