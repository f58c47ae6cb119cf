import CFFmpeg
import MediaDomain
import ObjectStorage

/// An opened upload: owns the demuxer (AVFormatContext) and the reader under it.
///
/// Used by one thread.
final class InputContext {
    private let file: SourceReader
    private let context: UnsafeMutablePointer<AVFormatContext>

    /// Finds out the container and its streams.
    ///
    /// - Parameter known: What an earlier look at the same file has found out.
    init(_ bytes: any ByteSource, known: KnownStreams? = nil) throws(MediaError) {
        let file = try SourceReader(bytes)
        self.file = file
        context = try file.blamed { () throws(MediaError) in
            try Self.openDemuxer(file, Self.detect(file))
        }
        // From here on `deinit` frees, also when this throws.
        try refuseHugePictures()
        try file.blamed { () throws(MediaError) in try learn(known) }
        try checkSource()
    }

    deinit {
        // Custom I/O stays ours: closing the demuxer leaves it alone.
        var owned: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&owned)
    }

    var container: String { String(cString: context.pointee.iformat.pointee.name) }
    var size: Int64 { file.size }
    /// Why the source could not be read on, if it could not.
    var sourceFailure: MediaError? { file.failure }

    /// What looked like the end of a file, or no index, may be a source that cannot be read.
    func checkSource() throws(MediaError) {
        if let failure = sourceFailure { throw failure }
    }

    var streams: [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    }

    /// The stream that an earlier look at the same file found; asked for with each packet.
    func stream(_ index: Int) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        guard index >= 0, index < Int(context.pointee.nb_streams), let stream = context.pointee.streams[index] else {
            throw MediaError(.decodeFailed, "the file has changed: stream \(index) is gone")
        }
        return stream
    }

    /// Seconds; `nil` where the container does not tell.
    var duration: Double? {
        var duration = context.pointee.duration
        guard duration > 0 else { return nil }
        // Matroska tells where the file ends on its own clock, which need not start at 0.
        if container.hasPrefix("matroska"), context.pointee.start_time > 0 { duration -= context.pointee.start_time }
        return duration > 0 ? Double(duration) / Double(AV_TIME_BASE) : nil
    }

    /// Whether ``duration`` was written by somebody who knew, not guessed from the bit rate or from what the file still holds.
    var declaresDuration: Bool {
        duration != nil && context.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM
    }

    /// Whether times may jump within a file: recordings put one after another.
    var mayJump: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }

    /// Reads only these streams from now on.
    func select(_ indices: [Int]) {
        for stream in streams where !indices.contains(Int(stream.pointee.index)) {
            stream.pointee.discard = AVDISCARD_ALL
        }
    }

    /// The next packet, in file order; `nil` at the end.
    func read() throws(AVError) -> Packet? {
        let packet = try Packet()
        let code = av_read_frame(context, packet.pointer)
        if code == AVError.endOfFile { return nil }
        try check(code, "av_read_frame")
        if let base = context.pointee.streams[packet.streamIndex]?.pointee.time_base {
            packet.presentationTime = base.believed(packet.presentationTime) ?? unknownTime
            packet.decodeTime = base.believed(packet.decodeTime) ?? unknownTime
        }
        return packet
    }

    // MARK: - Seeking

    /// Whether reading can begin anywhere: the container has an index of all keyframes, and exact times.
    func canSeek(in stream: Int) -> Bool {
        let isIndexed = ["mov", "matroska"].contains { container.split(separator: ",").contains(Substring($0)) }
        guard isIndexed, streams.indices.contains(stream), let duration else { return false }
        // Some containers read their index when it is first asked for.
        guard seek(stream, to: streams[stream].pointee.start_time) else { return false }
        let count = avformat_index_get_entries_count(streams[stream])
        guard count > 1, let last = avformat_index_get_entry(streams[stream], count - 1) else { return false }
        let end = streams[stream].pointee.time_base.seconds(last.pointee.timestamp)
        return end > duration * 0.9 - 10
    }

    /// The time of the last keyframe at or before `time`, as the index has it: decoding times, in the stream's base.
    func keyframe(in stream: Int, before time: Int64) -> Int64? {
        let entry = avformat_index_get_entry_from_timestamp(streams[stream], time, AVSEEK_FLAG_BACKWARD)
        return entry.flatMap { streams[stream].pointee.time_base.believed($0.pointee.timestamp) }
    }

    /// Goes on reading at the keyframe at or before `time`, in the stream's base; false if the container cannot.
    func seek(_ stream: Int, to time: Int64) -> Bool {
        av_seek_frame(context, Int32(stream), time, AVSEEK_FLAG_BACKWARD) >= 0
    }

    /// When, in `stretch` (seconds from the stream's start), the group of pictures with most bytes for its time begins; `nil` where
    /// the index does not know.
    func busiestTime(in stretch: Range<Double>, of stream: Int) -> Double? {
        let stream = streams[stream]
        let base = stream.pointee.time_base
        let start = stream.start ?? 0
        var group: (start: Double, bytes: Int)?
        var busiest: (start: Double, rate: Double)?
        for index in 0..<avformat_index_get_entries_count(stream) {
            guard let entry = avformat_index_get_entry(stream, index) else { return nil }
            let time = base.seconds(entry.pointee.timestamp) - base.seconds(start)
            if entry.pointee.flags & AVINDEX_KEYFRAME != 0 {
                if let group, time > group.start, stretch.contains(group.start) {
                    let rate = Double(group.bytes) / (time - group.start)
                    if rate > busiest?.rate ?? 0 { busiest = (group.start, rate) }
                }
                group = (time, 0)
            }
            group?.bytes += Int(entry.pointee.size)
            if time > stretch.upperBound { break }
        }
        return busiest?.start
    }

    // MARK: - Opening

    private struct Detected {
        let format: UnsafePointer<AVInputFormat>
        /// Whether the bytes left no doubt.
        let isCertain: Bool
    }

    private static func detect(_ file: SourceReader) throws(MediaError) -> Detected {
        var format: UnsafePointer<AVInputFormat>?
        let score = av_probe_input_buffer2(file.context, &format, "", nil, 0, UInt32(AcceptedMedia.probeSize))
        guard score >= 0, let format else {
            throw MediaError(.notMedia, "the file is no media file that we know")
        }
        let name = String(cString: format.pointee.name)
        guard name.split(separator: ",").contains(where: { AcceptedMedia.containers.contains(String($0)) }) else {
            throw MediaError(.notMedia, "the file is not a media container that we accept (it looks like \(name))")
        }
        return Detected(format: format, isCertain: score > AVPROBE_SCORE_MAX / 4)
    }

    private static func openDemuxer(
        _ file: SourceReader,
        _ detected: Detected
    ) throws(MediaError) -> UnsafeMutablePointer<AVFormatContext> {
        var context = avformat_alloc_context()
        context?.pointee.pb = file.context
        // Whatever a file refers to, it is not opened.
        context?.pointee.io_open = { _, _, _, _, _ in cffmpeg_averror(EPERM) }
        do throws(AVError) {
            var options = try Options([
                ("protocol_whitelist", ""),
                ("format_whitelist", AcceptedMedia.containers.joined(separator: ",")),
                ("codec_whitelist", AcceptedDecoders.whitelist),
                ("max_streams", "\(AcceptedMedia.maximumStreams)"),
                ("probesize", "\(AcceptedMedia.probeSize)"),
            ])
            try options.consume("avformat_open_input") { avformat_open_input(&context, "", detected.format, $0) }
            return try allocated(context, "avformat_alloc_context")
        } catch {
            if context != nil { avformat_close_input(&context) }
            // The library says so, too, when there are more streams than we take.
            guard error.code != AVError.noMemory else {
                throw MediaError(.tooLarge, "the file has more streams, or a longer index, than we take")
            }
            let certain = detected.isCertain && error.code != AVError.invalidArgument
            throw certain
                ? MediaError(.decodeFailed, "the file is damaged or cut off (\(error))")
                : MediaError(.notMedia, "the file is no media file that we know (\(error))")
        }
    }

    /// Pictures that no decoder of ours would take leave no size behind once one has tried.
    private func refuseHugePictures() throws(MediaError) {
        for stream in streams {
            let (width, height) = (
                Int(stream.pointee.codecpar.pointee.width), Int(stream.pointee.codecpar.pointee.height)
            )
            guard width > 0, height > 0, width * height > AcceptedMedia.maximumPixels else { continue }
            throw MediaError(.tooLarge, "pictures of \(width)x\(height) are larger than we decode")
        }
    }

    private func learn(_ known: KnownStreams?) throws(MediaError) {
        let isTold = try failing(as: .decodeFailed) { () throws(AVError) in try known?.tell(context) ?? false }
        if !isTold { try findStreams() }
    }

    /// What was found out, for those who open the same file again.
    func known() throws(MediaError) -> KnownStreams? {
        try failing(as: .decodeFailed) { () throws(AVError) in try KnownStreams(context) }
    }

    /// Lets libavformat look into the streams; its decoders are held to the same bounds as ours.
    private func findStreams() throws(MediaError) {
        let count = Int(context.pointee.nb_streams)
        let options = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: count)
        options.initialize(repeating: nil, count: count)
        defer {
            for index in 0..<count { av_dict_free(&options[index]) }
            options.deallocate()
        }
        for index in 0..<count {
            av_dict_set(&options[index], "max_pixels", "\(AcceptedMedia.maximumPixels)", 0)
            av_dict_set(&options[index], "threads", "1", 0)
        }
        let code = avformat_find_stream_info(context, count > 0 ? options : nil)
        guard code >= 0 else { throw AVError(code: code, call: "reading the file").reported(as: .decodeFailed) }
    }
}
