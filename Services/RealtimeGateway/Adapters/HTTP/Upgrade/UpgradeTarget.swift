import NIOCore

/// What can be told of a request before its first line has come wholly.
enum UpgradeTarget {
    /// More bytes have to come.
    case unknown
    /// It asks for the path of an endpoint.
    case endpoint(any WebSocketEndpoint)
    /// It is for the HTTP server to read.
    case other

    /// Bytes of the longest method that is waited for.
    private static let maximumMethod = 32

    /// - Parameter bytes: What a connection began with.
    init(_ bytes: ByteBuffer, among endpoints: [any WebSocketEndpoint]) {
        let span = bytes.readableBytesUInt8Span
        guard let blank = Self.end(of: 0, in: span, at: Self.isBlankOrEnd) else {
            self = span.count > Self.maximumMethod ? .other : .unknown
            return
        }
        guard span[blank] == UInt8(ascii: " ") else {
            // It may be half of an empty line, which means nothing before a request.
            self = span.count == 1 && span[0] == UInt8(ascii: "\r") ? .unknown : .other
            return
        }
        let start = blank + 1
        guard let end = Self.end(of: start, in: span, at: { Self.isBlankOrEnd($0) || $0 == UInt8(ascii: "?") }) else {
            let longest = endpoints.reduce(0) { max($0, $1.path.utf8.count) }
            self = span.count - start > longest ? .other : .unknown
            return
        }
        let path = span.extracting(start..<end)
        for endpoint in endpoints where path.elementsEqual(endpoint.path) {
            self = .endpoint(endpoint)
            return
        }
        self = .other
    }

    private static func isBlankOrEnd(_ byte: UInt8) -> Bool { byte <= 0x20 }

    private static func end(of start: Int, in span: Span<UInt8>, at isEnd: (UInt8) -> Bool) -> Int? {
        var index = start
        while index < span.count, !isEnd(span[index]) { index += 1 }
        return index < span.count ? index : nil
    }
}

extension Span<UInt8> {
    /// Whether these are the bytes of `text`.
    func elementsEqual(_ text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        var index = 0
        for byte in text.utf8 {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }
}
