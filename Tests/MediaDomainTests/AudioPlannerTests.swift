import MediaDomain
import Testing

struct AudioPlannerTests {
    private func renditions(_ streams: [AudioStream]) throws -> [AudioRendition] {
        try LadderPlanner(settings: TranscodeSettings()).plan(for: .fake(audio: streams)).audio
    }

    @Test func `every track becomes a rendition, in a folder and with a label of its own`() throws {
        let made = try renditions([
            .fake(2, language: "eng"), .fake(1, language: "ger"), .fake(3, language: "eng", role: .commentary),
            .fake(4, language: "eng"), .fake(5, language: "eng", role: .description), .fake(6),
        ])
        #expect(made.map(\.stream) == [2, 1, 3, 4, 5, 6])
        #expect(made.map(\.name) == ["en", "de", "en-2", "en-3", "en-4", "und"])
        #expect(made.map(\.language) == ["en", "de", "en", "en", "en", "und"])
        #expect(
            made.map(\.label) == [
                "English", "Deutsch", "English (commentary)", "English 2", "English (audio description)", "Audio",
            ]
        )
    }

    @Test(arguments: [
        ("eng", "Director's commentary", "English (Director's commentary)"), ("eng", "English 5.1", "English 5.1"),
        ("und", "Band\n\u{7}mix ", "Band mix"), ("eng", "  ", "English"),
        ("eng", String(repeating: "x", count: 500), "English (\(String(repeating: "x", count: 64)))"),
    ])
    func `a track's own title says more than its role`(language: String, title: String, label: String) throws {
        #expect(try renditions([.fake(language: language, title: title)]).map(\.label) == [label])
    }

    @Test func `no more than eight are made`() throws {
        let made = try renditions((1...40).map { .fake($0, language: "eng") })
        #expect(made.map(\.stream) == Array(1...8))
        #expect(Set(made.map(\.name)).count == 8 && Set(made.map(\.label)).count == 8)
    }

    @Test func `all have one sampling rate, so that their segments are alike`() throws {
        let mixed = try renditions([.fake(sampleRate: 44_100), .fake(2, sampleRate: 32_000, channels: 1)])
        #expect(mixed.map(\.sampleRate) == [48_000, 48_000] && mixed.map(\.channels) == [2, 1])
        #expect(
            try renditions([.fake(sampleRate: 44_100), .fake(2, sampleRate: 44_100)]).map(\.sampleRate).max() == 44_100
        )
    }
}
