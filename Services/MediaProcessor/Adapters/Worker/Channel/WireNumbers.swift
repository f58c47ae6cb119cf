/// The numbers of our own channels: little-endian, of fixed width.
extension [UInt8] {
    mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    /// The number at `offset`, which must be there.
    func number<Number: FixedWidthInteger>(_: Number.Type = Number.self, at offset: Int) -> Number {
        (0..<Number.bitWidth / 8).reduce(0) { $0 | Number(truncatingIfNeeded: self[offset + $1]) << ($1 * 8) }
    }
}
