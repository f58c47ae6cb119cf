import RealtimeHTTP
import Testing

struct TrustedProxiesTests {
    private func client(_ proxies: String, _ peer: String, _ forwarded: String...) throws -> String {
        try #require(TrustedProxies(proxies)).client(
            behind: peer,
            forwarded: forwarded
        )
    }

    @Test func `what a stranger says of where it comes from does not count`() throws {
        #expect(try client("", "203.0.113.9", "10.1.1.1") == "203.0.113.9")
        #expect(try client("10.0.0.0/8", "203.0.113.9", "10.1.1.1") == "203.0.113.9")
    }

    @Test func `the last address that no proxy of ours wrote is the client's`() throws {
        #expect(try client("10.0.0.0/8", "10.0.0.1", "198.51.100.7") == "198.51.100.7")
        #expect(try client("10.0.0.0/8", "10.0.0.1", "1.2.3.4, 198.51.100.7, 10.9.9.9") == "198.51.100.7")
        #expect(try client("10.0.0.0/8", "10.0.0.1", "1.2.3.4", "198.51.100.7") == "198.51.100.7")
        #expect(try client("::1", "::1", "2001:db8::5") == "2001:db8::5")
        #expect(try client("127.0.0.1", "::ffff:127.0.0.1", "198.51.100.7") == "198.51.100.7")
    }

    @Test func `what is no address is not believed`() throws {
        #expect(try client("10.0.0.0/8", "10.0.0.1", "nonsense") == "10.0.0.1")
        #expect(try client("10.0.0.0/8", "10.0.0.1") == "10.0.0.1")
        #expect(try client("10.0.0.0/8", "10.0.0.1", "") == "10.0.0.1")
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/", "proxy.example", "10.0.0", "::1/129"])
    func `a list with something else in it is none`(_ text: String) {
        #expect(TrustedProxies(text) == nil)
    }
}
