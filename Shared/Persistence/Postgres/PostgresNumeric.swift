/// A decimal number as `numeric_send` writes it, which is what `sum` makes of `BIGINT`.
struct PostgresNumeric {
    /// An integer if it is written without a fraction and fits, else the nearest `Double`.
    let value: SQLValue

    /// How a number's sign is written; the others are no numbers.
    private enum Sign: UInt16 {
        case plus = 0
        case minus = 0x4000
        case notANumber = 0xC000
        case infinity = 0xD000
        case minusInfinity = 0xF000
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8, bytes.count.isMultiple(of: 2) else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 2).map {
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
        }
        // The count of digits, the weight of the first, the sign, digits after the point; then digits to base 10,000.
        let digits = words.dropFirst(4)
        guard digits.count == Int(words[0]), let sign = Sign(rawValue: words[2]) else { return nil }
        let weight = Int(Int16(bitPattern: words[1]))
        switch sign {
        case .plus, .minus: value = Self.value(Array(digits), weight, sign == .minus, isWhole: words[3] == 0)
        case .notANumber: value = .real(.nan)
        case .infinity: value = .real(.infinity)
        case .minusInfinity: value = .real(-.infinity)
        }
    }

    private static func value(_ digits: [UInt16], _ weight: Int, _ isNegative: Bool, isWhole: Bool) -> SQLValue {
        if isWhole, let whole = whole(digits, weight, isNegative) { return .integer(whole) }
        // As an integer times a power of ten: the conversion from text rounds but once.
        let mantissa = digits.map { digit in
            let text = String(digit)
            return String(repeating: "0", count: max(0, 4 - text.count)) + text
        }
        let text = "\(isNegative ? "-" : "")0\(mantissa.joined())e\((weight + 1 - digits.count) * 4)"
        return .real(Double(text) ?? .nan)
    }

    /// `nil` if it does not fit.
    private static func whole(_ digits: [UInt16], _ weight: Int, _ isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        // Trailing zeros are not written.
        for place in 0..<max(0, weight + 1) {
            let digit = place < digits.count ? Int64(digits[place]) : 0
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, carry) = shifted.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
