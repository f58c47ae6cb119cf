/// The addresses that begin with the same bits.
package struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    private let prefix: [UInt8]
    private let bits: Int

    /// Reads `10.0.0.0/8` or `fd00::/8`, or an address alone; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let address = IPAddress(parts[0]) else { return nil }
        let all = address.bytes.count * 8
        guard let bits = parts.count == 2 ? Int(parts[1]) : all, (0...all).contains(bits) else { return nil }
        prefix = address.bytes
        self.bits = bits
    }

    /// One of our own tables.
    init(known text: String) {
        guard let block = AddressBlock(text) else { preconditionFailure("\(text) is no block of addresses") }
        self = block
    }

    package var description: String { "\(IPAddress(bytes: prefix))/\(bits)" }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == prefix.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole) == prefix.prefix(whole) else { return false }
        guard bits % 8 != 0 else { return true }
        let mask = ~(UInt8.max >> UInt8(bits % 8))
        return address.bytes[whole] & mask == prefix[whole] & mask
    }
}
