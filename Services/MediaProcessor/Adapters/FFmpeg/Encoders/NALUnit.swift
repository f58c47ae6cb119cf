/// The units that H.264 and HEVC streams are made of.
enum NALUnit {
    /// The first unit of an Annex B byte stream whose first byte is wanted, without the bytes that keep start codes out
    /// of it.
    static func first(in header: [UInt8], where isWanted: (UInt8) -> Bool) -> [UInt8]? {
        for index in header.indices.dropLast(3) where header[index...].starts(with: [0, 0, 1]) {
            if isWanted(header[index + 3]) { return unit(header[(index + 3)...]) }
        }
        return nil
    }

    /// How many pictures an HEVC decoder must have before it can show the first one: the video parameter set's word
    /// (H.265 7.3.2.1), with a profile, tier and level of one layer.
    static func hevcReordering(_ header: [UInt8]) -> Int {
        guard let set = first(in: header, where: { $0 >> 1 & 0x3F == 32 }), set.count > 18 else { return 0 }
        var bits = BitReader(Array(set[18...]))
        // vps_sub_layer_ordering_info_present_flag, vps_max_dec_pic_buffering_minus1.
        bits.skip(1)
        _ = bits.readExponential()
        return min(16, bits.readExponential())
    }

    private static func unit(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var unit: [UInt8] = []
        var zeros = 0
        for byte in bytes {
            // The next start code, or the zeros before it.
            if zeros >= 2, byte <= 1 { break }
            let isGuard = zeros >= 2 && byte == 3
            zeros = byte == 0 ? zeros + 1 : 0
            if !isGuard { unit.append(byte) }
        }
        return unit
    }
}
