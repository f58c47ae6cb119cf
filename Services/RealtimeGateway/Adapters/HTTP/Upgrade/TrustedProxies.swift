import Foundation
import Glibc

/// The proxies whose word counts on where a client comes from (`X-Forwarded-For`); nobody else's does.
package struct TrustedProxies: Sendable, Hashable, CustomStringConvertible {
    /// Addresses that begin with the same bits.
    private struct Network: Hashable {
        let bytes: [UInt8]
        let bits: Int

        init?(_ text: Substring) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let bytes = TrustedProxies.bytes(of: String(parts[0])) else { return nil }
            guard let bits = parts.count == 1 ? bytes.count * 8 : Int(parts[1]), (0...bytes.count * 8).contains(bits)
            else { return nil }
            self.bytes = bytes
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            return (0..<bits).allSatisfy { bit in
                (address[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
            }
        }
    }

    private let networks: [Network]
    /// As it was written.
    package let description: String

    package static let none = TrustedProxies(networks: [], description: "")

    private init(networks: [Network], description: String) {
        self.networks = networks
        self.description = description
    }

    /// Reads addresses and networks separated by commas: `10.0.0.0/8, 2001:db8::1`; `nil` if one is none.
    package init?(_ text: String) {
        var networks: [Network] = []
        for part in text.split(separator: ",") {
            let trimmed = part.trimmingCharacters(in: .whitespaces)
            guard let network = Network(trimmed[...]) else { return nil }
            networks.append(network)
        }
        self.init(networks: networks, description: text)
    }

    /// Where a client comes from, as text: its own address, or what the last proxy that is not ours says of it.
    ///
    /// - Parameter forwarded: The values of `X-Forwarded-For`, in the order in which they came.
    package func client(behind peer: String, forwarded: [String]) -> String {
        var client = peer
        var hops = forwarded.flatMap { $0.split(separator: ",") }[...]
        while trusts(client), let hop = hops.popLast() {
            let address = hop.trimmingCharacters(in: .whitespaces)
            guard Self.bytes(of: address) != nil else { break }
            client = address
        }
        return client
    }

    private func trusts(_ address: String) -> Bool {
        guard !networks.isEmpty, let bytes = Self.bytes(of: address) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    /// The 4 or 16 bytes of an address; of an IPv4 address within IPv6 its own 4.
    private static func bytes(of text: String) -> [UInt8]? {
        guard let packed = packed(text, AF_INET, 4) ?? packed(text, AF_INET6, 16) else { return nil }
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
        return packed.count == 16 && packed.starts(with: mapped) ? Array(packed.suffix(4)) : packed
    }

    private static func packed(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}
