import Foundation
import Logging
import MediaDomain
import MediaWorker
import ObjectStorage
import Testing

/// Damaged files through real workers: each job ends in one way or the other, and so does the next.
@Suite(.timeLimit(.minutes(5)))
struct MutationTests {
    private static let seeds = 0..<8 as Range<UInt64>

    /// SplitMix64: the same seed makes the same damage everywhere.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private func mutate(_ whole: Data, _ seed: UInt64) -> Data {
        var dice = Dice(state: seed)
        var bytes = whole
        for _ in 0..<Int.random(in: 1...24, using: &dice) {
            // Headers are where it hurts: half of all hits are among the first kilobytes.
            let reach = Bool.random(using: &dice) ? min(4096, bytes.count) : bytes.count
            let place = Int.random(in: 0..<reach, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &dice)
            case 2: bytes.replaceSubrange(place..<min(place + 4, bytes.count), with: [0xFF, 0xFF, 0xFF, 0xFF])
            default: bytes.removeSubrange(place..<min(place + Int.random(in: 1...512, using: &dice), bytes.count - 1))
            }
        }
        return bytes
    }

    private func run(_ bytes: Data) async -> JobOutcome {
        var settings = TranscodeSettings()
        settings.preset = "ultrafast"
        let job = MediaJob(eventID: UUID(), mediaID: UUID(), sourceURI: "/a", settings: settings)
        let runner = ProcessJobRunner(
            executable: ProbeProcess.path,
            arguments: ["work"],
            environment: ["SWIFT_BACKTRACE": "enable=no"],
            store: RecordingStore(),
            limits: WorkerLimits(stall: 60, baseTime: 120, maximumTime: 120),
            drainTime: .seconds(1),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return await runner.run(
            job,
            source: .remote(MemorySource(bytes)),
            parts: PartRecord(),
            slots: PartSlots(),
            mayPublish: { true },
            progress: { _ in }
        )
    }

    @Test(arguments: [
        ("mp4", ["-c:v", "libx264", "-c:a", "aac"]), ("mkv", ["-c:v", "mpeg4", "-c:a", "libvorbis"]),
        ("webm", ["-c:v", "libvpx", "-c:a", "libopus"]), ("ts", ["-c:v", "mpeg2video", "-c:a", "mp2"]),
        ("flv", ["-c:v", "flv1", "-c:a", "mp3", "-ar", "44100"]), ("avi", ["-c:v", "mjpeg", "-c:a", "pcm_s16le"]),
    ])
    func `a damaged file has one outcome, and no worker dies of it`(type: String, codecs: [String]) async throws {
        let input = ["-f", "lavfi", "-i", "testsrc2=s=128x96:r=15:d=1", "-f", "lavfi", "-i", "sine=d=1"]
        let whole = try Clip.make(input + codecs + ["-threads", "1"], type)
        for seed in Self.seeds {
            switch await run(mutate(whole, seed)) {
            case .made: continue
            case .failed(let error):
                #expect(
                    [.notMedia, .noStreams, .unsupported, .decodeFailed, .tooLarge].contains(error.reason),
                    "\(type), seed \(seed): \(error)"
                )
            case let other: Issue.record("\(type), seed \(seed): \(other)")
            }
        }
        guard case .made = await run(whole) else {
            Issue.record("the whole \(type) was not made")
            return
        }
    }
}
