import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// Sound that is brought to one loudness, as another meter hears it.
@Suite(.timeLimit(.minutes(2))) struct LoudnessTests {
    private static func noise(
        _ workplace: Workplace,
        _ level: Double,
        channels: Int = 2,
        seconds: Double
    ) throws -> String {
        // As speech does, it comes and goes.
        let source = "anoisesrc=c=pink:r=44100:a=\(level):d=\(seconds):seed=7,tremolo=f=0.5:d=0.5"
        return try workplace.make("noise.wav", ["-f", "lavfi", "-i", source, "-ac", "\(channels)"])
    }

    @Test(arguments: [(0.01, -16), (0.01, -23), (0.9, -16), (0.9, -23)] as [(Double, Double)])
    func `quiet and loud sound becomes as loud as was asked for`(level: Double, target: Double) throws {
        let workplace = try Workplace()
        let clip = try Self.noise(workplace, level, seconds: 15)
        let made = try Transcode(clip, loudness: target)
        let heard = try Meter(made.write("audio/und", to: workplace))
        #expect(abs(heard.loudness - target) <= 1, "\(heard)")
        #expect(heard.truePeak <= -1, "\(heard)")
        let untouched = try Transcode(clip)
        #expect(made.result.audio[0].segments.map(\.duration) == untouched.result.audio[0].segments.map(\.duration))
    }

    @Test func `sound without a loudness to reach stays as it is`() throws {
        let workplace = try Workplace()
        let clip = try Self.noise(workplace, 0.1, seconds: 5)
        let made = try Transcode(clip)
        let heard = try Meter(made.write("audio/und", to: workplace))
        let original = try Meter(clip)
        #expect(original.loudness < -30)
        #expect(abs(heard.loudness - original.loudness) < 0.5, "\(heard), \(original)")
    }

    @Test func `one channel is as loud as two once both loudspeakers play it`() throws {
        let workplace = try Workplace()
        let clip = try Self.noise(workplace, 0.05, channels: 1, seconds: 15)
        let source = try Transcode.transcoder.open(clip).description
        let plan = try LadderPlanner(settings: TranscodeSettings(loudness: -16)).plan(for: source)
        #expect(plan.audio.map(\.channels) == [1])
        let made = try Transcode(clip, plan: plan)
        let heard = try Meter(made.write("audio/und", to: workplace))
        // A single channel in a meter is one loudspeaker: half the power.
        #expect(abs(heard.loudness + 3.01 - -16) <= 1, "\(heard)")
    }

    @Test(arguments: [0.02, 0.5, 2.9, 3.1]) func `sound shorter than the look ahead keeps its length`(
        seconds: Double
    ) throws {
        let workplace = try Workplace()
        let made = try Transcode(Self.noise(workplace, 0.1, seconds: seconds), loudness: -16)
        #expect(abs(made.result.audio[0].end - seconds) < 0.03)
    }

    @Test(arguments: [0.3, 2]) func `short sound becomes loud too, however it peaks`(seconds: Double) throws {
        let workplace = try Workplace()
        let source = "aevalsrc='0.02*sin(2*PI*440*t)+0.3*between(t,0.1,0.102)':s=48000:d=\(seconds)"
        let clip = try workplace.make("click.wav", ["-f", "lavfi", "-i", source, "-ac", "2"])
        let heard = try Meter(Transcode(clip, loudness: -16).write("audio/und", to: workplace))
        let original = try Meter(clip)
        #expect(heard.truePeak <= -1 && heard.truePeak > -6, "\(heard), \(original)")
        if seconds > 0.4 { #expect(heard.loudness > original.loudness + 6, "\(heard), \(original)") }
    }

    @Test(arguments: [1, 5]) func `silence stays silent`(seconds: Double) throws {
        let workplace = try Workplace()
        let input = ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-t", "\(seconds)"]
        let clip = try workplace.make("silence.wav", input)
        let made = try Transcode(clip, loudness: -16)
        #expect(try Meter(made.write("audio/und", to: workplace)).truePeak < -80)
    }
}

/// What FFmpeg's own meter says of a file.
private struct Meter {
    /// LUFS.
    let loudness: Double
    /// dBTP.
    let truePeak: Double

    init(_ file: String) throws {
        let graph = "amovie=\(file),ebur128=metadata=1:peak=true"
        let entries = ["-show_entries", "frame_tags", "-of", "flat"]
        let printed = try run("ffprobe", ["-v", "error", "-f", "lavfi", "-i", graph] + entries)
        var loudness = -Double.infinity
        var peaks: [Double] = []
        for line in String(decoding: printed, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: "=")
            guard fields.count == 2, let value = Double(fields[1].filter { $0 != "\"" }) else { continue }
            if fields[0].hasSuffix("r128_I") { loudness = value }
            if fields[0].contains("true_peaks_ch") { peaks.append(value) }
        }
        self.loudness = loudness
        truePeak = 20 * log10(try #require(peaks.max()))
    }
}
