import CFFmpeg
import MediaDomain

/// Tells what an opened upload holds, and refuses what we cannot decode.
struct SourceProbe {
    let input: InputContext

    func describe() throws(MediaError) -> SourceDescription {
        let video = bestPictures
        let audio = sounds
        guard video != nil || !audio.isEmpty else {
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
            cover: video == nil ? cover : nil,
            audio: try describeSounds(audio),
            subtitles: texts.map(describeSubtitles),
            leftOut: input.streams.compactMap(reasonToLeaveOut)
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

    /// All of them, the one to begin with first: the default one, then the main ones, then the one with most channels.
    private var sounds: [Stream] {
        let candidates = input.streams.filter {
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
                && $0.pointee.codecpar.pointee.ch_layout.nb_channels > 0
        }
        let best = first(of: candidates) {
            let role = SoundRole(disposition: $0.pointee.disposition)
            return Int($0.pointee.codecpar.pointee.ch_layout.nb_channels) + (role == .main ? 1000 : 0)
        }
        return candidates.filter { $0 == best } + candidates.filter { $0 != best }
    }

    private var cover: CoverArt? {
        let covers = input.streams.filter {
            $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
                && isDecodable($0.pointee.codecpar.pointee.codec_id)
        }
        return covers.lazy.map { stream in
            let parameters = stream.pointee.codecpar.pointee
            return CoverArt(
                index: Int(stream.pointee.index),
                codec: String(cString: avcodec_get_name(parameters.codec_id)),
                width: Int(parameters.width),
                height: Int(parameters.height)
            )
        }
        .first { $0.width > 0 && $0.height > 0 && $0.width * $0.height <= AcceptedMedia.maximumPixels }
    }

    private var texts: [Stream] {
        input.streams.filter {
            $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE
                && isDecodable($0.pointee.codecpar.pointee.codec_id)
        }
    }

    /// Tells sounds and subtitles that nothing is made of.
    private func reasonToLeaveOut(_ stream: Stream) -> LeftOutStream? {
        let parameters = stream.pointee.codecpar.pointee
        let isBitmap = (avcodec_descriptor_get(parameters.codec_id)?.pointee.props ?? 0) & AV_CODEC_PROP_BITMAP_SUB != 0
        guard [AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE].contains(parameters.codec_type),
            !isDecodable(parameters.codec_id)
        else { return nil }
        return LeftOutStream(
            index: Int(stream.pointee.index),
            codec: String(cString: avcodec_get_name(parameters.codec_id)),
            language: Self.metadata("language", of: stream) ?? "und",
            reason: isBitmap ? .bitmapSubtitles : .unsupportedCodec
        )
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
        let orientation = Orientation(stream)
        let rotation = orientation.rotation
        let shown = Self.squarePixels(width, height, Self.pixelShape(of: stream))
        let isTurned = rotation % 180 != 0
        var described = VideoStream(
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
        if orientation.isUpright, shown == (width, height) { described.copyFacts = copyFacts(of: stream) }
        return described
    }

    /// `nil` if the pictures have to be encoded anew; only one container's index says enough about them.
    private func copyFacts(of stream: Stream) -> CopyFacts? {
        guard input.container.split(separator: ",").contains("mov"), let duration = input.duration else { return nil }
        return CopyProbe(stream, duration: duration).facts
    }

    /// What can be decoded; what cannot is left out, unless nothing remains.
    private func describeSounds(_ streams: [Stream]) throws(MediaError) -> [AudioStream] {
        var described: [AudioStream] = []
        var failure: MediaError?
        for stream in streams {
            do throws(MediaError) {
                described.append(try describeSound(stream))
            } catch {
                failure = failure ?? error
            }
        }
        if described.isEmpty, let failure { throw failure }
        return described
    }

    private func describeSound(_ stream: Stream) throws(MediaError) -> AudioStream {
        let parameters = stream.pointee.codecpar.pointee
        let codec = try decoderName(parameters.codec_id)
        guard parameters.sample_rate > 0 else {
            throw MediaError(.decodeFailed, "the \(codec) stream has no readable sound")
        }
        return AudioStream(
            index: Int(stream.pointee.index),
            codec: codec,
            sampleRate: Int(parameters.sample_rate),
            channels: Int(parameters.ch_layout.nb_channels),
            language: Self.metadata("language", of: stream) ?? "und",
            title: Self.metadata("title", of: stream),
            role: SoundRole(disposition: stream.pointee.disposition)
        )
    }

    private static func metadata(_ key: String, of stream: Stream) -> String? {
        av_dict_get(stream.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
    }

    private func describeSubtitles(_ stream: Stream) -> SubtitleStream {
        let disposition = stream.pointee.disposition
        return SubtitleStream(
            index: Int(stream.pointee.index),
            codec: String(cString: avcodec_get_name(stream.pointee.codecpar.pointee.codec_id)),
            language: Self.metadata("language", of: stream) ?? "und",
            title: Self.metadata("title", of: stream),
            role: SubtitleRole(disposition: disposition),
            isDefault: disposition & AV_DISPOSITION_DEFAULT != 0
        )
    }

    private func isDecodable(_ id: AVCodecID) -> Bool {
        avcodec_find_decoder(id).map { AcceptedDecoders.all.contains(String(cString: $0.pointee.name)) } ?? false
    }

    private func decoderName(_ id: AVCodecID) throws(MediaError) -> String {
        let name = String(cString: avcodec_get_name(id))
        guard isDecodable(id) else {
            throw MediaError(.unsupported, "codec '\(name)' is not one that we decode")
        }
        return name
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

extension SoundRole {
    fileprivate init(disposition: Int32) {
        func has(_ flag: Int32) -> Bool { disposition & flag != 0 }
        self =
            if has(AV_DISPOSITION_VISUAL_IMPAIRED) || has(AV_DISPOSITION_DESCRIPTIONS) {
                .description
            } else if has(AV_DISPOSITION_HEARING_IMPAIRED) {
                .clearSpeech
            } else if has(AV_DISPOSITION_COMMENT) {
                .commentary
            } else if has(AV_DISPOSITION_DUB) {
                .dub
            } else {
                .main
            }
    }
}

extension SubtitleRole {
    fileprivate init(disposition: Int32) {
        func has(_ flag: Int32) -> Bool { disposition & flag != 0 }
        self =
            if has(AV_DISPOSITION_FORCED) {
                .forced
            } else if has(AV_DISPOSITION_HEARING_IMPAIRED) || has(AV_DISPOSITION_CAPTIONS) {
                .captions
            } else if has(AV_DISPOSITION_COMMENT) {
                .commentary
            } else {
                .subtitles
            }
    }
}
