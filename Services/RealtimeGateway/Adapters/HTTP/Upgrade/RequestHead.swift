import NIOCore

/// The head of an HTTP/1 request as it came, with the places of what it says.
struct RequestHead: Sendable {
    private let method: Range<Int>
    private let target: Range<Int>
    /// Whether it is of HTTP/1.1, without which there are no WebSockets (RFC 6455 section 4.1).
    let isVersion11: Bool
    let headers: RequestHeaders
    /// Bytes of the whole head.
    let length: Int

    init(method: Range<Int>, target: Range<Int>, isVersion11: Bool, headers: RequestHeaders, length: Int) {
        self.method = method
        self.target = target
        self.isVersion11 = isVersion11
        self.headers = headers
        self.length = length
    }

    /// Whether it is a `GET` that no content follows, so that what comes after it is the WebSocket's.
    var isPlainGET: Bool {
        headers.text(method) == "GET" && !headers.contains(name: "transfer-encoding")
            && headers["content-length"].allSatisfy { $0 == "0" }
    }

    var asksForWebSocket: Bool { headers.lists("websocket", in: "upgrade") }

    /// What stands behind the first question mark of the target.
    var query: Substring {
        let text = headers.text(target)
        return text.utf8.firstIndex(of: UInt8(ascii: "?")).map { text[text.utf8.index(after: $0)...] } ?? ""
    }

    /// The method, as it came: its case counts.
    var methodName: String { headers.text(method) }

    /// Whether it asks for `path`, with whatever query.
    func asks(for path: String) -> Bool {
        let text = headers.text(target).utf8
        guard text.starts(with: path.utf8) else { return false }
        let end = text.dropFirst(path.utf8.count).first
        return end == nil || end == UInt8(ascii: "?")
    }

    /// Whether its content comes in another form than its plain bytes.
    var hasEncodedContent: Bool { headers.contains(name: "transfer-encoding") }

    /// Bytes of its content; `nil` if what it says of them can be read in two ways (RFC 9112 section 6.3).
    var contentLength: Int? {
        let values = headers["content-length"]
        guard let value = values.first else { return 0 }
        let isNumber = (1...18).contains(value.utf8.count) && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return values.count == 1 && isNumber ? Int(value) : nil
    }

    /// Whether another request may follow on the same connection.
    var keepsConnection: Bool { isVersion11 && !headers.lists("close", in: "connection") }

    /// Whether the client waits for a word before it sends content (RFC 9110 section 10.1.1).
    var expectsContinue: Bool { isVersion11 && headers.lists("100-continue", in: "expect") }
}
