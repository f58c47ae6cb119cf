/// The `traceparent` of W3C Trace Context, Level 1: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
package struct TraceParent: Sendable, Hashable, CustomStringConvertible {
    package let traceID: TraceID
    package let spanID: SpanID
    package let isSampled: Bool

    init(traceID: TraceID, spanID: SpanID, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Version, trace id, span id and flags, with the dashes between them.
    private static let length = 55
    /// More than any version will need; Level 1 names no bound.
    private static let longest = 512

    /// Reads what version 00 defines, also where a later version appended something.
    ///
    /// `nil` for anything that Level 1 wants to be ignored: upper case, other lengths, version ff, ids of zeros.
    package init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(Self.longest + 1))
        let dash = UInt8(ascii: "-")
        guard (Self.length...Self.longest).contains(bytes.count),
            bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Hexadecimal.value(of: bytes[0..<2]), version != 0xFF,
            Self.isWhole(bytes, version: version),
            let high = Hexadecimal.value(of: bytes[3..<19]), let low = Hexadecimal.value(of: bytes[19..<35]),
            let traceID = TraceID(high: high, low: low),
            let spanID = Hexadecimal.value(of: bytes[36..<52]).flatMap({ SpanID($0) }),
            let flags = Hexadecimal.value(of: bytes[53..<55])
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1)
    }

    private static func isWhole(_ bytes: [UInt8], version: UInt64) -> Bool {
        bytes.count == length || version > 0 && bytes[length] == UInt8(ascii: "-")
    }

    /// In version 00; flags that it does not define are not handed on.
    package var description: String {
        var bytes = Self.blank
        Hexadecimal.write(traceID.high, into: &bytes, at: 3)
        Hexadecimal.write(traceID.low, into: &bytes, at: 19)
        Hexadecimal.write(spanID.value, into: &bytes, at: 36)
        if isSampled { bytes[54] = UInt8(ascii: "1") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let blank = Array("00-00000000000000000000000000000000-0000000000000000-00".utf8)
}
