extension AudioRendition {
    /// AAC-LC at 128 kbit/s: mono stays mono, everything else becomes stereo; 44.1 kHz is kept, everything else becomes
    /// 48 kHz.
    init(for stream: AudioStream) {
        self.init(
            language: LanguageTag(container: stream.language).tag,
            bitrate: 128_000,
            sampleRate: stream.sampleRate == 44_100 ? 44_100 : 48_000,
            channels: stream.channels == 1 ? 1 : 2
        )
    }
}
