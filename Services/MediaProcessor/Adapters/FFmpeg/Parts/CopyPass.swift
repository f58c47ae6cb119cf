import CFFmpeg
import Foundation
import MediaDomain

/// Packages one part's pictures as the source has them.
///
/// The index has promised that this can be done; a source that breaks the promise is found out here.
final class CopyPass {
    private let job: TranscodeJob
    private let lane: PartLane
    private let rung: Int
    private let context: PartPass.Context
    private let clock: PictureClock
    private let window: PartWindow
    private let workshop: Workshop
    private var packager: PicturePackager?
    private var groupStart: Int64 = 0
    private var segment = 0
    private var pictures = PictureCount()

    /// - Parameter rung: The index in the plan.
    init(
        _ job: TranscodeJob,
        lane: PartLane,
        rung: Int,
        context: PartPass.Context,
        clock: PictureClock,
        _ workshop: Workshop
    ) {
        self.workshop = workshop
        self.job = job
        self.lane = lane
        self.rung = rung
        self.context = context
        self.clock = clock
        window = PartWindow(lane.part, timescale: clock.timescale)
    }

    /// - Throws: ``TranscodeJob/cannotCopy`` if the pictures have to be encoded after all.
    func run() throws(MediaError) -> PassResult {
        guard let video = job.pictures else { throw TranscodeJob.cannotCopy }
        var source = PartInput(job, part: lane.part, stream: video.index, isSeekable: context.isSeekable)
        var (input, reading, _) = try source.open()
        let stream = try input.stream(video.index)
        while workshop.failure == nil, let packet = try reading.next() {
            guard packet.streamIndex == video.index else { continue }
            if let end = try take(packet, stream) { return try finish(at: end) }
        }
        if let failure = workshop.failure { throw failure }
        guard let end = context.presentationEnd, packager != nil else { throw TranscodeJob.cannotCopy }
        return try finish(at: Int64((end * Double(clock.timescale)).rounded()), presentationEnd: end)
    }

    /// - Returns: Where the part ends, once the packet is the first of the next.
    private func take(_ packet: Packet, _ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) -> Int64? {
        guard packet.presentationTime != unknownTime, !packet.isCorrupt else { throw TranscodeJob.cannotCopy }
        let base = stream.pointee.time_base
        let time = base.rescale(packet.presentationTime, to: .ticks(clock.timescale))
        if packet.isKeyframe {
            let followsAll = packager == nil || time > pictures.last
            guard packet.startsClosedGroup, followsAll else { throw TranscodeJob.cannotCopy }
            if packager != nil, window.isBeyond(time) { return time }
        }
        if packager == nil {
            guard packet.isKeyframe, !window.isBefore(time) else { return nil }
            try begin(at: time, stream)
        }
        guard packet.isKeyframe || time > groupStart else { throw TranscodeJob.cannotCopy }
        try append(packet, at: time)
        return nil
    }

    private func begin(at time: Int64, _ stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        // What runs ahead is compared with where the part before ends when it is joined.
        let expected = context.before.expectedStart ?? (lane.part.index == 0 ? 0 : time)
        guard time == expected, !window.isAfterStart(time) else { throw TranscodeJob.cannotCopy }
        packager = try makePackager(stream, start: time)
        segment = index(of: time)
    }

    private func append(_ packet: Packet, at time: Int64) throws(MediaError) {
        if packet.isKeyframe {
            groupStart = time
            if index(of: time) > segment {
                segment = index(of: time)
                packager?.startSegment(at: time)
            }
        }
        packet.presentationTime = time
        pictures.count += 1
        pictures.last = max(pictures.last, time)
        // The second one shown is the one with the least time but the first's.
        if time > groupStart || pictures.count > 1 { pictures.second = min(pictures.second ?? time, time) }
        try packager?.append(packet)
    }

    private func finish(at end: Int64, presentationEnd: Double? = nil) throws(MediaError) -> PassResult {
        guard let packager, end > pictures.last else { throw TranscodeJob.cannotCopy }
        try packager.finish(at: end)
        return PassResult(
            tracks: [PartTrack(head: packager.head, segments: packager.segments)],
            start: packager.segments.first?.start ?? 0,
            end: end,
            pictures: pictures,
            colors: .unspecified,
            thumbnailCount: 0,
            tiles: PartTiles(),
            isDamaged: false,
            presentationEnd: presentationEnd
        )
    }

    private func makePackager(
        _ stream: UnsafeMutablePointer<AVStream>,
        start: Int64
    ) throws(MediaError) -> PicturePackager {
        let parameters = stream.pointee.codecpar
        let delay = Int64(parameters?.pointee.video_delay ?? 0) * clock.pictureDuration
        let header = UnsafeBufferPointer(
            start: parameters?.pointee.extradata,
            count: Int(parameters?.pointee.extradata_size ?? 0)
        )
        guard header.count > 3 else { throw TranscodeJob.cannotCopy }
        let codecs = "avc1." + header[1...3].map { String(format: "%02X", $0) }.joined()
        let head = TrackHead(
            codecs: codecs,
            timescale: clock.timescale,
            frameRate: clock.frameRate.value,
            initSize: 0,
            initChecksum: ""
        )
        let output = job.output(ofRung: rung, lane, context.before)
        let track = try TrackPackager(copying: stream, head: head, edit: delay, start: start, output: output)
        return PicturePackager(track, decodingDelay: delay)
    }

    /// The segment that is planned for `time`.
    private func index(of time: Int64) -> Int {
        job.plan.grid.index(at: Double(time) / Double(clock.timescale) + PictureTimeline.rounding)
    }
}

extension PictureColors {
    /// ISO/IEC 23091-2's "unspecified".
    static let unspecified = PictureColors(primaries: 2, transfer: 2, matrix: 2, chroma: 0)
}

extension Packet {
    /// Whether it is an H.264 IDR picture, its parts with lengths of four bytes before them: nothing after it refers to
    /// anything before it.
    fileprivate var startsClosedGroup: Bool {
        let bytes = UnsafeBufferPointer(start: pointer.pointee.data, count: size)
        var position = 0
        while position + 4 < bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            let type = bytes[position + 4] & 0x1F
            if type == 5 { return true }
            // A picture of another kind.
            if (1...4).contains(type) { return false }
            position += 4 + length
        }
        return false
    }
}
