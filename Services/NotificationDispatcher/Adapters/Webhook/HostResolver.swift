import Dispatch
import Glibc

/// Finds the addresses of a host.
package protocol HostResolver: Sendable {
    /// The addresses in the order of preference; empty if there are none.
    func addresses(of host: String) async -> [IPAddress]
}

/// Asks the system: `/etc/hosts`, DNS, and whatever else it is set up for.
package struct SystemHostResolver: HostResolver {
    /// `getaddrinfo` blocks for seconds, so it has threads of its own.
    private static let queue = DispatchQueue(label: "martlet.resolver", attributes: .concurrent)

    package init() {}

    package func addresses(of host: String) async -> [IPAddress] {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Self.lookUp(host)) }
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
