import Foundation
import MediaDomain
import Synchronization
import Testing

struct SubtitleTextTests {
    @Test(arguments: [
        (#"Hello, world"#, "Hello, world"), (#"One\NTwo\nThree"#, "One\nTwo\nThree"),
        (#"{\i1}slanted{\i0} and {\b1}{\u1}both{\r}."#, "<i>slanted</i> and <b><u>both</u></b>."),
        (#"{\b700}heavy{\b400} light"#, "<b>heavy</b> light"),
        (#"{\i1}over\Ntwo lines"#, "<i>over</i>\n<i>two lines</i>"),
        (#"{\an8\pos(10,20)\c&HFF00FF&\fs40}plain"#, "plain"), (#"a{note}b"#, "ab"), (#"\{kept\}"#, "{kept}"),
        (#"{\p1}m 0 0 l 10 10{\p0}drawn"#, "drawn"), (#"1 < 2 & 3 > 2"#, "1 &lt; 2 &amp; 3 &gt; 2"),
        (#"<script>x</script>"#, "&lt;script&gt;x&lt;/script&gt;"),
        ("00:00:01.000 --> 00:00:02.000", "00:00:01.000 --&gt; 00:00:02.000"),
        (#"\N\Nblank\N  \N\Nlines\N"#, "blank\nlines"), ("nul\u{0}bell\u{7}esc\u{1B}del\u{7F}", "nulbellescdel"),
        (#"  hard\hspace  "#, "hard space"), (#"{\i1"#, ""), (#"tail\"#, #"tail\"#), ("", ""), (#"{\i1}{\i0}"#, ""),
    ])
    func `a line becomes the text of a cue`(line: String, text: String) {
        #expect(SubtitleText.cueText(of: line, hidesBraces: true) == text)
    }

    @Test func `braces are seen where they mean nothing`() {
        #expect(SubtitleText.cueText(of: #"{sighs} {\i1}no{\i0}"#, hidesBraces: false) == "{sighs} <i>no</i>")
    }

    @Test func `a text is bounded`() {
        let long = SubtitleText.cueText(of: String(repeating: "<", count: 1_000_000), hidesBraces: true)
        #expect(long.count == 4000)
        let tall = SubtitleText.cueText(of: String(repeating: "x\\N", count: 1000), hidesBraces: true)
        #expect(tall.split(separator: "\n").count == 12)
    }

    @Test func `whatever comes in, no tag but ours and no blank line comes out`() {
        var random = SplitMix(state: 7)
        let pieces = [
            "<", ">", "&", "-->", "{", "}", "\\", "\\N", "\\b1", "\\i0", "{\\i1}", "{\\r}", "\n", " ", "x", "é",
            "\u{0}",
        ]
        for _ in 0..<2000 {
            let line = (0..<12).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            let text = SubtitleText.cueText(of: line, hidesBraces: random.next() % 2 == 0)
            var bare = text
            for tag in ["<b>", "</b>", "<i>", "</i>", "<u>", "</u>"] { bare = bare.replacing(tag, with: "") }
            #expect(!bare.contains("<") && !bare.contains(">"), "\(line)")
            #expect(!text.contains("\n\n") && text.components(of: "<i>") == text.components(of: "</i>"))
        }
    }
}

extension String {
    fileprivate func components(of piece: String) -> Int {
        split(separator: piece, omittingEmptySubsequences: false).count
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return value ^ (value >> 31)
    }
}

struct CueListTests {
    @Test func `cues without an end last until the next, or five seconds`() {
        var list = CueList()
        list.add("a", from: 1, to: nil)
        list.add("b", from: 2.5, to: nil)
        list.clear(at: 3)
        list.add("c", from: 20, to: nil)
        #expect(
            list.finished(at: 100) == [
                SubtitleCue(start: 1000, end: 2500, text: "a"), SubtitleCue(start: 2500, end: 3000, text: "b"),
                SubtitleCue(start: 20_000, end: 25_000, text: "c"),
            ]
        )
    }

    @Test func `cues are ordered, told once, and lie within the presentation`() {
        var list = CueList()
        list.add("late", from: 8, to: 12)
        list.add("early", from: -1, to: 2)
        for _ in 0..<3 { list.add("thrice", from: 3, to: 4) }
        list.add("before", from: -3, to: -1)
        list.add("after", from: 10, to: 11)
        list.add("backwards", from: 5, to: 4)
        list.add("never", from: .nan, to: 1)
        list.add("far", from: 1e300, to: nil)
        #expect(
            list.finished(at: 10) == [
                SubtitleCue(start: 0, end: 2000, text: "early"), SubtitleCue(start: 3000, end: 4000, text: "thrice"),
                SubtitleCue(start: 8000, end: 10_000, text: "late"),
            ]
        )
    }

    @Test func `there are no more than fit`() {
        var list = CueList()
        for number in 0..<60_000 { list.add("\(number)", from: Double(number), to: Double(number) + 1) }
        #expect(list.isFull && list.finished(at: 100_000).count == 50_000)
        var large = CueList()
        let text = String(repeating: "x", count: 4000)
        for number in 0..<3000 { large.add(text, from: Double(number), to: Double(number) + 1) }
        #expect(large.isFull && large.finished(at: 100_000).count == 2097)
    }
}

private final class CueSink: ArtifactSink {
    private let stored = Mutex<[String: String]>([:])

    var files: [String: String] { stored.withLock(\.self) }

    func store(_ bytes: [UInt8], as name: String) throws(MediaError) {
        stored.withLock { $0[name] = String(decoding: bytes, as: UTF8.self) }
    }
}

struct SubtitleWriterTests {
    private static let rendition = SubtitleRendition(stream: 3, name: "de-2", language: "de", label: "Deutsch")
    private static let track = TrackResult(
        codecs: "avc1",
        timescale: 30_000,
        frameRate: 30,
        initSize: 1,
        segments: [
            SegmentResult(start: 0, duration: 120_120, size: 1),
            SegmentResult(start: 120_120, duration: 120_120, size: 1),
            SegmentResult(start: 240_240, duration: 30_030, size: 1),
        ]
    )

    @Test func `a cue is in every segment in which it is seen`() throws {
        let sink = CueSink()
        let cues = [
            SubtitleCue(start: 0, end: 1000, text: "first"), SubtitleCue(start: 3500, end: 8500, text: "across"),
            SubtitleCue(start: 4004, end: 5000, text: "second"),
            SubtitleCue(start: 7000, end: 8008, text: "to the edge"),
        ]
        let result = try SubtitleWriter(Self.rendition, sink: sink).write(cues, along: Self.track)
        #expect(result.segments.map(\.start) == Self.track.segments.map(\.start) && result.cues == 4)
        let head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
        let across = "\n00:00:03.500 --> 00:00:08.500\nacross\n"
        #expect(
            sink.files["subtitles/de-2/seg_00001.vtt"] == head + "\n00:00:00.000 --> 00:00:01.000\nfirst\n" + across
        )
        #expect(
            sink.files["subtitles/de-2/seg_00002.vtt"] == head + across
                + "\n00:00:04.004 --> 00:00:05.000\nsecond\n\n00:00:07.000 --> 00:00:08.008\nto the edge\n"
        )
        #expect(sink.files["subtitles/de-2/seg_00003.vtt"] == head + across)
        let whole = try #require(sink.files["subtitles/de-2/subtitles.vtt"])
        #expect(whole.hasPrefix("WEBVTT\n\n00:00:00.000") && whole.components(separatedBy: "-->").count == 5)
        #expect(result.size == whole.utf8.count && result.segments[2].size == (head + across).utf8.count)
    }

    @Test func `subtitles without text are none`() throws {
        let sink = CueSink()
        let result = try SubtitleWriter(Self.rendition, sink: sink).write([], along: Self.track)
        #expect(result.segments.isEmpty && sink.files.isEmpty)
    }

    @Test func `the playlist is as long as the pictures'`() {
        let result = SubtitleResult(timescale: 30_000, segments: Self.track.segments, cues: 1, size: 9)
        let text = HLSSubtitlePlaylist(track: result, targetDuration: 4).text
        #expect(
            text == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-TARGETDURATION:4
                #EXT-X-MEDIA-SEQUENCE:1
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXTINF:4.004000,
                seg_00001.vtt
                #EXTINF:4.004000,
                seg_00002.vtt
                #EXTINF:1.001000,
                seg_00003.vtt
                #EXT-X-ENDLIST

                """
        )
    }

    @Test func `playlists and manifest name every track with its purpose`() throws {
        var source = SourceDescription.fake(PictureSize(width: 640, height: 352), duration: 9)
        source.subtitles = [
            SubtitleStream(index: 2, codec: "subrip", language: "eng", isDefault: true),
            SubtitleStream(index: 3, codec: "ass", language: "eng", role: .forced, isDefault: true),
            SubtitleStream(index: 4, codec: "ass", language: "eng", role: .captions),
            SubtitleStream(index: 5, codec: "mov_text", language: "ger", title: "Kommentar", role: .commentary),
            SubtitleStream(index: 6, codec: "mov_text", language: "fre"),
        ]
        let plan = try LadderPlanner(settings: TranscodeSettings()).plan(for: source)
        var tracks = plan.subtitles.map { _ in
            SubtitleResult(timescale: 30_000, segments: Self.track.segments, cues: 1, size: 900)
        }
        tracks[4].segments = []
        let result = TranscodeResult(
            video: [Self.track],
            audio: [Self.track],
            subtitles: tracks,
            thumbnailCount: 0,
            storyboardTiles: 0,
            duration: 9,
            incomplete: false
        )
        let presentation = try Presentation(plan: plan, result: result, prefix: "r/")
        let master = HLSMasterPlaylist(presentation).text
        let head = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\","
        let lines = master.split(separator: "\n").filter { $0.hasPrefix(head) }.map { String($0.dropFirst(head.count)) }
        let expected: [String] = [
            #"NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="r/subtitles/en/media.m3u8""#,
            #"NAME="English (forced)",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,"#
                + #"URI="r/subtitles/en-2/media.m3u8""#,
            #"NAME="English (captions)",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="#
                + #""public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound","#
                + #"URI="r/subtitles/en-3/media.m3u8""#,
            #"NAME="Deutsch (Kommentar)",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=NO,FORCED=NO,URI="r/subtitles/de/media.m3u8""#,
        ]
        #expect(lines == expected)
        #expect(master.contains(",SUBTITLES=\"subtitles\",CLOSED-CAPTIONS=NONE\nr/video/352p"))
        let manifest = DASHManifest(presentation).text
        #expect(
            manifest.contains(
                """
                    <AdaptationSet id="4" contentType="text" mimeType="text/vtt" lang="en">
                      <Label lang="en">English (forced)</Label>
                      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>
                      <Representation id="r/subtitles/en-2" bandwidth="800">
                        <BaseURL>r/subtitles/en-2/subtitles.vtt</BaseURL>
                      </Representation>
                    </AdaptationSet>
                """
            )
        )
        #expect(!manifest.contains("subtitles/fr") && !master.contains("subtitles/fr"))
    }
}
