import NIOCore
import Testing

@testable import RealtimeHTTP

struct HeadParserTests {
    private let whole =
        "GET /echo?a=1&b=?2 HTTP/1.1\r\nHost: l\r\nX-Blank:\t  two words \t\r\nEmpty:\r\nupgrade: h2c, WebSocket\r\n"
        + "Upgrade: other\r\n\r\n"

    private func parse(_ text: String) throws -> RequestHead? {
        var parser = HeadParser()
        return try parser.read(ByteBuffer(string: text))
    }

    private func expectWhole(_ head: RequestHead?, at location: SourceLocation = #_sourceLocation) throws {
        let head = try #require(head, sourceLocation: location)
        #expect(head.length == whole.utf8.count, sourceLocation: location)
        #expect(head.query == "a=1&b=?2", sourceLocation: location)
        #expect(head.isVersion11 && head.isPlainGET, sourceLocation: location)
        #expect(head.headers.first(name: "x-blank") == "two words", sourceLocation: location)
        #expect(head.headers.first(name: "empty") == "", sourceLocation: location)
        #expect(head.headers.first(name: "none") == nil, sourceLocation: location)
        #expect(head.headers["UPGRADE"] == ["h2c, WebSocket", "other"], sourceLocation: location)
        #expect(head.headers[canonicalForm: "upgrade"] == ["h2c", "WebSocket", "other"], sourceLocation: location)
        #expect(head.headers.lists("websocket", in: "upgrade"), sourceLocation: location)
        #expect(!head.headers.lists("web", in: "upgrade"), sourceLocation: location)
    }

    @Test func `a head says what stands in it`() throws { try expectWhole(try parse(whole)) }

    @Test func `a head is read however the network cuts it`() throws {
        let bytes = Array(whole.utf8)
        for cut in 0...bytes.count {
            var parser = HeadParser()
            let early = try parser.read(ByteBuffer(bytes: bytes[..<cut]))
            #expect((early != nil) == (cut == bytes.count))
            try expectWhole(try early ?? parser.read(ByteBuffer(bytes: bytes)))
        }
    }

    @Test func `a head is read byte by byte`() throws {
        var parser = HeadParser()
        var buffer = ByteBuffer()
        var head: RequestHead?
        for byte in whole.utf8 {
            #expect(head == nil)
            buffer.writeInteger(byte)
            head = try parser.read(buffer)
        }
        try expectWhole(head)
    }

    @Test func `what follows the head is not looked at`() throws {
        try expectWhole(try parse(whole + "\u{0}\nnonsense"))
    }

    @Test(arguments: [
        // The request line, RFC 9112 section 3.
        "\r\n", "GET\r\n", "GET /\r\n", "GET / \r\n", "GET  / HTTP/1.1\r\n", "GET /  HTTP/1.1\r\n",
        " GET / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET / HTTP/1.2\r\n", "GET / HTTP/2.0\r\n", "GET / http/1.1\r\n",
        "GET / HTTP/1.1\n", "GET\t/ HTTP/1.1\r\n", "GET /\tHTTP/1.1\r\n", "G(T / HTTP/1.1\r\n",
        "G\u{0}T / HTTP/1.1\r\n",
        "GET /\u{0} HTTP/1.1\r\n", "GET /\u{7F} HTTP/1.1\r\n", "GET /é HTTP/1.1\r\n", "GET /\r HTTP/1.1\r\n", "\n",
        // Fields, section 5.
        "GET / HTTP/1.1\r\nHost : l\r\n", "GET / HTTP/1.1\r\nHost\t: l\r\n", "GET / HTTP/1.1\r\n Host: l\r\n",
        "GET / HTTP/1.1\r\nHost: l\r\n folded\r\n", "GET / HTTP/1.1\r\nHost: l\r\n\tfolded\r\n",
        "GET / HTTP/1.1\r\nHost: l\n", "GET / HTTP/1.1\r\nHost: l\r\r\n", "GET / HTTP/1.1\r\nHost: a\rb\r\n",
        "GET / HTTP/1.1\r\nHost: a\u{0}b\r\n", "GET / HTTP/1.1\r\nHost: a\u{1}\r\n",
        "GET / HTTP/1.1\r\nHost: \u{7F}\r\n",
        "GET / HTTP/1.1\r\n: l\r\n", "GET / HTTP/1.1\r\nHost\r\n", "GET / HTTP/1.1\r\nHo st: l\r\n",
        "GET / HTTP/1.1\r\nH\u{E9}: l\r\n", "GET / HTTP/1.1\r\nHost: l\r\n\n", "GET / HTTP/1.1\r\nHost: l\n\r\n",
        // Section 3.2: one host, and no other.
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
    ])
    func `a head that can be read in two ways is refused as soon as it is seen`(_ text: String) {
        #expect(throws: HeadParser.Fault.malformed) { try parse(text) }
    }

    @Test func `a head has the bytes that it may have and no more`() throws {
        let start = "GET / HTTP/1.1\r\nHost: l\r\nX: "
        func head(_ count: Int) -> String {
            start + String(repeating: "x", count: count - start.utf8.count - 4) + "\r\n\r\n"
        }
        #expect(try parse(head(HeadParser.maximumBytes))?.length == 16384)
        #expect(throws: HeadParser.Fault.tooLarge) { try parse(head(HeadParser.maximumBytes + 1)) }
        #expect(throws: HeadParser.Fault.tooLarge) { try parse(String(repeating: "x", count: 16385)) }
    }

    @Test func `a head has the fields that it may have and no more`() throws {
        func head(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: l\r\n" + String(repeating: "a: b\r\n", count: count - 1) + "\r\n"
        }
        #expect(try parse(head(HeadParser.maximumFields))?.headers["a"].count == 99)
        #expect(throws: HeadParser.Fault.tooLarge) { try parse(head(HeadParser.maximumFields + 1)) }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: l\r\nContent-Length: 0\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: l\r\nContent-Length: 5\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: l\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: l\r\n\r\n", false), ("get / HTTP/1.1\r\nHost: l\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", true),
    ])
    func `only a GET without content is plain`(_ text: String, _ isPlain: Bool) throws {
        let head = try #require(try parse(text))
        #expect(head.isPlainGET == isPlain)
        #expect(head.isVersion11 == !text.contains("1.0"))
    }
}
