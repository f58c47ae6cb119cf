import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

/// A flash and a beep at the same time, found again in what comes out.
@Suite(.timeLimit(.minutes(2))) struct SyncTests {
    /// White and loud in the first 100 ms of each second after the first one.
    private static let flash = [
        "-f", "lavfi", "-i",
        "color=black:s=64x64:r=30:d=4.2,drawbox=c=white:t=fill:enable='gte(t,0.99)*lt(mod(t+0.001,1),0.1)'",
    ]
    private static let beep = [
        "-f", "lavfi", "-i", "aevalsrc='if(gte(t,1)*lt(mod(t,1),0.1),0.8*sin(2*PI*1000*t),0)':s=48000:d=4.2",
    ]

    @Test(arguments: ["mp4", "mkv", "ts"]) func `flash and beep stay together`(container: String) throws {
        let workplace = try Workplace()
        let clip = try workplace.make("flash.\(container)", Self.flash + Self.beep + Clip.h264 + ["-c:a", "aac"])
        try Self.check(clip, workplace, beeps: [1, 2, 3, 4])
    }

    @Test func `sound that starts late stays in its place`() throws {
        let workplace = try Workplace()
        let late = ["-af", "atrim=start=1.5"]
        let clip = try workplace.make("late.mkv", Self.flash + Self.beep + late + Clip.h264 + ["-c:a", "aac"])
        try Self.check(clip, workplace, beeps: [2, 3, 4])
    }

    @Test func `a gap in the sound is filled`() throws {
        let workplace = try Workplace()
        let gap = ["-af", "aselect='not(between(t,1.3,2.7))'"]
        let clip = try workplace.make("gap.mkv", Self.flash + Self.beep + gap + Clip.h264 + ["-c:a", "aac"])
        try Self.check(clip, workplace, beeps: [1, 3, 4])
    }

    @Test func `sound of another loudness stays in its place`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("flash.mp4", Self.flash + Self.beep + Clip.h264 + ["-c:a", "aac"])
        try Self.check(clip, workplace, beeps: [1, 2, 3, 4], loudness: -18)
    }

    private static func check(
        _ clip: String,
        _ workplace: Workplace,
        beeps: [Double],
        loudness: Double? = nil
    ) throws {
        let made = try Transcode(clip, rungs: [.sized(64, 64)], loudness: loudness)
        let flashes = try flashTimes(made.write("video/64p", to: workplace))
        let sounds = try beepTimes(made.write("audio/und", to: workplace))
        #expect(flashes.count == 4)
        #expect(sounds.count == beeps.count)
        for (sound, second) in zip(sounds, beeps) {
            let flash = try #require(flashes.dropFirst(Int(second) - 1).first)
            // One AAC frame.
            #expect(abs(sound - flash) <= 1024.0 / 48_000, "flash at \(flash) s, beep at \(sound) s")
        }
    }

    /// When the picture turns white.
    private static func flashTimes(_ file: String) throws -> [Double] {
        let entries = ["-show_entries", "frame=pts_time:frame_tags=lavfi.signalstats.YAVG", "-of", "csv=p=0"]
        let graph = "movie=\(file),signalstats"
        let printed = try run("ffprobe", ["-v", "error", "-f", "lavfi", "-i", graph] + entries)
        var times: [Double] = []
        var wasWhite = false
        for line in String(decoding: printed, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ",").compactMap { Double($0) }
            guard fields.count >= 2 else { continue }
            if fields[1] > 128, !wasWhite { times.append(fields[0]) }
            wasWhite = fields[1] > 128
        }
        return times
    }

    /// When it becomes loud, with the edit list's priming taken away as a player does.
    private static func beepTimes(_ file: String) throws -> [Double] {
        let raw = ["-af", "aresample=48000:async=1:first_pts=0", "-f", "f32le", "-ac", "1", "-"]
        let bytes = [UInt8](try run("ffmpeg", ["-v", "error", "-nostdin", "-copyts", "-i", file] + raw))
        let samples = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        var times: [Double] = []
        var lastLoud = -48_000
        for (index, sample) in samples.enumerated() where abs(sample) > 0.2 {
            if index - lastLoud > 12_000 { times.append(Double(index) / 48_000) }
            lastLoud = index
        }
        return times
    }
}
