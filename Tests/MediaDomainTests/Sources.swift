import MediaDomain

extension SourceDescription {
    /// A source with what a test cares about, and the usual rest.
    static func fake(
        _ size: PictureSize? = PictureSize(width: 1920, height: 1080),
        duration: Double? = 20,
        audio: [AudioStream] = [.fake()]
    ) -> SourceDescription {
        SourceDescription(
            container: "mov,mp4,m4a,3gp,3g2,mj2",
            duration: duration,
            size: 1_000_000,
            video: size.map { VideoStream.fake($0) },
            audio: audio
        )
    }
}

extension VideoStream {
    static func fake(_ size: PictureSize) -> VideoStream {
        VideoStream(
            index: 0,
            codec: "h264",
            codedWidth: size.width,
            codedHeight: size.height,
            displayWidth: size.width,
            displayHeight: size.height,
            rotation: 0,
            frameRate: 30,
            pixelFormat: "yuv420p"
        )
    }
}

extension AudioStream {
    static func fake(
        _ index: Int = 1,
        sampleRate: Int = 48_000,
        channels: Int = 2,
        language: String = "und",
        title: String? = nil,
        role: SoundRole = .main
    ) -> AudioStream {
        AudioStream(
            index: index,
            codec: "aac",
            sampleRate: sampleRate,
            channels: channels,
            language: language,
            title: title,
            role: role
        )
    }
}
