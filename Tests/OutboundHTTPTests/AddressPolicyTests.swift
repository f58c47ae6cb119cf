import OutboundHTTP
import Testing

struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
        "2002:7f00:1::", "2002:c0a8:101::1", "2001::1", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd12::1",
        "fe80::1", "fec0::1", "ff02::1",
    ])
    func `an address of a private or special network is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
        #expect(AddressPolicy(allowsPrivate: true).allows(address))
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.1", "169.253.255.255",
        "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:0808:0808::1",
    ])
    func `a public address is allowed`(text: String) throws {
        #expect(AddressPolicy().allows(try #require(IPAddress(text))))
    }

    @Test(arguments: ["127.1", "2130706433", "0x7f.0.0.1", "010.0.0.1", "example.com", "", "::1%lo", "1.2.3.4.5"])
    func `old spellings and names are no addresses`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `a network that an operator names is let through, and nothing beside it`() throws {
        let policy = AddressPolicy(
            networks: ["10.8.0.0/14", "fd12:3400::/24", "192.168.7.9"].compactMap(AddressBlock.init)
        )
        for text in ["10.8.0.1", "10.11.255.255", "fd12:34ff::1", "192.168.7.9", "1.1.1.1"] {
            #expect(policy.allows(try #require(IPAddress(text))), "\(text)")
        }
        for text in ["10.7.255.255", "10.12.0.0", "fd12:3500::1", "192.168.7.8", "127.0.0.1", "::ffff:10.8.0.1"] {
            #expect(!policy.allows(try #require(IPAddress(text))), "\(text)")
        }
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/", "host/8", "::/129", "10.0.0/8"])
    func `what is no block of addresses is not read as one`(text: String) {
        #expect(AddressBlock(text) == nil)
    }
}
