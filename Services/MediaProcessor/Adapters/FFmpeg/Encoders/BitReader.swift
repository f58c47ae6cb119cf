/// Reads bits, the highest first; zeros beyond the end.
struct BitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isExhausted: Bool { position > bytes.count * 8 }

    mutating func read(_ count: Int) -> Int {
        (0..<count).reduce(0) { value, _ in
            defer { position += 1 }
            let byte = position / 8 < bytes.count ? bytes[position / 8] : 0
            return value << 1 | Int(byte >> UInt8(7 - position % 8) & 1)
        }
    }

    mutating func skip(_ count: Int) { position += count }

    /// An unsigned number in exponential Golomb code: as many zeros, a one, and as many bits again.
    mutating func readExponential() -> Int {
        var zeros = 0
        while read(1) == 0, zeros < 32 { zeros += 1 }
        return (1 << zeros) - 1 + read(zeros)
    }
}
