/// One moof with its mdat, read back from the bytes that will be stored: what playlists say is measured, not assumed.
struct Fragment {
    /// Bytes from the segment's start to its moof.
    let offset: Int
    /// Ticks: the decoding time of its first sample, counted from the track's start.
    let decodeTime: Int64
    /// Ticks: its samples' durations together.
    let duration: Int64
    /// Ticks from its first sample's decoding to its showing.
    let firstOffset: Int64
    /// Bytes from the moof's start to the end of its first sample.
    let firstSampleEnd: Int
    let sampleCount: Int

    /// `nil` if the `bytes` from `offset` on are not exactly one moof and one mdat of one track.
    init?(_ bytes: [UInt8], from offset: Int) {
        guard let boxes = Box.list(bytes, in: offset..<bytes.count), boxes.map(\.type) == ["moof", "mdat"],
            let track = boxes[0].child("traf", in: bytes), let header = track.child("tfhd", in: bytes),
            let time = track.child("tfdt", in: bytes), let run = track.child("trun", in: bytes)
        else { return nil }
        let samples = SampleRun(bytes, header: header, run: run)
        guard let first = samples.first else { return nil }
        let isLong = bytes[time.content.lowerBound] == 1
        let base = time.content.lowerBound + 4
        self.offset = offset
        decodeTime = isLong ? bytes.integer(Int64.self, at: base) : Int64(bytes.integer(UInt32.self, at: base))
        duration = samples.duration
        firstOffset = first.offset
        firstSampleEnd = samples.dataOffset + first.size
        sampleCount = samples.count
    }
}

/// The samples that a trun box lists, with the defaults of its tfhd (ISO/IEC 14496-12, 8.8.7 and 8.8.8).
private struct SampleRun {
    private(set) var first: (size: Int, offset: Int64)?
    private(set) var duration: Int64 = 0
    let count: Int
    let dataOffset: Int

    init(_ bytes: [UInt8], header: Box, run: Box) {
        let defaults = Defaults(bytes, header)
        let flags = bytes.integer(UInt32.self, at: run.content.lowerBound) & 0xFF_FFFF
        count = Int(bytes.integer(UInt32.self, at: run.content.lowerBound + 4))
        var position = run.content.lowerBound + 8
        func next(_ flag: UInt32) -> UInt32? {
            guard flags & flag != 0 else { return nil }
            defer { position += 4 }
            return bytes.integer(UInt32.self, at: position)
        }
        dataOffset = Int(next(0x1) ?? 0)
        _ = next(0x4)
        for _ in 0..<count {
            guard position <= run.content.upperBound else { break }
            duration += Int64(next(0x100) ?? defaults.duration)
            let size = Int(next(0x200) ?? defaults.size)
            _ = next(0x400)
            // Signed in version 1, which is what negative offsets are written with.
            let offset = Int64(Int32(bitPattern: next(0x800) ?? 0))
            first = first ?? (size, offset)
        }
    }

    private struct Defaults {
        private(set) var duration: UInt32 = 0
        private(set) var size: UInt32 = 0

        init(_ bytes: [UInt8], _ header: Box) {
            let flags = bytes.integer(UInt32.self, at: header.content.lowerBound) & 0xFF_FFFF
            var position = header.content.lowerBound + 8
            if flags & 0x1 != 0 { position += 8 }
            if flags & 0x2 != 0 { position += 4 }
            if flags & 0x8 != 0 {
                duration = bytes.integer(UInt32.self, at: position)
                position += 4
            }
            if flags & 0x10 != 0 { size = bytes.integer(UInt32.self, at: position) }
        }
    }
}
