/// What a `Range` header asks of a body (RFC 9110 section 14).
enum ByteRange: Hashable {
    /// The whole: there is no header, or none that we must honour.
    case whole
    /// A part, never empty.
    case part(Range<Int64>)
    /// Beyond the end: the answer is 416.
    case unsatisfiable

    /// Reads the value of a `Range` header for a body of `size` bytes.
    ///
    /// Malformed values, other units and lists of ranges ask for the whole, as RFC 9110 section 14.2 allows: a list is
    /// rare in players, and `multipart/byteranges` of many tiny ranges is a way to exhaust a server.
    init(_ header: String?, size: Int64) {
        guard let header, let bounds = Self.bounds(in: header) else {
            self = .whole
            return
        }
        switch bounds {
        case (let first?, let last?) where last < first: self = .whole
        case (let first?, let last): self = Self.part(from: first, through: last ?? .max, size: size)
        case (nil, let suffix?) where suffix == 0: self = .unsatisfiable
        case (nil, let suffix?): self = Self.part(from: max(0, size - suffix), through: .max, size: size)
        case (nil, nil): self = .whole
        }
    }

    private static func part(from first: Int64, through last: Int64, size: Int64) -> ByteRange {
        first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
    }

    /// Splits `bytes=FIRST-LAST`, either of which may be absent.
    private static func bounds(in header: String) -> (first: Int64?, last: Int64?)? {
        let sides = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0].lowercased() == "bytes" else { return nil }
        let range = sides[1].utf8
        guard let dash = range.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        let first = range[..<dash]
        let last = range[range.index(after: dash)...]
        guard first.allSatisfy(\.isDigit), last.allSatisfy(\.isDigit) else { return nil }
        return (number(first), number(last))
    }

    /// A number of any length; one that 64 bits cannot hold is beyond every file.
    private static func number(_ digits: Substring.UTF8View) -> Int64? {
        digits.isEmpty ? nil : Int64(Substring(digits)) ?? .max
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
