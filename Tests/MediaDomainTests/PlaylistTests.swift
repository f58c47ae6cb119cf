import Foundation
import MediaDomain
import Testing

/// Ten seconds at 25 fps: segments of 4, 4 and 2 s, two rungs, stereo sound at 48 kHz.
private struct Sample {
    let plan: TranscodePlan
    let result: TranscodeResult

    init(pictures: Bool = true, sound: Bool = true, frameRate: Double = 25, languages: [String] = ["en"]) throws {
        let source = SourceDescription.fake(
            pictures ? PictureSize(width: 854, height: 480) : nil,
            duration: 10,
            audio: sound ? languages.map { .fake(language: $0) } : []
        )
        plan = try LadderPlanner(settings: TranscodeSettings()).plan(for: source)
        let sizes = [[400_000, 500_000, 200_000], [200_000, 250_000, 100_000]]
        result = TranscodeResult(
            video: pictures ? sizes.map { Self.video($0, frameRate) } : [],
            audio: sound ? languages.map { _ in Self.audio } : [],
            thumbnailCount: pictures ? 5 : 0,
            storyboardTiles: pictures ? 10 : 0,
            duration: 10,
            incomplete: false
        )
    }

    private static func video(_ sizes: [Int], _ frameRate: Double) -> TrackResult {
        let durations: [Int64] = [51_200, 51_200, 25_600]
        let segments = sizes.enumerated().map { index, size in
            let start = Int64(index) * 51_200
            let keyframes = stride(from: start, to: start + durations[index], by: 25_600).enumerated().map {
                KeyframeResult(start: $1, offset: 100 + $0 * 50_000, length: 40_000)
            }
            return SegmentResult(start: start, duration: durations[index], size: size, keyframes: keyframes)
        }
        return TrackResult(
            codecs: "avc1.4d401e",
            timescale: 12_800,
            frameRate: frameRate,
            initSize: 800,
            segments: segments
        )
    }

    private static let audio = TrackResult(
        codecs: "mp4a.40.2",
        timescale: 48_000,
        frameRate: nil,
        initSize: 700,
        segments: [
            SegmentResult(start: 0, duration: 192_512, size: 64_000),
            SegmentResult(start: 192_512, duration: 191_488, size: 64_000),
            SegmentResult(start: 384_000, duration: 96_000, size: 32_000),
        ]
    )

    func presentation(prefix: String = "") throws -> Presentation {
        try Presentation(plan: plan, result: result, prefix: prefix)
    }
}

struct PlaylistTests {
    @Test func `a media playlist lists every segment`() throws {
        let presentation = try Sample().presentation()
        #expect(
            HLSMediaPlaylist(track: presentation.video[0].track, targetDuration: 4).text == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-TARGETDURATION:4
                #EXT-X-MEDIA-SEQUENCE:1
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-MAP:URI="init.mp4"
                #EXTINF:4.000000,
                seg_00001.m4s
                #EXTINF:4.000000,
                seg_00002.m4s
                #EXTINF:2.000000,
                seg_00003.m4s
                #EXT-X-ENDLIST

                """
        )
    }

    @Test func `an I-frame playlist lists every IDR picture by its bytes`() throws {
        let presentation = try Sample().presentation()
        #expect(
            HLSMediaPlaylist(track: presentation.video[0].track, targetDuration: 4).iframeText == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-TARGETDURATION:4
                #EXT-X-MEDIA-SEQUENCE:1
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXT-X-I-FRAMES-ONLY
                #EXT-X-MAP:URI="init.mp4"
                #EXTINF:2.000000,
                #EXT-X-BYTERANGE:40000@100
                seg_00001.m4s
                #EXTINF:2.000000,
                #EXT-X-BYTERANGE:40000@50100
                seg_00001.m4s
                #EXTINF:2.000000,
                #EXT-X-BYTERANGE:40000@100
                seg_00002.m4s
                #EXTINF:2.000000,
                #EXT-X-BYTERANGE:40000@50100
                seg_00002.m4s
                #EXTINF:2.000000,
                #EXT-X-BYTERANGE:40000@100
                seg_00003.m4s
                #EXT-X-ENDLIST

                """
        )
    }

    @Test func `the master playlist declares what was measured`() throws {
        // Video peak: 700,000 bytes in 6 s (the last two), 1,000,000 bit/s in a segment of 4 s. Sound: 64,000 in 191,488.
        #expect(
            HLSMasterPlaylist(try Sample().presentation()).text == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,\
                CHANNELS="2",URI="audio/en/media.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=1128343,AVERAGE-BANDWIDTH=1008000,CODECS="avc1.4d401e,mp4a.40.2",\
                RESOLUTION=854x480,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS=NONE
                video/480p/media.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=628343,AVERAGE-BANDWIDTH=568000,CODECS="avc1.4d401e,mp4a.40.2",\
                RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO="audio",CLOSED-CAPTIONS=NONE
                video/360p/media.m3u8
                #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=160000,AVERAGE-BANDWIDTH=160000,CODECS="avc1.4d401e",\
                RESOLUTION=854x480,URI="video/480p/iframes.m3u8"
                #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=160000,AVERAGE-BANDWIDTH=160000,CODECS="avc1.4d401e",\
                RESOLUTION=640x360,URI="video/360p/iframes.m3u8"

                """
        )
    }

    @Test func `sound alone is a variant of its own`() throws {
        #expect(
            HLSMasterPlaylist(try Sample(pictures: false).presentation()).text == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-STREAM-INF:BANDWIDTH=128343,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2"
                audio/en/media.m3u8

                """
        )
    }

    @Test func `pictures alone name no sound`() throws {
        let text = HLSMasterPlaylist(try Sample(sound: false).presentation()).text
        #expect(!text.contains("AUDIO") && !text.contains("mp4a"))
        #expect(text.contains("BANDWIDTH=1000000,AVERAGE-BANDWIDTH=880000,CODECS=\"avc1.4d401e\""))
    }

    @Test func `the manifest describes the same segments`() throws {
        #expect(
            DASHManifest(try Sample().presentation(prefix: "r-1/")).text == """
                <?xml version="1.0" encoding="utf-8"?>
                <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" \
                profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="static" \
                mediaPresentationDuration="PT10.000000S" maxSegmentDuration="PT4.010667S" minBufferTime="PT4S">
                  <Period id="1" start="PT0S">
                    <AdaptationSet id="1" contentType="video" mimeType="video/mp4" segmentAlignment="true" \
                startWithSAP="1" maxWidth="854" maxHeight="480">
                      <SegmentTemplate timescale="12800" initialization="$RepresentationID$/init.mp4" \
                media="$RepresentationID$/seg_$Number%05d$.m4s" startNumber="1">
                        <SegmentTimeline>
                          <S t="0" d="51200" r="1"/>
                          <S d="25600"/>
                        </SegmentTimeline>
                      </SegmentTemplate>
                      <Representation id="r-1/video/480p" bandwidth="1000000" codecs="avc1.4d401e" width="854" height="480" \
                frameRate="25" sar="1:1"/>
                      <Representation id="r-1/video/360p" bandwidth="500000" codecs="avc1.4d401e" width="640" height="360" \
                frameRate="25" sar="1:1"/>
                    </AdaptationSet>
                    <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" lang="en" segmentAlignment="true" \
                startWithSAP="1">
                      <Label lang="en">English</Label>
                      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
                      <SegmentTemplate timescale="48000" initialization="$RepresentationID$/init.mp4" \
                media="$RepresentationID$/seg_$Number%05d$.m4s" startNumber="1">
                        <SegmentTimeline>
                          <S t="0" d="192512"/>
                          <S d="191488"/>
                          <S d="96000"/>
                        </SegmentTimeline>
                      </SegmentTemplate>
                      <Representation id="r-1/audio/en" bandwidth="128343" codecs="mp4a.40.2" audioSamplingRate="48000">
                        <AudioChannelConfiguration \
                schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
                      </Representation>
                    </AdaptationSet>
                  </Period>
                </MPD>

                """
        )
    }

    /// English, a commentary on it, German, a second English, and one for those who cannot see.
    private static func polyglot(pictures: Bool = true) throws -> Presentation {
        let sample = try Sample(pictures: pictures, languages: ["en", "en", "de", "en", "de"])
        var plan = sample.plan
        plan.audio[1].role = .commentary
        plan.audio[4].role = .description
        plan.audio[4].channels = 1
        var result = sample.result
        result.audio[2].segments[0].size = 100_000
        return try Presentation(plan: plan, result: result)
    }

    @Test func `each sound is a rendition of one group, and variants tell the rate of the largest`() throws {
        let text = HLSMasterPlaylist(try Self.polyglot()).text
        let media = text.split(separator: "\n").filter { $0.hasPrefix("#EXT-X-MEDIA:") }
        let head = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\","
        #expect(
            media.map { $0.dropFirst(head.count) } == [
                #"NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/en/media.m3u8""#,
                #"NAME="English 2",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,CHANNELS="2",URI="audio/en-2/media.m3u8""#,
                #"NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="audio/de/media.m3u8""#,
                #"NAME="English 3",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,CHANNELS="2",URI="audio/en-3/media.m3u8""#,
                #"NAME="Deutsch 2",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,"#
                    + #"CHARACTERISTICS="public.accessibility.describes-video",CHANNELS="1",URI="audio/de-2/media.m3u8""#,
            ]
        )
        // 100,000 bytes in 192,512 samples: 199,469 bit/s.
        #expect(text.contains("BANDWIDTH=1199469,AVERAGE-BANDWIDTH=1036800,CODECS=\"avc1.4d401e,mp4a.40.2\""))
    }

    @Test func `several sounds without pictures are one variant with a group`() throws {
        let text = HLSMasterPlaylist(try Self.polyglot(pictures: false)).text
        #expect(text.components(separatedBy: "#EXT-X-MEDIA:").count == 6)
        #expect(text.contains("CODECS=\"mp4a.40.2\",AUDIO=\"audio\"\naudio/en/media.m3u8\n"))
    }

    @Test func `the manifest has a set per sound that tells what it is for`() throws {
        let text = DASHManifest(try Self.polyglot()).text
        let roles = text.split(separator: "\n").filter { $0.contains("<Role") }.compactMap {
            $0.split(separator: "\"").dropFirst(3).first
        }
        #expect(roles == ["main", "commentary", "alternate", "alternate", "alternate"])
        #expect(text.components(separatedBy: "AudioPurposeCS:2007\" value=\"1\"").count == 2)
        let ids = (1...6).map { "<AdaptationSet id=\"\($0)\"" }
        #expect(ids.allSatisfy(text.contains))
        #expect(text.contains("<Representation id=\"audio/de-2\""))
    }

    @Test func `a sound that could not be decoded is left out`() throws {
        let sample = try Sample(languages: ["en", "de"])
        var result = sample.result
        result.audio[0].segments = []
        let presentation = try Presentation(plan: sample.plan, result: result)
        #expect(presentation.audio.map(\.rendition.name) == ["de"])
        #expect(HLSMasterPlaylist(presentation).text.contains("LANGUAGE=\"de\",DEFAULT=YES"))
    }

    @Test func `sound remains of a source whose pictures all failed`() throws {
        let sample = try Sample()
        var result = sample.result
        result.video = []
        #expect(
            HLSMasterPlaylist(try Presentation(plan: sample.plan, result: result)).text.contains("audio/en/media.m3u8")
        )
    }

    @Test(arguments: [
        (30.0, "30.000", "30"), (29.97002997, "29.970", "30000/1001"), (59.94005994, "59.940", "60000/1001"),
        (12.5, "12.500", "12500/1000"),
    ])
    func `frame rates are spelled as each format wants`(rate: Double, hls: String, dash: String) throws {
        let presentation = try Sample(frameRate: rate).presentation()
        #expect(HLSMasterPlaylist(presentation).text.contains("FRAME-RATE=\(hls),"))
        #expect(DASHManifest(presentation).text.contains("frameRate=\"\(dash)\""))
    }

    @Test func `texts from a source cannot break out of the manifest or the playlist`() throws {
        let sample = try Sample()
        var plan = sample.plan
        plan.audio[0].language = "a\"&<b\n"
        let presentation = try Presentation(plan: plan, result: sample.result)
        #expect(DASHManifest(presentation).text.contains("lang=\"a&quot;&amp;&lt;b&#10;\""))
        #expect(HLSMasterPlaylist(presentation).text.contains("LANGUAGE=\"a&<b\""))
    }

    @Test func `durations of segments add up over any run`() throws {
        // 30000/1001 fps in segments of 120 frames: 4.004 s, which no decimal fraction of ticks at 90 kHz spoils.
        let segments = (0..<2000).map { SegmentResult(start: $0 * 120_121, duration: 120_121, size: 1) }
        let track = TrackResult(
            codecs: "avc1",
            timescale: 30_011,
            frameRate: 29.97,
            initSize: 1,
            segments: segments
        )
        let durations = HLSMediaPlaylist(track: track, targetDuration: 4).text
            .split(separator: "\n").filter { $0.hasPrefix("#EXTINF:") }
            .compactMap { Double($0.dropFirst(8).dropLast()) }
        for (first, count) in [(0, 2000), (1, 1), (700, 900), (1999, 1)] {
            let sum = durations[first..<first + count].reduce(0, +)
            #expect(abs(sum - Double(count) * 120_121 / 30_011) < 0.000_01)
        }
    }

    @Test func `rungs with different segments get timelines of their own`() throws {
        let sample = try Sample()
        var result = sample.result
        result.video[1].segments.removeLast()
        let text = DASHManifest(try Presentation(plan: sample.plan, result: result)).text
        #expect(text.components(separatedBy: "<SegmentTimeline>").count == 4)
    }

    @Test func `nothing to play is an error`() throws {
        let sample = try Sample()
        var result = sample.result
        result.audio[0].segments = []
        for index in result.video.indices { result.video[index].segments = [] }
        #expect { try Presentation(plan: sample.plan, result: result) } throws: {
            ($0 as? MediaError)?.reason == .decodeFailed
        }
    }
}

struct BitrateMeasurementTests {
    @Test func `a short segment alone is no peak, with its neighbour it is`() {
        // 0.5 s with 100 kB would be 1.6 Mbit/s alone; half a target duration is 2 s.
        let rates = BitrateMeasurement([(4, 500_000), (4, 500_000), (0.5, 100_000)], targetDuration: 4)
        #expect(rates.peak == 1_066_667)
        #expect(rates.average == 1_035_295)
    }

    @Test func `a run longer than one and a half target durations is no peak`() {
        let rates = BitrateMeasurement([(7, 7_000_000), (4, 100_000), (3, 100_000)], targetDuration: 4)
        #expect(rates.peak == rates.average)
    }

    @Test func `what is shorter than any run counts as a whole`() {
        #expect(BitrateMeasurement([(0.04, 1000)], targetDuration: 1).peak == 200_000)
        #expect(BitrateMeasurement([], targetDuration: 1).peak == 0)
    }
}

struct StoryboardTrackTests {
    @Test func `each picture has its place on its sheet`() {
        let plan = StoryboardPlan(interval: 2.5, tileWidth: 160, tileHeight: 90, columns: 2, rows: 1)
        #expect(
            StoryboardTrack(plan: plan, tiles: 3, duration: 3606).text == """
                WEBVTT

                00:00:00.000 --> 00:00:02.500
                storyboard_1.jpg#xywh=0,0,160,90

                00:00:02.500 --> 00:00:05.000
                storyboard_1.jpg#xywh=160,0,160,90

                00:00:05.000 --> 01:00:06.000
                storyboard_2.jpg#xywh=0,0,160,90

                """
        )
    }
}
