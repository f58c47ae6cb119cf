/// libavcodec's names of the decoders of what is found in the containers that we take: what people record, edit, or have kept.
///
/// Left out is what games or single pictures are made of, what only other containers hold, and what is experimental.
enum AcceptedDecoders {
    static let all = pictures.union(sound).union(subtitles)
    /// The same as libav takes them.
    static let whitelist = all.sorted().joined(separator: ",")

    /// Those that make text.
    static let subtitles = words("mov_text subrip srt webvtt ass ssa text")

    private static let pictures = delivered.union(edited).union(captured).union(kept)
    private static let sound = compressedSound.union(speech).union(plainSound)

    // MARK: Pictures

    /// What cameras, phones and sites make.
    private static let delivered = words(
        """
        h264 hevc libdav1d av1 vp8 vp9 mpeg4 mpeg2video mpeg1video theora mjpeg h263 flv msmpeg4 msmpeg4v2 msmpeg4v1 wmv1 wmv2
        wmv3 vc1
        """
    )
    /// What is edited, rendered or archived.
    private static let edited = words(
        """
        prores dnxhd cfhd dvvideo aic pixlet mjpegb jpeg2000 hap dxv notchlc hqx hq_hqa cllc speedhq dirac rawvideo v210 v308
        v408 v410 r210 r10k ayuv yuv4 y41p ffv1 huffyuv ffvhuff hymt utvideo magicyuv lagarith sheervideo qtrle png
        """
    )
    /// What programs record of a screen.
    private static let captured = words(
        "zmbv camstudio camtasia tscc2 flashsv flashsv2 fraps vmnc msrle msvideo1 aasc zlib mszh"
    )
    /// What old files hold.
    private static let kept = words(
        """
        cinepak svq1 svq3 rpza smc 8bps indeo2 indeo3 indeo4 indeo5 vp3 vp5 vp6 vp6a vp6f vp7 rv10 rv20 rv30 rv40 h261 h263i
        h263p truemotion1 truemotion2 asv1 asv2 cljr vcr1
        """
    )

    // MARK: Sound

    private static let compressedSound = words(
        """
        aac aac_latm mp3float mp3 mp2float mp2 mp1float mp1 mp3on4float als ac3 eac3 dca truehd mlp opus libopus vorbis flac
        alac tta wavpack wmav1 wmav2 wmapro wmalossless cook ralf atrac3 atrac3plus qdm2 qdmc mace3 mace6 adpcm_ms
        adpcm_ima_wav adpcm_ima_qt adpcm_swf adpcm_yamaha adpcm_ct adpcm_ima_dk3 adpcm_ima_dk4
        """
    )
    private static let speech = words(
        """
        amrnb amrwb gsm gsm_ms nellymoser speex libspeex g722 g726 g726le g723_1 g729 ilbc evrc qcelp truespeech imc sipr
        real_144 real_288 wmavoice
        """
    )
    private static let plainSound = words(
        """
        pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_s64le pcm_s64be pcm_u8 pcm_u16le pcm_u16be
        pcm_u24le pcm_u24be pcm_u32le pcm_u32be pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_alaw pcm_mulaw pcm_bluray s302m dvaudio
        """
    )

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }
}
