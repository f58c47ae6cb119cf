import Foundation
import MediaDomain
import Synchronization
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(3))) struct PartTests {
    /// Long enough for three parts; B-frames and open groups of pictures that do not lie on the grid.
    private static func clip(_ workplace: Workplace, _ name: String, rate: String = "30000/1001") throws -> String {
        let input = Clip.pictures("64x64", rate: rate, seconds: 75) + Clip.sound(seconds: 75)
        let codec = ["-c:v", "libx264", "-preset", "veryfast", "-g", "47", "-x264-params", "open-gop=1", "-c:a", "aac"]
        return try workplace.make(name, input + codec)
    }

    @Test(arguments: ["long.mp4", "long.mkv"])
    func `parts join into tracks without a seam`(name: String) throws {
        let workplace = try Workplace()
        let made = try PartedRun(Self.clip(workplace, name), rungs: [.sized(64, 64), .tiny])
        #expect(made.parts.count == 4)
        #expect(made.parts.map(\.plan.firstSegment) == made.parts.map { Int($0.plan.start / 2) + 1 })
        let result = try #require(made.result)
        #expect(!result.incomplete)
        for (folder, track) in zip(["video/64p", "video/32p"], result.video) {
            let file = try workplace.write(made.sink.track(folder), as: "track.mp4")
            try Probe.decode(file)
            let probe = try Probe(file)
            // Every picture of the source, once.
            #expect(probe.streams[0].nbReadFrames == "2248")
            let times = probe.packets.map(\.time).sorted()
            #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 1001 / 30_000) < 0.0011 })
            #expect(track.segments.count == 38)
            #expect(zip(track.segments, track.segments.dropFirst()).allSatisfy { $0.start + $0.duration == $1.start })
        }
        let sound = try #require(result.audio.first)
        #expect(sound.segments.count == 38 && abs(sound.end - result.video[0].end) < 0.001)
        #expect(try abs(#require(result.video[0].frameRate) - 30_000 / 1001) < 1e-9)
        #expect(result.storyboardTiles == 151)
    }

    @Test(arguments: [1, 3, 4])
    func `a transcode taken up behind any part makes the same bytes`(count: Int) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "long.mp4", rate: "25")
        let rungs = [Rung.sized(64, 64), .tiny]
        let whole = try PartedRun(clip, rungs: rungs)
        let begun = try PartedRun(clip, rungs: rungs, parts: count)
        #expect(begun.parts.count == count)
        // What a finished part says travels as JSON.
        let told = try JSONDecoder().decode([PartResult].self, from: JSONEncoder().encode(begun.parts))
        let ended = try PartedRun(clip, rungs: rungs, finished: told)
        #expect(ended.parts.count == whole.parts.count - count)
        #expect((ended.result == whole.result) == true)
        let together = begun.sink.objects.merging(ended.sink.objects) { $1 }
        #expect(together.keys.sorted() == whole.sink.objects.keys.sorted())
        // By name: bytes are nothing to look at.
        for run in [begun, ended] {
            let others = run.sink.objects.filter { whole.sink.objects[$0.key] != $0.value }
            #expect(others.keys.sorted() == [])
        }
    }

    @Test(arguments: ["long.mp4", "long.mkv"])
    func `several parts at once make the same bytes, and are told in order`(name: String) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, name, rate: "25")
        let rungs = [Rung.sized(64, 64), .tiny]
        let one = try PartedRun(clip, rungs: rungs)
        let several = try PartedRun(clip, rungs: rungs, slots: 3)
        #expect((several.result == one.result) == true)
        #expect(one.differences(from: several) == [])
        #expect(several.parts.sorted { $0.plan.index < $1.plan.index } == one.parts)
        for track in [TrackID.video(0), .video(1), .audio(0)] { #expect(several.numbers(of: track) == Array(1...38)) }
        #expect(several.joined == one.joined && one.joined.count > 2)
    }

    @Test func `parts that were made ahead are taken up again`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "long.mp4", rate: "25")
        let whole = try PartedRun(clip, rungs: [.tiny])
        var found = whole.parts.filter { $0.plan.index != 1 }
        let ended = try PartedRun(clip, rungs: [.tiny], finished: found, slots: 2)
        #expect(ended.parts.map(\.plan.index) == [1])
        #expect((ended.result == whole.result) == true)
        #expect(ended.joined == [1, 2, 3])
        // One that starts elsewhere is none of ours.
        found[1].start += 40
        let mended = try PartedRun(clip, rungs: [.tiny], finished: found, slots: 2)
        #expect(mended.parts.map(\.plan.index) == [1, 2])
        #expect((mended.result == whole.result) == true)
    }

    @Test func `slots that become free while parts are made are used`() throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "long.mp4", rate: "25")
        let slots = PartSlots()
        let made = try PartedRun(clip, rungs: [.tiny], slots: slots) { part in
            if part.plan.index == 0 { slots.change(to: 8) }
        }
        // Nobody can tell which of them ends first.
        #expect(made.parts.map(\.plan.index).sorted() == [0, 1, 2, 3])
        #expect(made.joined == [0, 1, 2, 3])
    }

    @Test(arguments: [0.35, 0.8]) func `a source that breaks off is as long in several slots`(share: Double) throws {
        let workplace = try Workplace()
        let clip = try Self.clip(workplace, "long.mp4", rate: "25")
        let ahead = try workplace.make("ahead.mp4", ["-i", clip, "-c", "copy", "-movflags", "+faststart"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: ahead))
        let broken = try workplace.write([UInt8](bytes.prefix(Int(Double(bytes.count) * share))), as: "broken.mp4")
        let one = try PartedRun(broken, rungs: [.tiny])
        let several = try PartedRun(broken, rungs: [.tiny], slots: 4)
        let result = try #require(several.result)
        #expect(result.incomplete)
        #expect((result == one.result) == true)
        // What ran ahead of the end may have left something.
        #expect(one.differences(from: several) == [])
    }

    @Test func `results of another plan are not taken`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("short.mp4", Clip.pictures("64x64", seconds: 5) + Clip.h264)
        let begun = try PartedRun(clip, rungs: [.tiny], parts: 1)
        let other = try PartedRun(clip, rungs: [.sized(64, 64)], finished: begun.parts)
        #expect(other.parts.map(\.plan.index) == [0, 1])
    }

    @Test(arguments: [("mpegts", "long.ts"), ("flv", "long.flv")])
    func `a source that cannot be read from the middle is one part behind the opening`(_: String, name: String) throws {
        let workplace = try Workplace()
        let made = try PartedRun(Self.clip(workplace, name, rate: "25"), rungs: [.tiny])
        #expect(made.parts.count == 2)
        let file = try workplace.write(made.sink.track("video/32p"), as: "track.mp4")
        try Probe.decode(file)
        #expect(try Probe(file).streams[0].nbReadFrames == "1875")
    }

    @Test func `a picture that stands across a boundary is on show on both sides`() throws {
        let workplace = try Workplace()
        // Nothing moves from 25 to 35 s.
        let select = ["-vf", "select='not(between(t,25,35))'", "-fps_mode", "vfr", "-g", "40"]
        let clip = try workplace.make(
            "still.mkv",
            Clip.pictures("64x64", rate: "25", seconds: 75) + select + ["-c:v", "libx264", "-preset", "veryfast"]
        )
        let made = try PartedRun(clip, rungs: [.tiny])
        #expect(made.parts.count == 3)
        let file = try workplace.write(made.sink.track("video/32p"), as: "track.mp4")
        try Probe.decode(file)
        let times = try Probe(file).packets.map(\.time).sorted()
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= 0.501 })
        #expect(made.result?.video[0].segments.count == 38)
    }

    @Test func `pictures that come a little less often than they are repeated fill their segments alone`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("rare.mp4", Clip.pictures("64x64", rate: "199/100", seconds: 75) + Clip.h264)
        let made = try PartedRun(clip, rungs: [.tiny])
        #expect(made.parts.count > 2)
        for part in made.parts.dropLast() {
            let next = try #require(made.parts.first { $0.plan.index == part.plan.index + 1 }).plan
            #expect(part.video[0].segments.count == next.firstSegment - part.plan.firstSegment)
        }
        let file = try workplace.write(made.sink.track("video/32p"), as: "track.mp4")
        let times = try Probe(file).packets.map(\.time).sorted()
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= 0.52 })
    }

    @Test func `the lowest rung of the opening comes before all others`() throws {
        let workplace = try Workplace()
        let clip = try workplace.make("short.mp4", Clip.pictures("64x64", seconds: 5) + Clip.h264)
        let made = try PartedRun(clip, rungs: [.sized(64, 64), .tiny])
        let pictures = made.segments.filter { $0 != .audio(0) }
        #expect(pictures.prefix(2) == [.video(1), .video(0)])
    }
}

extension Rung {
    fileprivate static let tiny = Rung.sized(32, 32)
}

/// A transcode of which the parts are looked at.
struct PartedRun {
    let sink = MemorySink()
    let result: TranscodeResult?
    let parts: [PartResult]
    /// Parts, as they were joined.
    let joined: [Int]
    private let told: [(track: TrackID, number: Int)]

    var segments: [TrackID] { told.map(\.track) }

    /// The numbers of a track's segments, as they were told.
    func numbers(of track: TrackID) -> [Int] { told.filter { $0.track == track }.map(\.number) }

    /// The names of its objects that the other run has otherwise.
    func differences(from other: PartedRun) -> [String] {
        let others = other.sink.objects
        // By name: bytes are nothing to look at.
        return sink.objects.filter { others[$0.key] != $0.value }.map(\.key).sorted()
    }

    /// - Parameter parts: How many are made before it is stopped.
    init(
        _ path: String,
        rungs: [Rung],
        finished: [PartResult] = [],
        parts: Int = .max,
        slots: Int = 1
    ) throws {
        try self.init(path, rungs: rungs, finished: finished, parts: parts, slots: PartSlots(slots)) { _ in }
    }

    /// - Parameter heard: Called with each part that is made.
    init(
        _ path: String,
        rungs: [Rung],
        finished: [PartResult] = [],
        parts: Int = .max,
        slots: PartSlots,
        heard: @escaping @Sendable (PartResult) -> Void
    ) throws {
        let source = try Transcode.transcoder.open(path)
        let listener = Listener(parts: parts, heard: heard)
        result = try source.transcode(
            by: Transcode.plan(source.description, rungs),
            parts: PartWork(finished: finished, slots: slots),
            sink: sink,
            listener: listener
        )
        self.parts = listener.state.withLock(\.parts)
        joined = listener.state.withLock(\.joined)
        told = listener.state.withLock(\.segments)
    }

    private final class Listener: TranscodeListener {
        struct State {
            var parts: [PartResult] = []
            var segments: [(track: TrackID, number: Int)] = []
            var joined: [Int] = []
        }

        let state = Mutex(State())
        private let limit: Int
        private let heard: @Sendable (PartResult) -> Void

        init(parts: Int, heard: @escaping @Sendable (PartResult) -> Void) {
            limit = parts
            self.heard = heard
        }

        func planned(_ parts: [PartPlan], done: [PartResult], ahead: [PartResult]) {}
        func progressed(to seconds: Double) {}

        func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead) {
            state.withLock { $0.segments.append((track, number)) }
        }

        func joined(_ part: PartPlan) { state.withLock { $0.joined.append(part.index) } }

        func made(_ part: PartResult, tilesFrom: Int) -> Bool {
            heard(part)
            return state.withLock { state in
                state.parts.append(part)
                return state.parts.count < limit
            }
        }
    }
}
