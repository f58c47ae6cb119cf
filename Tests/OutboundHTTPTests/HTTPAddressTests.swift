import OutboundHTTP
import Testing

struct HTTPAddressTests {
    @Test(arguments: [
        ("https://Example.COM/Hook?x=1#y", "https://example.com/Hook?x=1", "example.com"),
        ("HTTP://example.com", "http://example.com/", "example.com"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a", "::1"),
        ("http://127.1/", "http://127.1/", "127.1"),
    ])
    func `a URL is spelled in one way`(text: String, url: String, host: String) throws {
        let address = try #require(HTTPAddress(text))
        #expect(address.url == url)
        #expect(address.host == host)
    }

    @Test(arguments: [
        "ftp://example.com/", "example.com", "https://", "https:///path", "https://user@example.com/",
        "https://user:pass@example.com/", "https://ex%61mple.com/", "https://exämple.com/", "https://a b/",
        "https://example.com\\@evil.com/", "https://example.com:0/", "https://example.com:99999/", "https://a\nb/",
        "https://example.com:80:80/",
    ])
    func `what is not plain is refused`(text: String) {
        #expect(HTTPAddress(text) == nil)
    }
}
