import Glibc

/// A server on loopback that nobody has reason to talk to.
package final class Canary: Sendable {
    package let port: UInt16
    private let listener: Int32

    package init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 100) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listens else { throw CancellationError() }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(listener) }

    /// How many have connected since it was asked last: the kernel accepts them by itself.
    package func takeConnections() -> Int {
        var count = 0
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            close(connection)
            count += 1
        }
        return count
    }
}
