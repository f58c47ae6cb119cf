import MediaDomain

/// What uploads may be: real containers and codecs, within bounds.
///
/// No container that refers to other files or addresses (hls, dash, concat, sdp, image2, ...) is among them.
enum AcceptedMedia {
    /// libavformat's names.
    static let containers = [
        "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "mpegts", "flv", "avi", "ogg", "mp3", "wav",
        "aac",
        "flac",
    ]

    /// libavcodec's names of decoders.
    static let decoders: Set<String> = pictureDecoders.union(soundDecoders).union(subtitleDecoders)

    /// Of those, the ones that make text.
    static let subtitleDecoders: Set<String> = ["mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "text"]

    static let maximumStreams = MediaLimits.streams
    /// A picture's width times height.
    static let maximumPixels = MediaLimits.pixels
    /// Seconds.
    static let maximumDuration = MediaLimits.duration
    /// Bytes read to find out what a file is.
    static let probeSize = MediaLimits.probeBytes

    private static let pictureDecoders: Set<String> = [
        "h264", "hevc", "mpeg4", "mpeg2video", "mpeg1video", "vp8", "vp9", "libdav1d", "av1", "theora", "mjpeg",
        "prores",
        "dnxhd", "h263", "flv", "msmpeg4", "msmpeg4v2", "wmv1", "wmv2", "vc1", "dvvideo", "ffv1", "huffyuv", "ffvhuff",
        "utvideo", "rawvideo", "qtrle", "png",
    ]

    private static let soundDecoders: Set<String> = [
        "aac", "aac_latm", "mp3float", "mp3", "mp2float", "mp2", "ac3", "eac3", "dca", "truehd", "opus", "libopus",
        "vorbis",
        "flac", "alac", "wmav1", "wmav2", "amrnb", "amrwb", "gsm_ms", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt",
        "adpcm_swf", "nellymoser", "speex", "libspeex", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le",
        "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw",
    ]
}
