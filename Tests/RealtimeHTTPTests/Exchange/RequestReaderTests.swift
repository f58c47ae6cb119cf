import NIOCore
import Testing

@testable import RealtimeHTTP

struct RequestReaderTests {
    private let requests =
        "\r\nPOST /a HTTP/1.1\r\nHost: l\r\nContent-Length: 5\r\n\r\nhello\r\n\r\nGET /b?x HTTP/1.1\r\nHost: l\r\n"
        + "Content-Length: 3\r\n\r\nxyzGET /c HTTP/1.1\r\nHost: l\r\n\r\n"

    /// Reads as a connection does: heads, the content of POSTs, and nothing of the content of others.
    private func read(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        var reader = RequestReader()
        var found: [String] = []
        var wanted: Int?
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            while true {
                if let length = wanted {
                    guard let content = reader.takeContent(length) else { break }
                    found.append(String(buffer: content))
                    wanted = nil
                }
                guard let head = try reader.head() else { break }
                let length = try #require(head.contentLength)
                reader.takeHead(head)
                found.append(head.methodName)
                if head.methodName == "POST" { wanted = length } else { reader.skip(length) }
            }
        }
        #expect(reader.isEmpty)
        return found
    }

    @Test func `requests are found however the network cuts them`() throws {
        let bytes = Array(requests.utf8)
        for cut in 0...bytes.count {
            #expect(try read([bytes[..<cut], bytes[cut...]]) == ["POST", "hello", "GET", "GET"])
        }
        #expect(try read(bytes.indices.map { bytes[$0...$0] }) == ["POST", "hello", "GET", "GET"])
    }

    @Test(arguments: [
        ("", 0), ("Content-Length: 0\r\n", 0), ("Content-Length: 17\r\n", 17), ("content-length: 007\r\n", 7),
        ("Content-Length: -1\r\n", nil), ("Content-Length: +1\r\n", nil), ("Content-Length: 1, 1\r\n", nil),
        ("Content-Length: 1\r\nContent-Length: 1\r\n", nil), ("Content-Length:\r\n", nil),
        ("Content-Length: 0x10\r\n", nil), ("Content-Length: 1 1\r\n", nil),
        ("Content-Length: 9999999999999999999\r\n", nil),
    ])
    func `a length is a number, and told once`(_ fields: String, _ length: Int?) throws {
        var reader = RequestReader()
        reader.append(ByteBuffer(string: "POST / HTTP/1.1\r\nHost: l\r\n\(fields)\r\n"))
        let head = try #require(try reader.head())
        #expect(head.contentLength == length)
    }

    @Test(arguments: [
        ("/a", true), ("/a?b", true), ("/ab", false), ("/", false), ("/a/", false), ("/A", false), ("*", false),
    ])
    func `a path is asked for exactly`(_ target: String, _ isIt: Bool) throws {
        var reader = RequestReader()
        reader.append(ByteBuffer(string: "GET \(target) HTTP/1.1\r\nHost: l\r\n\r\n"))
        let head = try #require(try reader.head())
        #expect(head.asks(for: "/a") == isIt)
    }

    @Test(arguments: [
        ("HTTP/1.1\r\nHost: l\r\n", true), ("HTTP/1.0\r\n", false),
        ("HTTP/1.1\r\nHost: l\r\nConnection: close\r\n", false),
        ("HTTP/1.1\r\nHost: l\r\nConnection: a, Close\r\n", false),
        ("HTTP/1.1\r\nHost: l\r\nConnection: keep-alive\r\n", true),
        ("HTTP/1.0\r\nConnection: keep-alive\r\n", false),
    ])
    func `a connection is kept as RFC 9112 section 9.3 has it`(_ rest: String, _ isKept: Bool) throws {
        var reader = RequestReader()
        reader.append(ByteBuffer(string: "GET / \(rest)\r\n"))
        let head = try #require(try reader.head())
        #expect(head.keepsConnection == isKept)
    }
}
