import NIOCore

/// Reads the head of a request as RFC 9112 sections 2 to 5 spell it, and nothing that could be read in two ways.
///
/// Refused are bare line feeds, folded lines, blanks before a colon, control characters, and heads without one `Host`. It
/// takes bytes as they come and looks at each once.
struct HeadParser {
    /// Bytes of the longest head.
    static let maximumBytes = 16 << 10
    /// Header fields of a head.
    static let maximumFields = 100

    /// Why a head is refused.
    enum Fault: Error {
        case malformed
        case tooLarge
    }

    /// What the first line says; places count from the beginning of the head.
    private struct RequestLine {
        let method: Range<Int>
        let target: Range<Int>
        let isVersion11: Bool
    }

    private var requestLine: RequestLine?
    private var fields: [RequestHeaders.Field] = []
    private var lineStart = 0
    private var scanned = 0

    init() {}

    /// Reads on in `bytes`, which begin with all that was read before; returns the head once it is there wholly.
    mutating func read(_ bytes: ByteBuffer) throws(Fault) -> RequestHead? {
        let span = bytes.readableBytesUInt8Span
        while scanned < span.count {
            guard scanned < Self.maximumBytes else { throw .tooLarge }
            scanned += 1
            guard span[scanned - 1] == UInt8(ascii: "\n") else { continue }
            let end = scanned - 2
            guard end >= lineStart, span[end] == UInt8(ascii: "\r") else { throw .malformed }
            let line = lineStart..<end
            lineStart = scanned
            if try isLast(line, in: span) { return try head(bytes) }
        }
        return nil
    }

    /// Reads a line; returns whether it is the empty one that ends the head.
    private mutating func isLast(_ line: Range<Int>, in bytes: Span<UInt8>) throws(Fault) -> Bool {
        guard requestLine != nil else {
            requestLine = try Self.requestLine(line, in: bytes)
            fields.reserveCapacity(12)
            return false
        }
        if line.isEmpty { return true }
        guard fields.count < Self.maximumFields else { throw .tooLarge }
        fields.append(try Self.field(line, in: bytes))
        return false
    }

    private func head(_ bytes: ByteBuffer) throws(Fault) -> RequestHead {
        guard let requestLine else { throw .malformed }
        let headers = RequestHeaders(bytes: bytes, fields: fields)
        // RFC 9112 section 3.2.
        guard headers.count(of: "host") == 1 || !requestLine.isVersion11 else { throw .malformed }
        return RequestHead(
            method: requestLine.method,
            target: requestLine.target,
            isVersion11: requestLine.isVersion11,
            headers: headers,
            length: scanned
        )
    }

    // MARK: Lines

    /// RFC 9112 section 3: `method SP request-target SP HTTP-version`.
    private static func requestLine(_ line: Range<Int>, in bytes: Span<UInt8>) throws(Fault) -> RequestLine {
        let method = try word(line.lowerBound, line.upperBound, in: bytes, isTokenCharacter)
        let target = try word(method.upperBound + 1, line.upperBound, in: bytes) { (0x21...0x7E).contains($0) }
        let version = (target.upperBound + 1)..<line.upperBound
        let isVersion11 = bytes.extracting(version).elementsEqual("HTTP/1.1")
        guard isVersion11 || bytes.extracting(version).elementsEqual("HTTP/1.0") else { throw .malformed }
        return RequestLine(method: method, target: target, isVersion11: isVersion11)
    }

    /// The characters from `start` up to a blank, of which there has to be one.
    private static func word(
        _ start: Int,
        _ end: Int,
        in bytes: Span<UInt8>,
        _ isAllowed: (UInt8) -> Bool
    ) throws(Fault) -> Range<Int> {
        var index = start
        while index < end, isAllowed(bytes[index]) { index += 1 }
        guard index > start, index < end, bytes[index] == UInt8(ascii: " ") else { throw .malformed }
        return start..<index
    }

    /// RFC 9112 section 5: `field-name ":" OWS field-value OWS`.
    private static func field(_ line: Range<Int>, in bytes: Span<UInt8>) throws(Fault) -> RequestHeaders.Field {
        var colon = line.lowerBound
        while colon < line.upperBound, isTokenCharacter(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .malformed
        }
        var value = (colon + 1)..<line.upperBound
        for index in value where !isValueCharacter(bytes[index]) { throw .malformed }
        while let first = value.first, isBlank(bytes[first]) { value = (first + 1)..<value.upperBound }
        while let last = value.last, isBlank(bytes[last]) { value = value.lowerBound..<last }
        return RequestHeaders.Field(name: line.lowerBound..<colon, value: value)
    }

    // MARK: Characters

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// RFC 9110 section 5.5: visible characters, blanks, and bytes of other character sets.
    private static func isValueCharacter(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
    }

    /// RFC 9110 section 5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "!"),
            UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
