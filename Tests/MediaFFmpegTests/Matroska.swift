/// Writes the elements of Matroska (RFC 8794), to make files that no muxer would.
struct Matroska {
    private(set) var bytes: [UInt8] = []

    /// - Parameter id: With its length marker, as RFC 9559 lists it.
    mutating func add(_ id: UInt32, _ content: [UInt8]) {
        bytes += Self.bigEndian(UInt64(id))
        // Eight bytes of length.
        bytes += [0x01] + Self.bigEndian(UInt64(content.count), width: 7)
        bytes += content
    }

    mutating func add(_ id: UInt32, _ number: UInt64) { add(id, Self.bigEndian(number)) }
    mutating func add(_ id: UInt32, _ text: String) { add(id, Array(text.utf8)) }

    mutating func add(_ id: UInt32, _ fill: (inout Matroska) -> Void) {
        var inner = Matroska()
        fill(&inner)
        add(id, inner.bytes)
    }

    /// A file whose segment is filled by `fill`.
    static func file(_ fill: (inout Matroska) -> Void) -> [UInt8] {
        var file = Matroska()
        file.add(0x1A45_DFA3) { $0.add(0x4282, "matroska") }
        file.add(0x1853_8067, fill)
        return file.bytes
    }

    /// A track of H.264 pictures.
    mutating func addTrack(_ number: UInt64) {
        add(0xAE) { track in
            track.add(0xD7, number)
            track.add(0x73C5, number)
            track.add(0x83, 1 as UInt64)
            track.add(0x86, "V_MPEG4/ISO/AVC")
            track.add(0xE0) { video in
                video.add(0xB0, 64 as UInt64)
                video.add(0xBA, 64 as UInt64)
            }
        }
    }

    private static func bigEndian(_ number: UInt64, width: Int? = nil) -> [UInt8] {
        let width = width ?? max(1, (64 - number.leadingZeroBitCount + 7) / 8)
        return (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
