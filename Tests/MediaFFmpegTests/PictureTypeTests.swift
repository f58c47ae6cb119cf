import CFFmpeg
import Foundation
import MediaDomain
import Testing

@testable import MediaFFmpeg

@Suite(.timeLimit(.minutes(2))) struct PictureTypeTests {
    private static let source = PictureSize(width: 1920, height: 1080)

    private static func rung(_ height: Int, preset: String = "veryfast", codec: VideoCodec = .h264) -> Rung {
        var rung = Rung.sized(height * 16 / 9, height)
        rung.preset = preset
        rung.codec = codec
        return rung
    }

    @Test(arguments: [
        (rung(1080), true), (rung(720), true), (rung(480), false), (rung(360), false),
        (rung(720, preset: "superfast"), true), (rung(720, preset: "slow"), true),
        // No B-pictures; decided with all that lies ahead; codecs that decide otherwise.
        (rung(1080, preset: "ultrafast"), false), (rung(1080, preset: "slower"), false),
        (rung(1080, codec: .hevc), false), (rung(1080, codec: .av1), false),
    ])
    func `large rungs are told, where their encoder decides picture by picture`(_ rung: Rung, isTold: Bool) {
        #expect(PictureTypeDecision.suits(rung, of: Self.source) == isTold)
    }

    /// A bar on grey that moves by two pixels from picture to picture.
    private static func picture(_ number: Int) throws -> Frame {
        let luma = (0..<180 * 320).map { UInt8(($0 % 320 + 2 * number) % 64 < 16 ? 200 : 60) }
        return try Frame(width: 320, height: 180, bytes: luma + [UInt8](repeating: 128, count: 2 * 90 * 160))
    }

    /// What pictures become on their way in, in groups of 20.
    private static func shown(_ pictures: [Frame]) throws -> [(picture: Frame, slot: Slot)] {
        let queue = BoundedQueue<RungWorker.Message>(bound: 100)
        let decision = try PictureTypeDecision(for: rung(720), of: PictureSize(width: 320, height: 180))
        let entrance = RungEntrance([queue], decision: decision)
        for (number, picture) in pictures.enumerated() {
            let slot = Slot(time: Int64(number) * 3000, isKeyframe: number % 20 == 0, startsSegment: number == 0)
            try entrance.show(picture, slot)
        }
        try entrance.end(at: 120_000)
        var shown: [(Frame, Slot)] = []
        for _ in pictures {
            guard case .picture(let picture, let slot) = queue.pop() else { break }
            shown.append((picture, slot))
        }
        guard case .end(120_000) = queue.pop() else {
            Issue.record("no end after \(shown.count) pictures")
            return shown
        }
        return shown
    }

    @Test func `each picture goes in once, in order and with its type`() throws {
        let pictures = try (0..<40).map(Self.picture)
        let shown = try Self.shown(pictures)
        #expect(shown.map { ObjectIdentifier($0.picture) } == pictures.map { ObjectIdentifier($0) })
        let slots = shown.map(\.slot)
        #expect(slots.map(\.time) == (0..<40).map { $0 * 3000 })
        #expect(slots.indices.filter { slots[$0].isKeyframe } == [0, 20])
        let anchors = slots.indices.filter { slots[$0].isBidirectional == false }
        #expect(slots.allSatisfy { $0.isBidirectional != nil })
        // Groups are closed, and nothing comes after the last.
        #expect(Set([0, 19, 20, 39]).isSubset(of: anchors))
        #expect(anchors.count < 30)
        #expect(zip(anchors, anchors.dropFirst()).allSatisfy { $1 - $0 <= 4 })
    }

    @Test func `what stands still, changes its format or ends at once goes in, too`() throws {
        let still = try Self.picture(0)
        #expect(try Self.shown([Frame](repeating: still, count: 40)).count == 40)
        let other = try Frame(width: 640, height: 480, format: AV_PIX_FMT_GRAY8)
        #expect(try Self.shown([Frame](repeating: still, count: 10) + [Frame](repeating: other, count: 10)).count == 20)
        #expect(try Self.shown([]).isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func `nothing is decided for rungs that have stopped`() throws {
        let queue = BoundedQueue<RungWorker.Message>(bound: 1)
        queue.close()
        let decision = try PictureTypeDecision(for: Self.rung(720), of: PictureSize(width: 320, height: 180))
        let entrance = RungEntrance([queue], decision: decision)
        #expect(throws: TranscodeJob.stopped) {
            // Held back are four at most.
            for number in 0..<8 {
                try entrance.show(
                    Self.picture(number),
                    Slot(time: Int64(number), isKeyframe: number == 0, startsSegment: false)
                )
            }
        }
    }

    @Test func `large rungs have the same types, whatever their encoders would decide`() throws {
        let workplace = try Workplace()
        let noise = ["-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=30:d=2,noise=alls=8:allf=t"]
        let clip = try workplace.make("clip.mp4", noise + Clip.h264)
        let made = try Transcode(clip, rungs: [Self.rung(1080), Self.rung(720), Self.rung(360)])
        let types = try ["1080p", "720p"].map { try Self.types(made.write("video/\($0)", to: workplace)) }
        #expect(types[0] == types[1])
        #expect(types[0].count == 60 && types[0].contains("B") && types[0].contains("P"))
        // By itself, x264 decides otherwise.
        let settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-g", "30", "-sc_threshold", "0"]
        for size in ["1920:1080", "1280:720"] {
            let untold = try workplace.make("untold.mp4", ["-i", clip, "-vf", "scale=\(size)"] + settings)
            #expect(try Self.types(untold) != types[0])
        }
    }

    /// One letter for each picture, in the order in which they are shown.
    private static func types(_ path: String) throws -> String {
        let shown = ["-select_streams", "v", "-show_entries", "frame=pict_type", "-of", "csv=p=0"]
        let letters = try String(decoding: run("ffprobe", ["-v", "error"] + shown + [path]), as: UTF8.self)
        return letters.filter(\.isLetter)
    }
}
