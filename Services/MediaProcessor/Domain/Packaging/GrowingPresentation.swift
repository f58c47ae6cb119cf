/// What of a transcode under way can be watched: grows segment by segment, and never names more than it was told.
///
/// Pure: says which playlists belong to what was made so far.
package struct GrowingPresentation: Sendable {
    private struct Track {
        var head: TrackHead
        var segments: [SegmentResult] = []
    }

    private let plan: TranscodePlan
    private let prefix: String
    private var tracks: [TrackID: Track] = [:]
    /// The rungs that the master playlist names: one that was named stays.
    private var named: Set<Int> = []
    /// Segments that must be there before anything is said; `nil` as long as that is unknown.
    private var least: Int?
    private let shown: Int

    /// - Parameters:
    ///   - done: Parts that an earlier attempt has made. What it has published beyond them is not known, so that nothing
    ///     is before the next part is made, too: a playlist that has grown never shrinks.
    ///   - shown: Segments that this attempt has published when it began anew.
    package init(plan: TranscodePlan, prefix: String, done: [PartResult] = [], shown: Int = 0) {
        self.shown = shown
        self.plan = plan
        self.prefix = prefix
        least = done.isEmpty ? shown : nil
        for part in done {
            for (rung, track) in part.video.enumerated() {
                tracks[.video(rung), default: Track(head: track.head)].segments += track.segments
            }
        }
        nameRungs()
    }

    package mutating func append(_ segment: SegmentResult, to track: TrackID, _ head: TrackHead) {
        tracks[track, default: Track(head: head)].segments.append(segment)
        nameRungs()
    }

    /// A part of this attempt is whole.
    package mutating func endPart() {
        least = least ?? max(shown, plan.rungs.indices.map(count).max() ?? 0)
    }

    /// The playlists that may be published once everything so far is stored; `nil` if there is nothing to watch.
    package var edition: PlaylistEdition? {
        let visible = self.visible
        guard let least, visible > 0, visible >= least else { return nil }
        let presentation = Presentation(
            growing: named.sorted().map { video($0, visible) },
            audio: plan.audio.enumerated().map { audio($0, $1, visible) }.filter { !$0.track.segments.isEmpty },
            plan: plan,
            prefix: prefix
        )
        return PlaylistEdition(presentation)
    }

    // MARK: - Counting

    /// Segments of which there is all that a player needs.
    var visible: Int {
        let sound = plan.audio.indices.map { count(.audio($0)) }
        let pictures = plan.rungs.indices.map(count).max()
        return (sound + [pictures].compactMap(\.self)).min() ?? 0
    }

    /// A rung is named once it has as many segments as those that are.
    private mutating func nameRungs() {
        // The first one of all is the one that has come farthest.
        let most = plan.rungs.indices.map(count).max() ?? 0
        let needed = named.map(count).min() ?? most
        for rung in plan.rungs.indices where count(rung) > 0 && count(rung) >= needed { named.insert(rung) }
    }

    private func count(_ rung: Int) -> Int { count(.video(rung)) }
    private func count(_ track: TrackID) -> Int { tracks[track]?.segments.count ?? 0 }

    // MARK: - Describing

    private func video(_ rung: Int, _ visible: Int) -> Presentation.Video {
        let planned = plan.rungs[rung]
        // What the encoder's buffer may let through in one segment besides the steady rate, and a little for the packaging.
        let burst = Double(planned.bufferSize) / plan.segmentDuration
        let peak = Int((Double(planned.maxBitrate) + burst) * 1.03)
        let expected = BitrateMeasurement(peak: peak, average: planned.maxBitrate)
        let track = result(.video(rung), visible)
        // The first segment may be shorter, and is known.
        let measured = track.bitrates(targetDuration: Int(plan.segmentDuration.rounded()))
        return Presentation.Video(rung: planned, track: track, estimate: expected.larger(measured))
    }

    private func audio(_ index: Int, _ planned: AudioRendition, _ visible: Int) -> Presentation.Audio {
        Presentation.Audio(
            rendition: planned,
            track: result(.audio(index), visible),
            estimate: BitrateMeasurement(peak: planned.bitrate * 5 / 4, average: planned.bitrate * 21 / 20)
        )
    }

    private func result(_ id: TrackID, _ visible: Int) -> TrackResult {
        guard let track = tracks[id] else {
            return TrackResult(codecs: "", timescale: 1, frameRate: nil, initSize: 0, segments: [])
        }
        return TrackResult(
            codecs: track.head.codecs,
            timescale: track.head.timescale,
            frameRate: track.head.frameRate,
            initSize: track.head.initSize,
            segments: Array(track.segments.prefix(visible))
        )
    }
}
