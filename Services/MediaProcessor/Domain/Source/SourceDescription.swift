/// What probing found in an uploaded file.
package struct SourceDescription: Sendable, Hashable, Codable {
    /// libavformat's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`.
    package var container: String
    /// Seconds, as far as the container tells; `nil` where it does not.
    package var duration: Double?
    /// Bytes.
    package var size: Int64
    /// The stream to show; cover art is none.
    package var video: VideoStream?
    package var cover: CoverArt?
    /// The streams to hear: the default one, then the others in the file's order.
    package var audio: [AudioStream]
    /// The streams to read, in the file's order.
    package var subtitles: [SubtitleStream]
    /// Streams that we cannot use.
    package var leftOut: [LeftOutStream]

    package init(
        container: String,
        duration: Double?,
        size: Int64,
        video: VideoStream?,
        cover: CoverArt? = nil,
        audio: [AudioStream],
        subtitles: [SubtitleStream] = [],
        leftOut: [LeftOutStream] = []
    ) {
        self.container = container
        self.duration = duration
        self.size = size
        self.video = video
        self.cover = cover
        self.audio = audio
        self.subtitles = subtitles
        self.leftOut = leftOut
    }

    /// Lists that are not there are empty.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        container = try values.decode(String.self, forKey: .container)
        duration = try values.decodeIfPresent(Double.self, forKey: .duration)
        size = try values.decode(Int64.self, forKey: .size)
        video = try values.decodeIfPresent(VideoStream.self, forKey: .video)
        cover = try values.decodeIfPresent(CoverArt.self, forKey: .cover)
        audio = try values.decodeIfPresent([AudioStream].self, forKey: .audio) ?? []
        subtitles = try values.decodeIfPresent([SubtitleStream].self, forKey: .subtitles) ?? []
        leftOut = try values.decodeIfPresent([LeftOutStream].self, forKey: .leftOut) ?? []
    }

    private enum CodingKeys: String, CodingKey {
        case container, duration, size, video, cover, audio, subtitles
        case leftOut = "left_out"
    }
}

/// A picture stream.
package struct VideoStream: Sendable, Hashable, Codable {
    /// The stream's index in its container.
    package var index: Int
    /// libavcodec's name: `h264`.
    package var codec: String
    /// Pixels as stored, before rotation.
    package var codedWidth: Int
    package var codedHeight: Int
    /// Pixels as meant to be seen: rotated upright, pixels made square.
    package var displayWidth: Int
    package var displayHeight: Int
    /// Degrees clockwise that bring the picture upright: 0, 90, 180 or 270.
    package var rotation: Int
    /// Frames per second on average; `nil` where unknown.
    package var frameRate: Double?
    /// libavutil's name: `yuv420p`.
    package var pixelFormat: String
    /// `nil` if the pictures have to be encoded anew.
    package var copyFacts: CopyFacts?

    package init(
        index: Int,
        codec: String,
        codedWidth: Int,
        codedHeight: Int,
        displayWidth: Int,
        displayHeight: Int,
        rotation: Int,
        frameRate: Double?,
        pixelFormat: String
    ) {
        self.index = index
        self.codec = codec
        self.codedWidth = codedWidth
        self.codedHeight = codedHeight
        self.displayWidth = displayWidth
        self.displayHeight = displayHeight
        self.rotation = rotation
        self.frameRate = frameRate
        self.pixelFormat = pixelFormat
    }

    package var displaySize: PictureSize { PictureSize(width: displayWidth, height: displayHeight) }

    private enum CodingKeys: String, CodingKey {
        case index, codec, rotation
        case codedWidth = "coded_width"
        case codedHeight = "coded_height"
        case displayWidth = "display_width"
        case displayHeight = "display_height"
        case frameRate = "frame_rate"
        case pixelFormat = "pixel_format"
        case copyFacts = "copy"
    }
}

/// A sound stream.
package struct AudioStream: Sendable, Hashable, Codable {
    package var index: Int
    /// libavcodec's name: `aac`.
    package var codec: String
    /// Hz.
    package var sampleRate: Int
    package var channels: Int
    /// ISO 639-2 as the container has it; `und` where unknown.
    package var language: String
    /// What the file calls it; `nil` if it does not.
    package var title: String?
    package var role: SoundRole

    package init(
        index: Int,
        codec: String,
        sampleRate: Int,
        channels: Int,
        language: String,
        title: String? = nil,
        role: SoundRole = .main
    ) {
        self.index = index
        self.codec = codec
        self.sampleRate = sampleRate
        self.channels = channels
        self.language = language
        self.title = title
        self.role = role
    }

    private enum CodingKeys: String, CodingKey {
        case index, codec, channels, language, title, role
        case sampleRate = "sample_rate"
    }
}
