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

    /// What stands behind the first question mark of the target.
    var query: Substring {
        let text = headers.text(target)
        return text.utf8.firstIndex(of: UInt8(ascii: "?")).map { text[text.utf8.index(after: $0)...] } ?? ""
    }
}
