/// Everything that decides what comes out; with the same source, the same plan makes the same bytes.
package struct TranscodePlan: Sendable, Hashable, Codable {
    /// The picture renditions, best first; empty for a source without pictures.
    package var rungs: [Rung]
    /// The sound renditions, the default one first; empty for a source without sound.
    package var audio: [AudioRendition]
    package var subtitles: [SubtitleRendition]
    /// Seconds from one segment's start to the next; a whole number of groups of pictures.
    package var segmentDuration: Double
    /// Seconds that the first segment lasts, for which viewers wait; a whole number of groups of pictures, too.
    package var openingDuration: Double
    /// Seconds from one IDR picture to the next.
    package var keyframeInterval: Double
    /// Seconds into the picture at which the poster and the thumbnails are taken, in order; the first is the poster's.
    package var thumbnailTimes: [Double]
    /// Pixels of the poster and thumbnails.
    package var thumbnailWidth: Int
    package var thumbnailHeight: Int
    /// `nil` for a source without pictures.
    package var storyboard: StoryboardPlan?

    /// - Parameter openingDuration: As all segments if not given.
    package init(
        rungs: [Rung],
        audio: [AudioRendition],
        subtitles: [SubtitleRendition] = [],
        segmentDuration: Double,
        openingDuration: Double? = nil,
        keyframeInterval: Double,
        thumbnailTimes: [Double],
        thumbnailWidth: Int,
        thumbnailHeight: Int,
        storyboard: StoryboardPlan?
    ) {
        self.rungs = rungs
        self.audio = audio
        self.subtitles = subtitles
        self.segmentDuration = segmentDuration
        self.openingDuration = openingDuration ?? segmentDuration
        self.keyframeInterval = keyframeInterval
        self.thumbnailTimes = thumbnailTimes
        self.thumbnailWidth = thumbnailWidth
        self.thumbnailHeight = thumbnailHeight
        self.storyboard = storyboard
    }
}

/// One picture rendition of the ladder, at a capped constant rate factor.
package struct Rung: Sendable, Hashable, Codable {
    /// By the short side: `720p`.
    ///
    /// Names the folder and the entry in `media.ready`.
    package var name: String
    /// Even, in square pixels.
    package var width: Int
    package var height: Int
    package var codec: VideoCodec
    /// On the scale of x264's constant rate factor.
    package var crf: Double
    /// Bits per second over `bufferSize`.
    package var maxBitrate: Int
    /// Bits.
    package var bufferSize: Int
    /// By the name that x264's preset has: `veryfast`.
    package var preset: String
    /// Whether the source's pictures are packaged as they are: they fit.
    package var copies = false

    package init(
        name: String,
        width: Int,
        height: Int,
        codec: VideoCodec = .h264,
        crf: Double,
        maxBitrate: Int,
        bufferSize: Int,
        preset: String
    ) {
        self.name = name
        self.width = width
        self.height = height
        self.codec = codec
        self.crf = crf
        self.maxBitrate = maxBitrate
        self.bufferSize = bufferSize
        self.preset = preset
    }

    private enum CodingKeys: String, CodingKey {
        case name, width, height, codec, crf, preset, copies
        case maxBitrate = "max_bitrate"
        case bufferSize = "buffer_size"
    }
}

/// A sound rendition: AAC-LC.
package struct AudioRendition: Sendable, Hashable, Codable {
    /// The index of the source's stream.
    package var stream: Int
    /// The folder's name, as no other sound rendition's: the language, with a number where there are several.
    package var name: String
    /// The playlists' LANGUAGE.
    package var language: String
    /// What a player's menu shows, as for no other sound rendition.
    package var label: String
    package var role: SoundRole
    /// Bits per second.
    package var bitrate: Int
    /// Hz.
    package var sampleRate: Int
    /// 1 or 2.
    package var channels: Int
    /// LUFS that it is brought to; `nil` where it stays as loud as it is.
    package var loudness: Double?

    package init(
        stream: Int,
        name: String,
        language: String,
        label: String,
        role: SoundRole = .main,
        bitrate: Int,
        sampleRate: Int,
        channels: Int,
        loudness: Double? = nil
    ) {
        self.stream = stream
        self.name = name
        self.language = language
        self.label = label
        self.role = role
        self.bitrate = bitrate
        self.sampleRate = sampleRate
        self.channels = channels
        self.loudness = loudness
    }
}

/// Sheets of small pictures for a player's seek bar.
package struct StoryboardPlan: Sendable, Hashable, Codable {
    /// Seconds between pictures.
    package var interval: Double
    /// Pixels of one picture.
    package var tileWidth: Int
    package var tileHeight: Int
    /// Pictures on one sheet.
    package var columns: Int
    package var rows: Int

    package init(interval: Double, tileWidth: Int, tileHeight: Int, columns: Int, rows: Int) {
        self.interval = interval
        self.tileWidth = tileWidth
        self.tileHeight = tileHeight
        self.columns = columns
        self.rows = rows
    }
}
