/// Names a trace: 16 bytes that are not all zero.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    /// The half that sampling decides by: by the recommendation it is random, whoever made the id.
    let low: UInt64

    init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 lower-case digits.
    package var description: String { Hexadecimal.text(high) + Hexadecimal.text(low) }
}

/// Names a span within its trace: 8 bytes that are not all zero.
package struct SpanID: Sendable, Hashable, CustomStringConvertible {
    let value: UInt64

    init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// 16 lower-case digits.
    package var description: String { Hexadecimal.text(value) }
}
