/// What a sequence header says of the whole track (AV1 5.5.1 and 5.5.2): as much of it as players ask for.
struct AV1Sequence {
    let profile: Int
    let level: Int
    let isHighTier: Bool

    /// - Parameter header: One open bitstream unit with its size, as encoders hand it out.
    init?(_ header: [UInt8]) {
        var bits = BitReader(header)
        // obu_forbidden_bit, then obu_type: a sequence header's is 1.
        guard bits.read(1) == 0, bits.read(4) == 1 else { return nil }
        let hasExtension = bits.read(1) == 1
        let hasSize = bits.read(1) == 1
        bits.skip(hasExtension ? 9 : 1)
        // leb128: each byte's first bit tells whether another follows.
        while hasSize, bits.read(8) & 0x80 != 0, !bits.isExhausted {}
        profile = bits.read(3)
        // still_picture and reduced_still_picture_header, which stands for less to read.
        bits.skip(1)
        guard bits.read(1) == 0 else {
            level = bits.read(5)
            isHighTier = false
            return
        }
        Self.skipTiming(&bits)
        // initial_display_delay_present_flag, operating_points_cnt_minus_1, operating_point_idc[0].
        bits.skip(1 + 5 + 12)
        level = bits.read(5)
        isHighTier = level > 7 && bits.read(1) == 1
        if bits.isExhausted { return nil }
    }

    private static func skipTiming(_ bits: inout BitReader) {
        guard bits.read(1) == 1 else { return }
        bits.skip(64)
        if bits.read(1) == 1 { _ = bits.readExponential() }
        if bits.read(1) == 1 { bits.skip(5 + 32 + 5 + 5) }
    }
}
