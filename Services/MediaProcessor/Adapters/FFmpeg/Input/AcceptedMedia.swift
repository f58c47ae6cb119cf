import MediaDomain

/// What uploads may be: real containers, within bounds; see ``AcceptedDecoders`` for what they may hold.
///
/// No container that refers to other files or addresses (hls, dash, concat, sdp, image2, ...) is among them.
enum AcceptedMedia {
    /// libavformat's names.
    static let containers = [
        "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "flv", "avi", "ogg", "mp3", "wav",
        "aac", "flac",
    ]

    static let maximumStreams = MediaLimits.streams
    /// A picture's width times height.
    static let maximumPixels = MediaLimits.pixels
    /// Seconds.
    static let maximumDuration = MediaLimits.duration
    /// Bytes read to find out what a file is.
    static let probeSize = MediaLimits.probeBytes
}
