import MediaDomain

/// What RFC 6381 and its kin call a track, read from the encoder's header.
enum CodecsString {
    /// `nil` if the header is not one of that codec.
    static func pictures(_ codec: VideoCodec, header: [UInt8]) -> String? {
        switch codec {
        case .h264: h264(header)
        case .hevc: hevc(header)
        case .av1: av1(header)
        }
    }

    /// From the sequence parameter set: profile, constraints, level.
    private static func h264(_ header: [UInt8]) -> String? {
        guard let set = NALUnit.first(in: header, where: { $0 & 0x1F == 7 }), set.count > 3 else { return nil }
        return "avc1." + set[1...3].map(hex).joined()
    }

    /// ISO/IEC 14496-15 E.3, from the sequence parameter set's profile, tier and level (H.265 7.3.3).
    private static func hevc(_ header: [UInt8]) -> String? {
        guard let set = NALUnit.first(in: header, where: { $0 >> 1 & 0x3F == 33 }), set.count > 14 else { return nil }
        // Two bytes of NAL header, one with the set's own number.
        let space = ["", "A", "B", "C"][Int(set[3] >> 6)]
        let tier = set[3] & 0x20 == 0 ? "L" : "H"
        let compatibility = (0..<32).reduce(UInt32(0)) { bits, index in
            let bit = set[4 + index / 8] >> UInt8(7 - index % 8) & 1
            return bits | UInt32(bit) << UInt32(index)
        }
        let constraints = set[8...13].reversed().drop { $0 == 0 }.reversed()
        let parts = [
            "hvc1", "\(space)\(set[3] & 0x1F)", String(compatibility, radix: 16, uppercase: true), "\(tier)\(set[14])",
        ]
        return (parts + constraints.map { String($0, radix: 16, uppercase: true) }).joined(separator: ".")
    }

    /// AV1 in ISO BMFF, section 5, from the sequence header (AV1 5.5.1).
    private static func av1(_ header: [UInt8]) -> String? {
        guard let sequence = AV1Sequence(header) else { return nil }
        let level = sequence.level < 10 ? "0\(sequence.level)" : "\(sequence.level)"
        return "av01.\(sequence.profile).\(level)\(sequence.isHighTier ? "H" : "M").08"
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
