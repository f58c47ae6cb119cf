import CFFmpeg

/// What a first look at a source has found out about its streams by decoding their beginnings: further ones read the
/// container's header alone.
///
/// `@unchecked Sendable`: nothing changes once it is made.
final class KnownStreams: @unchecked Sendable {
    private struct Stream {
        let parameters: UnsafeMutablePointer<AVCodecParameters>
        let start: Int64
        let duration: Int64
        let averageRate: AVRational
        let lowestRate: AVRational
        let pixelShape: AVRational

        init(_ parameters: UnsafeMutablePointer<AVCodecParameters>, _ stream: UnsafeMutablePointer<AVStream>) {
            self.parameters = parameters
            start = stream.pointee.start_time
            duration = stream.pointee.duration
            averageRate = stream.pointee.avg_frame_rate
            lowestRate = stream.pointee.r_frame_rate
            pixelShape = stream.pointee.sample_aspect_ratio
        }
    }

    private var streams: [Stream] = []
    private let start: Int64
    private let duration: Int64
    private let durationMethod: AVDurationEstimationMethod

    /// - Returns: `nil` where a demuxer needs to know the streams itself to tell their packets and times; the tables of MP4
    ///   and QuickTime hold each of them.
    init?(_ context: UnsafeMutablePointer<AVFormatContext>) throws(AVError) {
        let container = String(cString: context.pointee.iformat.pointee.name)
        guard container.split(separator: ",").contains("mov") else { return nil }
        start = context.pointee.start_time
        duration = context.pointee.duration
        durationMethod = context.pointee.duration_estimation_method
        // From here on `deinit` frees, also when this throws.
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[index] else { return nil }
            streams.append(Stream(try allocated(avcodec_parameters_alloc(), "avcodec_parameters_alloc"), stream))
            try check(
                avcodec_parameters_copy(streams[index].parameters, stream.pointee.codecpar),
                "avcodec_parameters_copy"
            )
        }
    }

    deinit {
        for stream in streams {
            var owned: UnsafeMutablePointer<AVCodecParameters>? = stream.parameters
            avcodec_parameters_free(&owned)
        }
    }

    /// Tells a demuxer that has read the header what is known.
    ///
    /// - Returns: Whether its header names these streams; it knows nothing otherwise.
    func tell(_ context: UnsafeMutablePointer<AVFormatContext>) throws(AVError) -> Bool {
        let opened = (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
        guard opened.count == streams.count else { return false }
        let areSame = zip(opened, streams).allSatisfy {
            $0.pointee.codecpar.pointee.codec_id == $1.parameters.pointee.codec_id
        }
        guard areSame else { return false }
        for (stream, known) in zip(opened, streams) {
            try check(avcodec_parameters_copy(stream.pointee.codecpar, known.parameters), "avcodec_parameters_copy")
            stream.pointee.start_time = known.start
            stream.pointee.duration = known.duration
            stream.pointee.avg_frame_rate = known.averageRate
            stream.pointee.r_frame_rate = known.lowestRate
            stream.pointee.sample_aspect_ratio = known.pixelShape
        }
        context.pointee.start_time = start
        context.pointee.duration = duration
        context.pointee.duration_estimation_method = durationMethod
        return true
    }
}
