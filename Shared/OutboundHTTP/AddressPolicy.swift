/// Decides which addresses a URL from outside may lead to.
///
/// Without it a stranger could have us call the machines behind our firewall and the
/// metadata service of a cloud (server-side request forgery).
package struct AddressPolicy: Sendable {
    private let allowsPrivate: Bool
    private let networks: [AddressBlock]

    /// - Parameters:
    ///   - allowsPrivate: Lets everything through; for tests and for receivers in one's own network.
    ///   - networks: What is let through besides the public addresses. An IPv4 block does not count for IPv6 addresses
    ///     that lead to it.
    package init(allowsPrivate: Bool = false, networks: [AddressBlock] = []) {
        self.allowsPrivate = allowsPrivate
        self.networks = networks
    }

    package func allows(_ address: IPAddress) -> Bool {
        allowsPrivate || networks.contains { $0.contains(address) } || Self.isPublic(address)
    }

    private static func isPublic(_ address: IPAddress) -> Bool {
        if address.bytes.count == 4 { return !special4.contains { $0.contains(address) } }
        if let inner = embedded(in: address) { return isPublic(inner) }
        return global6.contains(address) && !special6.contains { $0.contains(address) }
    }

    /// The IPv4 address that an IPv6 one leads to: mapped, translated (NAT64) or tunnelled (6to4).
    private static func embedded(in address: IPAddress) -> IPAddress? {
        if mapped.contains(address) || translated.contains(address) {
            return IPAddress(bytes: Array(address.bytes.suffix(4)))
        }
        if sixToFour.contains(address) { return IPAddress(bytes: Array(address.bytes[2..<6])) }
        return nil
    }

    private static let mapped = AddressBlock(known: "::ffff:0:0/96")
    private static let translated = AddressBlock(known: "64:ff9b::/96")
    private static let sixToFour = AddressBlock(known: "2002::/16")
    /// All that is given out to be reached from everywhere.
    private static let global6 = AddressBlock(known: "2000::/3")

    /// The IANA IPv4 special-purpose registry (RFC 6890), and multicast.
    private static let special4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ]
    .map { AddressBlock(known: $0) }

    /// The IANA IPv6 special-purpose registry, as far as it lies within ``global6``.
    private static let special6 = ["2001::/23", "2001:db8::/32", "3fff::/20"].map { AddressBlock(known: $0) }
}
