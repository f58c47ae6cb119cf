import MediaDomain
import Testing

struct LadderFileTests {
    private func parse(_ text: String) throws(LadderFileError) -> Ladder {
        try LadderFile.parse(Array(text.utf8))
    }

    @Test func `a file says what rungs there are, in any order`() throws {
        let ladder = try parse(
            """
            {"rungs": [
              {"short_side": 480, "max_bitrate": 900000, "crf": 26.5, "preset": "fast", "name": "small"},
              {"short_side": 1080, "max_bitrate": 5e6, "codec": "h264"}
            ]}
            """
        )
        #expect(
            ladder.steps == [
                LadderStep(shortSide: 1080, maxBitrate: 5_000_000, codec: .h264),
                LadderStep(shortSide: 480, maxBitrate: 900_000, crf: 26.5, preset: "fast", name: "small"),
            ]
        )
        #expect(ladder.steps.map(\.folderName) == ["1080p", "small"])
    }

    @Test(arguments: [
        ("", "line 1: expected a value"),
        ("[]", "line 1: expected an object with 'rungs'"),
        ("{\n\"rung\": []}", "line 2: 'rung': unknown field (expected 'rungs')"),
        ("{}", "line 1: expected one field 'rungs' with a list"),
        ("{\"rungs\": []}", "line 1: rungs: expected 1 to 24 rungs"),
        ("{\"rungs\": [\n7]}", "line 2: rungs[0]: expected an object"),
        ("{\"rungs\": [\n{}\n]}", "line 2: rungs[0].short_side is missing: expected an integer from 16 to 4320"),
        (
            "{\"rungs\": [\n{\"short_side\": 480}\n]}",
            "line 2: rungs[0].max_bitrate is missing: expected an integer from 10000 to 200000000"
        ),
        ("{\"rungs\": [{\"short_side\": 480.5}]}", "line 1: rungs[0].short_side: expected an integer from 16 to 4320"),
        (
            "{\"rungs\": [{\n\n\"height\": 480}]}",
            "line 3: rungs[0].height: unknown field (expected short_side, max_bitrate, crf, preset, codec, name)"
        ),
        ("{\"rungs\": [{\"crf\": 1,\n\"crf\": 2}]}", "line 2: rungs[0].crf: given twice"),
        (
            "{\"rungs\": [{\"short_side\": 480, \"max_bitrate\": 900000,\n \"crf\": \"a\"}]}",
            "line 2: rungs[0].crf: expected a number from 0 to 51"
        ),
        (
            "{\"rungs\": [{\"short_side\": 480, \"max_bitrate\": 900000, \"preset\": \"slowest\"}]}",
            "line 1: rungs[0].preset: expected one of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow"
        ),
        (
            "{\"rungs\": [{\"short_side\": 480, \"max_bitrate\": 900000, \"name\": \"../x\"}]}",
            "line 1: rungs[0].name: expected 1 to 32 of a-z, 0-9, '-' and '_'"
        ),
        (
            "{\"rungs\": [{\"short_side\": 480, \"max_bitrate\": 900000, \"name\": \"720p\"}]}",
            "line 1: rungs[0].name: '720p' says another size than short_side"
        ),
        (
            "{\"rungs\": [\n{\"short_side\": 480, \"max_bitrate\": 900000},\n{\"short_side\": 480, \"max_bitrate\": 500000}]}",
            "line 3: rungs[1]: another rung is called '480p' too; give one of them a 'name'"
        ),
        ("{\"rungs\": [\n}", "line 2: expected a value"),
        ("{\"rungs\": [1]\n} x", "line 2: expected the end of the file"),
        ("{\"rungs\": [1 2]}", "line 1: expected ',' or ']'"),
        ("{\"rungs\" 1}", "line 1: expected ':'"),
        ("{rungs: 1}", "line 1: expected a name in quotes"),
        ("{\"rungs\": nan}", "line 1: 'nan' is no value"),
        ("\"a\nb\"", "line 1: expected a text that ends on its line"),
        ("\"\\q\"", "line 1: a text is not valid"),
        (String(repeating: "[", count: 100_000), "the file is larger than 64 KiB"),
        (String(repeating: "[", count: 1000), "line 1: too many brackets within one another"),
    ])
    func `a mistake is told with its line and field`(text: String, message: String) {
        #expect { try parse(text) } throws: { String(describing: $0) == message }
    }

    @Test func `a ladder of one's own decides the rungs, and the settings what it leaves open`() throws {
        let ladder = try parse(
            """
            {"rungs": [{"short_side": 1440, "max_bitrate": 9000000}, {"short_side": 600, "max_bitrate": 2000000},
            {"short_side": 540, "max_bitrate": 1000000, "crf": 30, "preset": "slow", "name": "low"}]}
            """
        )
        let settings = TranscodeSettings(preset: "fast", crf: 20, ladder: ladder)
        let rungs = try LadderPlanner(settings: settings).plan(for: .fake()).rungs
        #expect(rungs.map { "\($0.name) \($0.width)x\($0.height)" } == ["600p 1066x600", "low 960x540"])
        #expect(rungs.map(\.crf) == [20, 30] && rungs.map(\.preset) == ["fast", "slow"])
        #expect(
            rungs.map(\.maxBitrate) == [2_000_000, 1_000_000] && rungs.map(\.bufferSize) == [4_000_000, 2_000_000]
        )
    }

    @Test func `a source below the ladder gets its lowest rung in its own size`() throws {
        let ladder = try parse("{\"rungs\": [{\"short_side\": 720, \"max_bitrate\": 3000000}]}")
        let source = SourceDescription.fake(PictureSize(width: 640, height: 360))
        let rungs = try LadderPlanner(settings: TranscodeSettings(ladder: ladder)).plan(for: source).rungs
        #expect(rungs.map { "\($0.name) \($0.width)x\($0.height) \($0.maxBitrate)" } == ["360p 640x360 750000"])
    }
}
