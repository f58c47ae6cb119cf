import CFFmpeg
import MediaDomain

/// Opens a source where a part's first picture can be decoded: at a keyframe at or before it.
///
/// Used by one thread.
struct PartInput {
    /// Seconds before a part's start from which reading is tried, one after another; at last, from the very start.
    private static let distances = [0.0, 1, 5, 20, 80]

    private let job: TranscodeJob
    private let part: PartPlan
    private let stream: Int
    private let isSeekable: Bool
    private var attempts = 0

    /// - Parameter isSeekable: Whether the source can be read from the middle.
    init(_ job: TranscodeJob, part: PartPlan, stream: Int, isSeekable: Bool) {
        self.job = job
        self.part = part
        self.stream = stream
        self.isSeekable = isSeekable
    }

    /// Opens it, each time from farther away.
    ///
    /// - Returns: Also whether it is read from its very start.
    mutating func open() throws(MediaError) -> (input: InputContext, reading: SourceReading, isFromStart: Bool) {
        defer { attempts += 1 }
        let input = try job.open()
        let clock = try job.prepare(input, toRead: [stream])
        let base = try input.stream(stream).pointee.time_base
        if isSeekable, part.index > 0, attempts < Self.distances.count {
            let seconds = part.start - Self.distances[attempts]
            if seconds > 0, input.seek(stream, to: clock.streamTime(of: seconds, base)) {
                return (input, SourceReading(input, clock: clock), false)
            }
            // What a failed seek has done to the demuxer nobody knows.
            attempts = Self.distances.count
            return try open()
        }
        return (input, SourceReading(input, clock: clock), true)
    }
}
