import Dispatch
import Glibc
import Synchronization

/// Finds the addresses of a host.
package protocol HostResolver: Sendable {
    /// The addresses in the order of preference; empty if there are none.
    func addresses(of host: String) async -> [IPAddress]
}

/// What comes first of a look-up and the end of the patience for it; `getaddrinfo` itself cannot be stopped.
private final class Answer: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<[IPAddress], Never>)
        case resumed
    }

    private let state = Mutex(State.idle)

    func await(_ continuation: CheckedContinuation<[IPAddress], Never>) {
        let isLate = state.withLock { state in
            if case .resumed = state { return true }
            state = .waiting(continuation)
            return false
        }
        if isLate { continuation.resume(returning: []) }
    }

    func resume(_ addresses: [IPAddress]) {
        let waiting = state.withLock { state -> CheckedContinuation<[IPAddress], Never>? in
            defer { state = .resumed }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(returning: addresses)
    }
}

/// Asks the system: `/etc/hosts`, DNS, and whatever else it is set up for.
package struct SystemHostResolver: HostResolver {
    /// `getaddrinfo` blocks for seconds, so it has threads of its own.
    private static let queue = DispatchQueue(label: "martlet.resolver", attributes: .concurrent)

    package init() {}

    package func addresses(of host: String) async -> [IPAddress] {
        let answer = Answer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.await(continuation)
                Self.queue.async { answer.resume(Self.lookUp(host)) }
            }
        } onCancel: {
            answer.resume([])
        }
    }

    private static func lookUp(_ host: String) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var entry = unsafe first
        while let current = unsafe entry {
            if let address = unsafe address(of: current.pointee.ai_addr), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }

    private static func address(of socketAddress: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        guard let socketAddress = unsafe socketAddress else { return nil }
        let raw = UnsafeRawPointer(socketAddress)
        let family = unsafe socketAddress.pointee.sa_family
        switch Int32(family) {
        case AF_INET:
            var address = unsafe raw.load(as: sockaddr_in.self).sin_addr
            return unsafe withUnsafeBytes(of: &address) { unsafe IPAddress(bytes: Array($0)) }
        case AF_INET6:
            var address = unsafe raw.load(as: sockaddr_in6.self).sin6_addr
            return unsafe withUnsafeBytes(of: &address) { unsafe IPAddress(bytes: Array($0)) }
        default: return nil
        }
    }
}
