package import ObjectStorage

/// Makes one media playable, from the opened file to the last playlist.
///
/// Nothing names an object before that object is stored: renditions first, then their playlists, then the master and the
/// manifest, then ``AssetDescription``. Blocks for as long as it takes: run it on a thread of its own.
package struct AssetBuilder {
    /// Hears how much of a stage is done, from one thread at a time.
    package typealias Report = @Sendable (JobProgress.Stage, Double) -> Void

    private let transcoder: any Transcoder
    private let store: any ArtifactStore
    private let mayPublish: () throws(MediaError) -> Void

    /// - Parameter mayPublish: Called before anything becomes visible, and again when that takes long; throws if somebody
    ///   else works on the media by now.
    package init(
        transcoder: any Transcoder,
        store: any ArtifactStore,
        mayPublish: @escaping () throws(MediaError) -> Void = {}
    ) {
        self.transcoder = transcoder
        self.store = store
        self.mayPublish = mayPublish
    }

    /// - Parameters:
    ///   - bytes: The opened file.
    ///   - parts: What earlier attempts at the same job have made, and how many are made at once.
    /// - Returns: `nil` if it stopped because it was to yield.
    package func build(
        _ job: MediaJob,
        from bytes: any ByteSource,
        parts: PartWork = PartWork(),
        events: BuildEvents
    ) throws(MediaError) -> AssetDescription? {
        events.progressed(.probing, 0)
        let opened = try transcoder.open(bytes)
        let source = opened.description
        events.probed(source)
        let complexity = job.settings.perTitle ? try opened.analyze() : nil
        let planner = LadderPlanner(settings: job.settings)
        let plan = try planner.plan(for: source, complexity: complexity)
            .copying(source, offered: planner.plan(for: source).rungs)
        let sink = VersionSink(prefix: job.prefix, sink: store, checksums: StoredChecksums())
        guard let result = try transcode(opened, plan, parts, job, sink, events) else { return nil }
        events.progressed(.packaging, 0)
        let presentation = try Presentation(plan: plan, result: result, prefix: job.prefix)
        try sink.remove(presentation.strays(among: sink.checksums.names, thumbnails: result.thumbnailCount))
        var asset = AssetDescription(job: job, source: source, result: result, presentation)
        asset.complexity = complexity
        try publish(presentation, &asset, sink, events.progressed)
        return asset
    }

    /// Builds an asset in one go.
    package func build(
        _ job: MediaJob,
        from bytes: any ByteSource,
        report: @escaping Report
    ) throws(MediaError) -> AssetDescription {
        var events = BuildEvents()
        events.progressed = report
        guard let asset = try build(job, from: bytes, events: events) else {
            throw MediaError(.encodeFailed, "the work stopped before its end")
        }
        return asset
    }

    private func transcode(
        _ source: any OpenedSource,
        _ plan: TranscodePlan,
        _ parts: PartWork,
        _ job: MediaJob,
        _ sink: VersionSink,
        _ events: BuildEvents
    ) throws(MediaError) -> TranscodeResult? {
        events.progressed(.transcoding, 0)
        let follower = TranscodeFollower(
            plan: plan,
            prefix: job.prefix,
            duration: source.description.duration ?? 0,
            store: store,
            // What is published already stays until the new is whole.
            publisher: job.isReplacement ? nil : EarlyPublisher(store: store, mayPublish: mayPublish),
            checksums: sink.checksums,
            events: events
        )
        let made: Result<TranscodeResult?, MediaError>
        do throws(MediaError) {
            made = .success(try source.transcode(by: plan, parts: parts, sink: sink, listener: follower))
        } catch {
            made = .failure(error)
        }
        // Nobody may write playlists behind the last ones.
        try follower.finish()
        let result = try made.get()
        try store.settle()
        return result
    }

    // MARK: Playlists

    private func publish(
        _ presentation: Presentation,
        _ asset: inout AssetDescription,
        _ sink: VersionSink,
        _ report: Report
    ) throws(MediaError) {
        // Where others watch already, the playlists of the renditions are visible, too.
        try mayPublish()
        try storePlaylists(of: presentation, sink)
        report(.publishing, 0)
        var checksums: [String: String] = [:]
        for (name, text) in [
            (OutputLayout.hlsMaster, HLSMasterPlaylist(presentation).text),
            (OutputLayout.dashManifest, DASHManifest(presentation).text),
            (presentation.prefix + OutputLayout.checksums, sink.checksums.text),
        ] {
            checksums[name] = try store(text, as: name)
        }
        asset.checksums = checksums
        try store.settle()
        report(.publishing, 0.5)
        guard let description = try? asset.encoded else {
            throw MediaError(.encodeFailed, "the description of the asset has no JSON")
        }
        try store.store(description, as: OutputLayout.assetDescription)
        try store.settle()
        report(.publishing, 1)
    }

    private func storePlaylists(of presentation: Presentation, _ sink: VersionSink) throws(MediaError) {
        let target = presentation.targetDuration
        for video in presentation.video {
            let playlist = HLSMediaPlaylist(track: video.track, targetDuration: target)
            let folder = OutputLayout.videoFolder(video.rung.name)
            try sink.store(playlist.text, as: "\(folder)/\(OutputLayout.mediaPlaylist)")
            guard !video.track.iframes.isEmpty else { continue }
            try sink.store(playlist.iframeText, as: "\(folder)/\(OutputLayout.iframePlaylist)")
        }
        for audio in presentation.audio {
            let playlist = HLSMediaPlaylist(track: audio.track, targetDuration: target)
            let folder = OutputLayout.audioFolder(audio.rendition.name)
            try sink.store(playlist.text, as: "\(folder)/\(OutputLayout.mediaPlaylist)")
        }
        for subtitles in presentation.subtitles {
            let playlist = HLSSubtitlePlaylist(track: subtitles.track, targetDuration: target)
            let folder = OutputLayout.subtitleFolder(subtitles.rendition.name)
            try sink.store(playlist.text, as: "\(folder)/\(OutputLayout.mediaPlaylist)")
        }
        if let plan = presentation.storyboard {
            let track = StoryboardTrack(
                plan: plan,
                tiles: presentation.storyboardTiles,
                duration: presentation.duration
            )
            try sink.store(track.text, as: OutputLayout.storyboardTrack)
        }
        try store.settle()
    }

    /// - Returns: The SHA-256 of it.
    private func store(_ text: String, as name: String) throws(MediaError) -> String {
        let bytes = Array(text.utf8)
        try store.store(bytes, as: name)
        return ContentDigest.sha256(bytes)
    }
}
