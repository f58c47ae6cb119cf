/// Decides what is made of a source: which renditions, cut where, with which pictures beside them.
///
/// Pure: the same source and settings give the same plan.
package struct LadderPlanner: Sendable {
    package let settings: TranscodeSettings

    package init(settings: TranscodeSettings) {
        self.settings = settings
    }

    /// - Throws: ``MediaError`` `no_streams` where there is nothing to show or hear, `unsupported` where the settings
    ///   leave no rung.
    package func plan(for source: SourceDescription) throws(MediaError) -> TranscodePlan {
        guard source.video != nil || !source.audio.isEmpty else {
            throw MediaError(.noStreams, "the file holds neither pictures nor sound")
        }
        let size = source.video.map { PictureSize(width: $0.displayWidth, height: $0.displayHeight) }
        let thumbnail = (size ?? Self.posterSize(for: source)).fitted(into: PictureSize(width: 1280, height: 1280))
        return TranscodePlan(
            rungs: try size.map { size throws(MediaError) in try rungs(for: size) } ?? [],
            audio: AudioPlanner().renditions(for: source.audio),
            subtitles: SubtitlePlanner().renditions(for: source.subtitles),
            segmentDuration: settings.segmentDuration,
            keyframeInterval: settings.keyframeInterval,
            thumbnailTimes: source.video == nil ? [] : Self.thumbnailTimes(over: source.duration),
            thumbnailWidth: thumbnail.width,
            thumbnailHeight: thumbnail.height,
            storyboard: size.map { StoryboardPlan(for: $0, duration: source.duration) }
        )
    }

    /// Of sound alone: its cover's, or that of a picture of its waveform.
    private static func posterSize(for source: SourceDescription) -> PictureSize {
        source.cover.map { PictureSize(width: $0.width, height: $0.height) } ?? PictureSize(width: 1280, height: 720)
    }

    // MARK: The ladder

    /// One step of the ladder, before it meets a source.
    private struct Step {
        var shortSide: Int
        var maxBitrate: Int
    }

    private static let ladder = [
        Step(shortSide: 2160, maxBitrate: 18_000_000),
        Step(shortSide: 1440, maxBitrate: 10_000_000),
        Step(shortSide: 1080, maxBitrate: 6_000_000),
        Step(shortSide: 720, maxBitrate: 3_000_000),
        Step(shortSide: 480, maxBitrate: 1_500_000),
        Step(shortSide: 360, maxBitrate: 800_000),
    ]

    private func rungs(for size: PictureSize) throws(MediaError) -> [Rung] {
        guard size.width > 0, size.height > 0 else {
            throw MediaError(.unsupported, "pictures of \(size.width)x\(size.height) pixels cannot be made playable")
        }
        let fitting = Self.ladder.filter { size.reaches($0.shortSide) }
        guard !fitting.isEmpty else { return [ownRung(of: size)] }
        let chosen = fitting.filter { settings.shortSides?.contains($0.shortSide) ?? true }
        guard !chosen.isEmpty else {
            let offered = fitting.map { "\($0.shortSide)p" }.joined(separator: ", ")
            throw MediaError(.unsupported, "none of the wanted rungs fits the source, which has \(offered)")
        }
        return chosen.map { rung($0.shortSide, size.scaled(toShortSide: $0.shortSide), $0.maxBitrate) }
    }

    /// The one rung of a source that is smaller than the whole ladder: its own size, and of the lowest step's bit rate as
    /// much as its pixels need.
    private func ownRung(of size: PictureSize) -> Rung {
        let own = size.scaled(toShortSide: size.shortSide)
        let share = Double(own.width * own.height) / Double(640 * 360)
        let bitrate = Int((800_000 * min(1, max(0.125, share)) / 1000).rounded()) * 1000
        return rung(own.shortSide, own, bitrate)
    }

    private func rung(_ shortSide: Int, _ size: PictureSize, _ maxBitrate: Int) -> Rung {
        Rung(
            name: "\(shortSide)p",
            width: size.width,
            height: size.height,
            crf: settings.crf,
            maxBitrate: maxBitrate,
            bufferSize: maxBitrate * 2,
            preset: settings.preset
        )
    }

    // MARK: Pictures

    /// Five pictures spread over the duration, the poster's 10 % in; one at the start where the duration is unknown.
    private static func thumbnailTimes(over duration: Double?) -> [Double] {
        guard let duration, duration.isFinite, duration > 0 else { return [0] }
        return [0.1, 0.3, 0.5, 0.7, 0.9].map { duration * $0 }
    }
}

extension PictureSize {
    /// Whether the source has a rung: its short side is that long, or misses it by no more than 2 %, as 1080 lines
    /// cropped to 1072 do; the rung is then as large as the source.
    fileprivate func reaches(_ rung: Int) -> Bool { shortSide * 100 >= rung * 98 }
}
