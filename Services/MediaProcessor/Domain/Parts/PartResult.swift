/// What was made of one part, measured; parts are joined from these alone.
package struct PartResult: Sendable, Hashable, Codable {
    package var plan: PartPlan
    /// Of everything else that the bytes depend on; see ``PartFingerprint``.
    package var fingerprint: String
    /// In the order of the plan's rungs.
    package var video: [PartTrack]
    /// Ticks per second of the times below and of the tracks'.
    package var timescale: Int
    /// Ticks: when its first picture is shown, and until when its last is.
    package var start: Int64
    package var end: Int64
    package var pictures: PictureCount
    /// What the pictures' values mean, as the first part found it.
    package var colors: PictureColors
    /// How many thumbnails lie in it.
    package var thumbnailCount: Int
    package var tiles: PartTiles
    /// Whether something was missing or refused.
    package var isDamaged: Bool
    /// Seconds: where the whole presentation ends; only in the part with which the source's pictures ended.
    package var presentationEnd: Double?
    /// The SHA-256 of what was stored of it and with it, by name; noted by whoever stores it.
    package var checksums: [String: String] = [:]

    package init(
        plan: PartPlan,
        fingerprint: String,
        video: [PartTrack],
        timescale: Int,
        start: Int64,
        end: Int64,
        pictures: PictureCount,
        colors: PictureColors,
        thumbnailCount: Int,
        tiles: PartTiles,
        isDamaged: Bool,
        presentationEnd: Double?
    ) {
        self.plan = plan
        self.fingerprint = fingerprint
        self.video = video
        self.timescale = timescale
        self.start = start
        self.end = end
        self.pictures = pictures
        self.colors = colors
        self.thumbnailCount = thumbnailCount
        self.tiles = tiles
        self.isDamaged = isDamaged
        self.presentationEnd = presentationEnd
    }
}

/// One rung's segments of a part.
package struct PartTrack: Sendable, Hashable, Codable {
    package var head: TrackHead
    package var segments: [SegmentResult]

    package init(head: TrackHead, segments: [SegmentResult]) {
        self.head = head
        self.segments = segments
    }
}

/// What holds for a whole track: every part has to make the same.
package struct TrackHead: Sendable, Hashable, Codable {
    /// RFC 6381.
    package var codecs: String
    /// Ticks per second.
    package var timescale: Int
    /// Frames per second, nominally; `nil` for sound.
    package var frameRate: Double?
    /// Bytes of `init.mp4`, and a checksum of them.
    package var initSize: Int
    package var initChecksum: String

    package init(codecs: String, timescale: Int, frameRate: Double?, initSize: Int, initChecksum: String) {
        self.codecs = codecs
        self.timescale = timescale
        self.frameRate = frameRate
        self.initSize = initSize
        self.initChecksum = initChecksum
    }
}

/// How many pictures a part has, and when: the frame rate follows from it.
package struct PictureCount: Sendable, Hashable, Codable {
    package var count: Int
    /// Ticks: the second picture's time, if there is one, and the last one's.
    package var second: Int64?
    package var last: Int64

    package init(count: Int = 0, second: Int64? = nil, last: Int64 = 0) {
        self.count = count
        self.second = second
        self.last = last
    }
}

/// ISO/IEC 23091-2's numbers for what a picture's values mean, and where its chroma lies.
package struct PictureColors: Sendable, Hashable, Codable {
    package var primaries: Int
    package var transfer: Int
    package var matrix: Int
    package var chroma: Int

    package init(primaries: Int, transfer: Int, matrix: Int, chroma: Int) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.chroma = chroma
    }
}
