import CFFmpeg
import MediaDomain

/// Tells what an opened upload holds, and refuses what we cannot decode.
struct SourceProbe {
    let input: InputContext

    func describe() throws(MediaError) -> SourceDescription {
        let video = bestPictures
        let audio = bestSound
        guard video != nil || audio != nil else {
            throw MediaError(.noStreams, "the file holds neither pictures nor sound")
        }
        if let duration = input.duration, duration > AcceptedMedia.maximumDuration {
            throw MediaError(.tooLarge, "\(Int(duration)) s is longer than \(Int(AcceptedMedia.maximumDuration)) s")
        }
        return SourceDescription(
            container: input.container,
            duration: input.duration,
            size: input.size,
            video: try video.map { stream throws(MediaError) in try describePictures(stream) },
            audio: try audio.map { stream throws(MediaError) in try describeSound(stream) }
        )
    }

    // MARK: - Choosing

    private typealias Stream = UnsafeMutablePointer<AVStream>

    /// The default one, then the largest, then the first; cover art is no picture stream.
    private var bestPictures: Stream? {
        let candidates = input.streams.filter {
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
                && $0.pointee.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS) == 0
        }
        return first(of: candidates) {
            Int($0.pointee.codecpar.pointee.width) * Int($0.pointee.codecpar.pointee.height)
        }
    }

    /// The default one, then the one with most channels, then the first.
    private var bestSound: Stream? {
        let candidates = input.streams.filter {
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
                && $0.pointee.codecpar.pointee.ch_layout.nb_channels > 0
        }
        return first(of: candidates) { Int($0.pointee.codecpar.pointee.ch_layout.nb_channels) }
    }

    private func first(of candidates: [Stream], by measure: (Stream) -> Int) -> Stream? {
        func rank(_ stream: Stream) -> (Int, Int, Int) {
            let isDefault = stream.pointee.disposition & AV_DISPOSITION_DEFAULT != 0
            return (isDefault ? 0 : 1, -measure(stream), Int(stream.pointee.index))
        }
        return candidates.min { rank($0) < rank($1) }
    }

    // MARK: - Describing

    private func describePictures(_ stream: Stream) throws(MediaError) -> VideoStream {
        let parameters = stream.pointee.codecpar.pointee
        let codec = try decoderName(parameters.codec_id)
        let width = Int(parameters.width)
        let height = Int(parameters.height)
        guard width > 0, height > 0 else {
            throw MediaError(.decodeFailed, "the \(codec) stream has no readable picture")
        }
        guard width * height <= AcceptedMedia.maximumPixels else {
            throw MediaError(.tooLarge, "pictures of \(width)x\(height) are larger than we decode")
        }
        let rotation = Self.rotation(of: stream)
        let shown = Self.squarePixels(width, height, Self.pixelShape(of: stream))
        let isTurned = rotation % 180 != 0
        return VideoStream(
            index: Int(stream.pointee.index),
            codec: codec,
            codedWidth: width,
            codedHeight: height,
            displayWidth: isTurned ? shown.height : shown.width,
            displayHeight: isTurned ? shown.width : shown.height,
            rotation: rotation,
            frameRate: (stream.pointee.avg_frame_rate.value ?? stream.pointee.r_frame_rate.value),
            pixelFormat: av_get_pix_fmt_name(AVPixelFormat(parameters.format)).map { String(cString: $0) } ?? "unknown"
        )
    }

    private func describeSound(_ stream: Stream) throws(MediaError) -> AudioStream {
        let parameters = stream.pointee.codecpar.pointee
        let codec = try decoderName(parameters.codec_id)
        guard parameters.sample_rate > 0 else {
            throw MediaError(.decodeFailed, "the \(codec) stream has no readable sound")
        }
        let language = av_dict_get(stream.pointee.metadata, "language", nil, 0)
        return AudioStream(
            index: Int(stream.pointee.index),
            codec: codec,
            sampleRate: Int(parameters.sample_rate),
            channels: Int(parameters.ch_layout.nb_channels),
            language: language.map { String(cString: $0.pointee.value) } ?? "und"
        )
    }

    private func decoderName(_ id: AVCodecID) throws(MediaError) -> String {
        let name = String(cString: avcodec_get_name(id))
        guard let decoder = avcodec_find_decoder(id),
            AcceptedMedia.decoders.contains(String(cString: decoder.pointee.name))
        else { throw MediaError(.unsupported, "codec '\(name)' is not one that we decode") }
        return name
    }

    /// Degrees clockwise, to the nearest right angle.
    private static func rotation(of stream: Stream) -> Int {
        guard let matrix = cffmpeg_display_matrix(stream) else { return 0 }
        // The library tells how far the picture is turned counter-clockwise.
        let angle = -av_display_rotation_get(matrix)
        guard angle.isFinite else { return 0 }
        return ((Int((angle / 90).rounded()) * 90) % 360 + 360) % 360
    }

    /// Width over height of one pixel; the container's word goes before the codec's.
    private static func pixelShape(of stream: Stream) -> Double {
        let shape =
            stream.pointee.sample_aspect_ratio.value ?? stream.pointee.codecpar.pointee.sample_aspect_ratio.value ?? 1
        // Beyond this a file is broken rather than anamorphic.
        return (0.1...10).contains(shape) ? shape : 1
    }

    /// Widens or heightens, so that no pixel is lost.
    private static func squarePixels(_ width: Int, _ height: Int, _ shape: Double) -> (width: Int, height: Int) {
        shape >= 1
            ? (Int((Double(width) * shape).rounded()), height)
            : (width, Int((Double(height) / shape).rounded()))
    }
}
