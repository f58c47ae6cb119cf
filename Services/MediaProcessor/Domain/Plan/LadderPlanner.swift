/// Decides what is made of a source: which renditions, cut where, with which pictures beside them.
///
/// Pure: the same source and settings give the same plan.
package struct LadderPlanner: Sendable {
    package let settings: TranscodeSettings

    package init(settings: TranscodeSettings) {
        self.settings = settings
    }

    /// - Parameter complexity: What a look at the content found, for a ladder of its own.
    /// - Throws: ``MediaError`` `no_streams` where there is nothing to show or hear, `unsupported` where the settings
    ///   leave no rung.
    package func plan(
        for source: SourceDescription,
        complexity: ContentComplexity? = nil
    ) throws(MediaError) -> TranscodePlan {
        guard source.video != nil || !source.audio.isEmpty else {
            throw MediaError(.noStreams, "the file holds neither pictures nor sound")
        }
        let size = source.video.map(\.displaySize)
        let thumbnail = (size ?? Self.posterSize(for: source)).fitted(into: PictureSize(width: 1280, height: 1280))
        return TranscodePlan(
            rungs: try size.map { size throws(MediaError) in
                let rungs = try rungs(for: size)
                guard let complexity else { return rungs }
                return ContentLadder(complexity, keyframeInterval: settings.keyframeInterval).fitted(rungs)
            } ?? [],
            audio: AudioPlanner(loudness: settings.loudness).renditions(for: source.audio),
            subtitles: SubtitlePlanner().renditions(for: source.subtitles),
            segmentDuration: settings.segmentDuration,
            // Without pictures all is there at once.
            openingDuration: source.video == nil ? nil : settings.keyframeInterval,
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

    private func rungs(for size: PictureSize) throws(MediaError) -> [Rung] {
        guard size.width > 0, size.height > 0 else {
            throw MediaError(.unsupported, "pictures of \(size.width)x\(size.height) pixels cannot be made playable")
        }
        let ladder = settings.ladder ?? .standard(settings.codec)
        let fitting = ladder.steps.filter { size.reaches($0.shortSide) }
        guard !fitting.isEmpty else { return ladder.lowest.map { ownRung(of: size, $0) } }
        let chosen = fitting.filter { settings.shortSides?.contains($0.shortSide) ?? true }
        guard !chosen.isEmpty else {
            let offered = fitting.map(\.folderName).joined(separator: ", ")
            throw MediaError(.unsupported, "none of the wanted rungs fits the source, which has \(offered)")
        }
        return chosen.map { rung($0, size.scaled(toShortSide: $0.shortSide)) }
    }

    /// A rung of a source that is smaller than the whole ladder: its own size, and of the lowest step's bit rate as much
    /// as its pixels need.
    private func ownRung(of size: PictureSize, _ lowest: LadderStep) -> Rung {
        let own = size.scaled(toShortSide: size.shortSide)
        var step = lowest
        let full = Double(lowest.shortSide * lowest.shortSide) * 16 / 9
        let share = Double(own.width * own.height) / full
        step.maxBitrate = Int((Double(lowest.maxBitrate) * min(1, max(0.125, share)) / 1000).rounded()) * 1000
        step.shortSide = own.shortSide
        return rung(step, own)
    }

    private func rung(_ step: LadderStep, _ size: PictureSize) -> Rung {
        Rung(
            name: step.folderName,
            width: size.width,
            height: size.height,
            codec: codec(step, size),
            crf: step.crf ?? settings.crf,
            maxBitrate: step.maxBitrate,
            bufferSize: Int(Double(step.maxBitrate) * bufferSeconds),
            preset: step.preset ?? settings.preset
        )
    }

    /// Two, but no more than the first segment lasts: so none has more than twice the bits that the cap gives it.
    private var bufferSeconds: Double { min(2, settings.keyframeInterval) }

    /// What is too small for its encoder is H.264.
    private func codec(_ step: LadderStep, _ size: PictureSize) -> VideoCodec {
        let wanted = step.codec ?? settings.codec
        return size.shortSide >= wanted.shortestSide ? wanted : .h264
    }

    // MARK: Pictures

    /// Five pictures spread over the duration, the poster's 10 % in; one at the start where the duration is unknown.
    private static func thumbnailTimes(over duration: Double?) -> [Double] {
        guard let duration, duration.isFinite, duration > 0 else { return [0] }
        return [0.1, 0.3, 0.5, 0.7, 0.9].map { duration * $0 }
    }
}

extension Ladder {
    /// The steps of the shortest side: several where they differ in codec or rate.
    fileprivate var lowest: [LadderStep] {
        steps.filter { $0.shortSide == steps.last?.shortSide }
    }
}

extension PictureSize {
    /// Whether the source has a rung: its short side is that long, or misses it by no more than 2 %, as 1080 lines
    /// cropped to 1072 do; the rung is then as large as the source.
    fileprivate func reaches(_ rung: Int) -> Bool { shortSide * 100 >= rung * 98 }
}
