import CFFmpeg
import MediaDomain

/// Finds out from a container's index whether its pictures could be packaged as they are; nothing is read for it.
struct CopyProbe {
    /// Seconds over which the bit rate is taken.
    private static let window = 4.0
    /// Seconds that a keyframe may lie off its place: containers round.
    private static let rounding = 0.000_5
    /// Seconds that a picture may stand, and that the sound may outlast the pictures: beyond that, others are repeated.
    private static let longestPause = 0.5

    private let stream: UnsafeMutablePointer<AVStream>
    private let duration: Double

    /// - Parameter duration: Seconds of the whole file.
    init(_ stream: UnsafeMutablePointer<AVStream>, duration: Double) {
        self.stream = stream
        self.duration = duration
    }

    /// `nil` if they have to be encoded anew.
    var facts: CopyFacts? {
        guard isCompatible, let groups, groups.count > 1 else { return nil }
        let interval = (groups[groups.count - 1].start - groups[0].start) / Double(groups.count - 1)
        for (index, group) in groups.enumerated() {
            guard abs(group.start - groups[0].start - Double(index) * interval) < Self.rounding else { return nil }
        }
        return CopyFacts(keyframeInterval: interval, peakBitrate: peak(of: groups, interval))
    }

    /// What every player decodes, and needs no work on its pixels.
    private var isCompatible: Bool {
        let parameters = stream.pointee.codecpar.pointee
        let progressive = [AV_FIELD_PROGRESSIVE, AV_FIELD_UNKNOWN].contains(parameters.field_order)
        // ISO/IEC 14496-15: version 1, and lengths of four bytes.
        guard parameters.codec_id == AV_CODEC_ID_H264, parameters.extradata_size > 6, let header = parameters.extradata,
            header[0] == 1, header[4] & 3 == 3
        else { return false }
        let profiles = [66, 77, 100]
        return progressive && parameters.format == AV_PIX_FMT_YUV420P.rawValue && profiles.contains(Int(header[1]))
            && parameters.color_range != AVCOL_RANGE_JPEG && header[3] <= 52 && !isBright(parameters.color_trc)
    }

    private func isBright(_ transfer: AVColorTransferCharacteristic) -> Bool {
        transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67
    }

    private struct Group {
        let start: Double
        var size = 0
    }

    /// `nil` where something stands in the way: pauses, too many pictures, a cut within a group.
    private var groups: [Group]? {
        let base = stream.pointee.time_base
        let count = avformat_index_get_entries_count(stream)
        var groups: [Group] = []
        var last: Double?
        for index in 0..<count {
            guard let entry = avformat_index_get_entry(stream, index)?.pointee else { return nil }
            // Pictures that an edit list hides are decoded, too.
            guard entry.flags & AVINDEX_DISCARD_FRAME == 0 else { return nil }
            let time = base.seconds(entry.timestamp)
            if let last, !(time > last && time - last <= Self.longestPause) { return nil }
            last = time
            if entry.flags & AVINDEX_KEYFRAME != 0 { groups.append(Group(start: time)) }
            guard !groups.isEmpty else { return nil }
            groups[groups.count - 1].size += Int(entry.size)
        }
        guard let last, let first = groups.first, count > 1 else { return nil }
        let rate = Double(count - 1) / (last - first.start)
        return rate <= 60.5 && duration - (last - first.start + 1 / rate) <= Self.longestPause ? groups : nil
    }

    private func peak(of groups: [Group], _ interval: Double) -> Int {
        let length = min(groups.count, max(1, Int((Self.window / interval).rounded(.up))))
        var size = groups[..<length].reduce(0) { $0 + $1.size }
        var most = size
        for index in length..<max(length, groups.count) {
            size += groups[index].size - groups[index - length].size
            most = max(most, size)
        }
        return Int((Double(most) * 8 / (Double(length) * interval)).rounded(.up))
    }
}
