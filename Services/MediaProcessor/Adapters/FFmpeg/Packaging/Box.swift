/// One ISO base media box within some bytes.
struct Box {
    /// Four characters: `moof`.
    let type: String
    /// Offsets into the bytes it was found in.
    let range: Range<Int>
    let content: Range<Int>

    /// The boxes that lie one after another in `range` of `bytes`; `nil` if they do not fill it exactly.
    static func list(_ bytes: [UInt8], in range: Range<Int>? = nil) -> [Box]? {
        let range = range ?? bytes.indices
        var boxes: [Box] = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard range.upperBound - position >= 8 else { return nil }
            let size = Int(bytes.integer(UInt32.self, at: position))
            // A size of 0 or 1 (to the end, 64-bit) does not occur in what we write.
            guard size >= 8, size <= range.upperBound - position else { return nil }
            let type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
            boxes.append(Box(type: type, range: position..<position + size, content: position + 8..<position + size))
            position += size
        }
        return boxes
    }

    /// The first box of that type directly within this one.
    func child(_ type: String, in bytes: [UInt8]) -> Box? {
        Box.list(bytes, in: content)?.first { $0.type == type }
    }
}

extension [UInt8] {
    /// Big-endian, as all of ISO/IEC 14496-12; 0 beyond the end.
    func integer<Integer: FixedWidthInteger>(_: Integer.Type, at offset: Int) -> Integer {
        let size = Integer.bitWidth / 8
        guard offset >= 0, offset + size <= count else { return 0 }
        return self[offset..<offset + size].reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    /// Appends big-endian.
    mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }
}
