import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// What becomes of sound: which tracks, how loud, where.
@Suite(.timeLimit(.minutes(2))) struct SoundTests {
    /// Tones of these frequencies as tracks of one file, with the languages given.
    private static func tracks(
        _ workplace: Workplace,
        _ name: String,
        _ tones: [Int],
        seconds: Double = 5,
        _ options: [String],
        pictures: Bool = true
    ) throws -> String {
        let picture = pictures ? Clip.pictures("64x64", seconds: seconds) : []
        let inputs = tones.flatMap { ["-f", "lavfi", "-i", "sine=f=\($0):r=48000:d=\(seconds)"] }
        let count = tones.count + (pictures ? 1 : 0)
        let maps = (0..<count).flatMap { ["-map", "\($0)"] }
        return try workplace.make(
            name,
            picture + inputs + maps + (pictures ? Clip.h264 : []) + ["-c:a", "aac"] + options
        )
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e6, 1e20], [nil, -16] as [Double?])
    func `sound beyond all bounds is heard as far as it can be`(sample: Float, loudness: Double?) throws {
        let workplace = try Workplace()
        // A second of noise, each hundredth sample of which is none.
        var state: UInt32 = 1
        let samples = (0..<22_050).map { index -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            let noise = Float(state >> 8) / 16_777_216 - 0.5
            return sample == 1e6 ? noise * sample : index % 100 == 50 ? sample : noise
        }
        let bytes = samples.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
        let raw = try workplace.write(bytes, as: "samples.raw")
        let clip = try workplace.make(
            "loud.wav",
            ["-f", "f32le", "-ar", "22050", "-ac", "1", "-i", raw, "-c:a", "pcm_f32le"]
        )
        let made = try Transcode(clip, loudness: loudness)
        let heard = try Levels(made.write("audio/und", to: workplace))
        let bounds = loudness == nil ? 0.3...16 : 0.2...1
        #expect(heard.peaks.allSatisfy(bounds.contains), "\(heard.peaks)")
    }

    @Test func `every track is a rendition, the default one first, all cut alike`() throws {
        let workplace = try Workplace()
        let clip = try Self.tracks(
            workplace,
            "languages.mkv",
            [440, 880, 1320],
            [
                "-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=eng", "-metadata:s:a:2", "language=eng",
                "-metadata:s:a:2", "title=Director", "-disposition:a:0", "0", "-disposition:a:1", "default",
                "-disposition:a:2", "comment",
            ]
        )
        let made = try Transcode(clip, rungs: [.sized(64, 64)])
        #expect(made.source.audio.map(\.language) == ["eng", "ger", "eng"])
        #expect(made.source.audio.map(\.role) == [.main, .main, .commentary])
        #expect(made.source.audio.map(\.title) == [nil, nil, "Director"])
        let video = made.result.video[0]
        #expect(made.result.audio.count == 3 && video.segments.count == 3)
        for (folder, tone) in zip(["und", "1", "2"], [880, 440, 1320]) {
            let heard = try Levels(made.write("audio/\(folder)", to: workplace))
            #expect(heard.isTone(of: tone), "\(folder) should hold \(tone) Hz")
        }
        for track in made.result.audio {
            #expect(track.segments.map(\.start) == made.result.audio[0].segments.map(\.start))
            #expect(track.segments.count == video.segments.count && abs(track.end - video.end) < 0.001)
        }
    }

    @Test func `a track that begins late and one that ends early are as long as the pictures`() throws {
        let workplace = try Workplace()
        let clip = try Self.tracks(
            workplace,
            "uneven.mkv",
            [440, 880],
            ["-filter:a:0", "atrim=start=3", "-filter:a:1", "atrim=end=1"]
        )
        let made = try Transcode(clip, rungs: [.sized(64, 64)])
        for track in made.result.audio {
            #expect(track.segments.count == 3 && abs(track.end - made.result.video[0].end) < 0.001)
        }
        #expect(!made.result.incomplete)
    }

    @Test func `tracks without pictures have the same segments too`() throws {
        let workplace = try Workplace()
        let clip = try Self.tracks(workplace, "two.mka", [440, 880], ["-ar:a:1", "32000"], pictures: false)
        let made = try Transcode(clip)
        #expect(made.result.audio.count == 2 && made.result.audio[0].segments.count == 3)
        #expect(made.result.audio[0].segments.map(\.start) == made.result.audio[1].segments.map(\.start))
    }

    @Test func `a track that we do not decode is left out beside one that we do`() throws {
        let workplace = try Workplace()
        let clip = try Self.tracks(workplace, "sonic.mkv", [440, 880], ["-c:a:0", "sonicls", "-strict", "-2"])
        #expect(try Transcode.transcoder.open(clip).description.audio.map(\.codec) == ["aac"])
    }

    /// Each channel's level left and right when it alone sounds, in parts of full scale.
    @Test(
        arguments: [
            // All of one side at once must not exceed full scale: front 1, centre and surround 0.707 each, over their sum.
            ("5.1", 0, 0.414, 0), ("5.1", 1, 0, 0.414), ("5.1", 2, 0.293, 0.293), ("5.1", 3, 0, 0),
            ("5.1", 4, 0.293, 0),
            ("7.1", 7, 0, 0.226), ("7.1", 2, 0.226, 0.226), ("stereo", 1, 0, 1), ("quad", 2, 0.414, 0),
            ("3.0", 2, 0.414, 0.414),
        ] as [(String, Int, Double, Double)]
    )
    func `surround is mixed to stereo by the usual matrix`(
        layout: String,
        channel: Int,
        left: Double,
        right: Double
    ) throws {
        let workplace = try Workplace()
        let count = ["stereo": 2, "3.0": 3, "quad": 4, "5.1": 6, "7.1": 8][layout] ?? 0
        let signals = (0..<count).map { $0 == channel ? "0.9*sin(2*PI*1000*t)" : "0" }.joined(separator: "|")
        let source = ["-f", "lavfi", "-i", "aevalsrc=exprs=\(signals):c=\(layout):s=48000:d=1"]
        let clip = try workplace.make("one.wav", source + ["-c:a", "pcm_s16le"])
        let levels = try Levels(Transcode(clip).write("audio/und", to: workplace))
        #expect(
            abs(levels.peaks[0] - 0.9 * left) < 0.03 && abs(levels.peaks[1] - 0.9 * right) < 0.03,
            "\(levels.peaks)"
        )
    }

    @Test(arguments: [("5.1", 6), ("7.1", 8), ("quad", 4), ("3.0", 3)])
    func `all channels at full scale do not clip`(layout: String, count: Int) throws {
        let workplace = try Workplace()
        let signals = Array(repeating: "0.99*sin(2*PI*500*t)", count: count).joined(separator: "|")
        let source = ["-f", "lavfi", "-i", "aevalsrc=exprs=\(signals):c=\(layout):s=48000:d=1"]
        let clip = try workplace.make("all.wav", source + ["-c:a", "pcm_s16le"])
        let levels = try Levels(Transcode(clip).write("audio/und", to: workplace))
        // The encoder overshoots a little.
        #expect(levels.peaks.count == 2 && levels.peaks.allSatisfy { (0.85...1.02).contains($0) }, "\(levels.peaks)")
    }

    @Test(arguments: [8000, 11_025, 22_050, 44_100, 96_000, 192_000]) func `any sampling rate keeps pitch and length`(
        rate: Int
    ) throws {
        let workplace = try Workplace()
        let clip = try workplace.make("tone.wav", ["-f", "lavfi", "-i", "sine=f=1000:r=\(rate):d=3"])
        let made = try Transcode(clip)
        #expect(try abs(#require(made.result.audio.first).end - 3) < 0.001)
        #expect(try Levels(made.write("audio/und", to: workplace)).isTone(of: 1000))
    }

    @Test(arguments: [9, 12, 16]) func `channels without names are heard on both sides`(count: Int) throws {
        let workplace = try Workplace()
        let signals = (0..<count).map { "0.9*sin(2*PI*\($0.isMultiple(of: 2) ? 500 : 700)*t)" }.joined(separator: "|")
        let clip = try workplace.make(
            "desk.wav",
            ["-f", "lavfi", "-i", "aevalsrc=exprs=\(signals):s=48000:d=1", "-c:a", "pcm_s16le"]
        )
        let levels = try Levels(Transcode(clip).write("audio/und", to: workplace))
        #expect(levels.isTone(of: 500) && levels.peaks.allSatisfy { (0.6...1.1).contains($0) }, "\(levels.peaks)")
    }

    @Test func `mono stays mono and as loud`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("mono.wav", ["-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*1000*t):s=48000:d=1"])
        let source = try Transcode.transcoder.open(clip).description
        let audio = try LadderPlanner(settings: TranscodeSettings()).plan(for: source).audio
        #expect(audio.map(\.channels) == [1])
        let made = try Transcode(clip, audio: audio)
        let levels = try Levels(made.write("audio/und", to: workplace))
        #expect(levels.peaks.count == 1 && abs(levels.peaks[0] - 0.5) < 0.02)
    }
}

/// What a sound file holds once decoded, measured away from its ends.
private struct Levels {
    private let samples: [[Float]]
    let peaks: [Double]

    init(_ file: String) throws {
        let count = try #require(Probe(file).streams.first?.channels)
        let raw = ["-f", "f32le", "-ar", "48000", "-"]
        let bytes = [UInt8](try run("ffmpeg", ["-v", "error", "-nostdin", "-i", file] + raw))
        let all = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        samples = (0..<count).map { channel in stride(from: channel, to: all.count, by: count).map { all[$0] } }
        peaks = samples.map { samples in
            Double(samples.dropFirst(4800).dropLast(4800).map(abs).max() ?? 0)
        }
    }

    /// Whether the first channel is that tone, within half a percent of its crossings of 0 upwards.
    func isTone(of hertz: Int) -> Bool {
        let inner = Array(samples[0].dropFirst(4800).dropLast(4800))
        let crossings = zip(inner, inner.dropFirst()).count { $0 < 0 && $1 >= 0 }
        let expected = Double(inner.count) / 48_000 * Double(hertz)
        return abs(Double(crossings) - expected) < max(2, expected / 200)
    }
}
