/// Writes `manifest.mpd`, a static DASH manifest (ISO/IEC 23009-1) over the segments that HLS plays.
package struct DASHManifest: Sendable {
    package let presentation: Presentation

    package init(_ presentation: Presentation) {
        self.presentation = presentation
    }

    package var text: String {
        let sounds = presentation.audio.enumerated().map { audioSet($1, id: $0 + 2, isDefault: $0 == 0) }
        let subtitles = presentation.subtitles.enumerated().map { index, subtitles in
            let id = index + 2 + sounds.count
            return subtitles.dashSet(id: id, prefix: presentation.prefix, duration: presentation.duration)
        }
        let sets = videoSets + sounds + subtitles
        let root = XMLElement(
            "MPD",
            [
                ("xmlns", "urn:mpeg:dash:schema:mpd:2011"),
                ("profiles", "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"),
                ("type", "static"),
                ("mediaPresentationDuration", "PT\(seconds(presentation.duration))S"),
                ("maxSegmentDuration", "PT\(seconds(longestSegment))S"),
                ("minBufferTime", "PT\(presentation.targetDuration)S"),
            ],
            [XMLElement("Period", [("id", "1"), ("start", "PT0S")], sets)]
        )
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + root.text()
    }

    // MARK: Adaptation sets

    /// One for each codec: players switch within a set alone, and between codecs they cannot.
    ///
    /// The first has id 1, others have ids beyond those of sound.
    private var videoSets: [XMLElement] {
        var groups: [(codec: Substring, video: [Presentation.Video])] = []
        for video in presentation.video {
            let codec = video.track.codecs.prefix { $0 != "." }
            if let index = groups.firstIndex(where: { $0.codec == codec }) {
                groups[index].video.append(video)
            } else {
                groups.append((codec, [video]))
            }
        }
        return groups.enumerated().map { videoSet($1.video, id: $0 == 0 ? 1 : 100 + $0) }
    }

    private func videoSet(_ renditions: [Presentation.Video], id: Int) -> XMLElement {
        let tracks = renditions.map(\.track)
        let template = DASHSegmentTemplate()
        // One timeline for all says that switching is possible anywhere.
        let shared = template.shared(by: tracks)
        let representations = renditions.map { video in
            XMLElement(
                "Representation",
                [
                    ("id", presentation.prefix + OutputLayout.videoFolder(video.rung.name)),
                    ("bandwidth", bandwidth(of: video.track)),
                    ("codecs", video.track.codecs),
                    ("width", String(video.rung.width)),
                    ("height", String(video.rung.height)),
                    ("frameRate", video.track.frameRate.flatMap(Self.fraction)),
                    ("sar", "1:1"),
                ],
                shared == nil ? [template.element(for: video.track)] : []
            )
        }
        return XMLElement(
            "AdaptationSet",
            [
                ("id", String(id)), ("contentType", "video"), ("mimeType", "video/mp4"),
                ("segmentAlignment", "true"), ("startWithSAP", "1"),
                ("maxWidth", renditions.map(\.rung.width).max().map(String.init)),
                ("maxHeight", renditions.map(\.rung.height).max().map(String.init)),
            ],
            (shared.map { [$0] } ?? []) + representations
        )
    }

    private func audioSet(_ audio: Presentation.Audio, id: Int, isDefault: Bool) -> XMLElement {
        let template = DASHSegmentTemplate()
        let channels = XMLElement(
            "AudioChannelConfiguration",
            [
                ("schemeIdUri", "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"),
                ("value", String(audio.rendition.channels)),
            ]
        )
        let representation = XMLElement(
            "Representation",
            [
                ("id", presentation.prefix + OutputLayout.audioFolder(audio.rendition.name)),
                ("bandwidth", bandwidth(of: audio.track)),
                ("codecs", audio.track.codecs),
                ("audioSamplingRate", String(audio.rendition.sampleRate)),
            ],
            [channels]
        )
        return XMLElement(
            "AdaptationSet",
            [
                ("id", String(id)), ("contentType", "audio"), ("mimeType", "audio/mp4"),
                ("lang", audio.rendition.language), ("segmentAlignment", "true"), ("startWithSAP", "1"),
            ],
            audio.rendition.dashDescriptors(isDefault: isDefault) + [
                template.element(for: audio.track), representation,
            ]
        )
    }

    // MARK: Values

    private func bandwidth(of track: TrackResult) -> String {
        String(track.bitrates(targetDuration: presentation.targetDuration).peak)
    }

    private var longestSegment: Double {
        let tracks = presentation.video.map(\.track) + presentation.audio.map(\.track)
        return tracks.flatMap { track in track.segments.map { Double($0.duration) / Double(track.timescale) } }.max()
            ?? 0
    }

    private func seconds(_ value: Double) -> String {
        TickClock(timescale: 1_000_000).seconds(from: 0, to: Int64((value * 1_000_000).rounded()))
    }

    /// A frame rate as the manifest spells it: `30`, or `30000/1001` for the rates of NTSC.
    static func fraction(_ rate: Double) -> String? {
        guard rate > 0, rate.isFinite else { return nil }
        for divisor in [1, 1001] {
            let base = divisor == 1 ? rate : rate * 1.001
            if abs(base - base.rounded()) < 0.0005 {
                return divisor == 1 ? "\(Int(base.rounded()))" : "\(Int(base.rounded()) * 1000)/1001"
            }
        }
        return "\(Int((rate * 1000).rounded()))/1000"
    }
}
