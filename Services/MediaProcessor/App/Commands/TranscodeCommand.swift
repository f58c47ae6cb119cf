import ArgumentParser
import Foundation
import MediaDomain
import MediaWorker
import ObjectStorage
import OutboundHTTP
import Synchronization

/// Makes one file playable, without a broker.
struct TranscodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcode",
        abstract: "Makes a media file playable: HLS and DASH, thumbnails, storyboard.",
        discussion: """
            A ladder file tells the rungs that there are, instead of the usual ones:

              {"rungs": [
                {"short_side": 1080, "max_bitrate": 5000000},
                {"short_side": 480, "max_bitrate": 900000, "crf": 26, "name": "small"}
              ]}

            short_side is in pixels, max_bitrate in bits per second; crf, preset, codec and name may be left out.
            A source gets the rungs that its shorter side reaches.

            Exit codes: 0 done, 1 failed (one line says why), 64 wrong usage.
            """
    )

    @Argument(help: "The file; https:// and s3:// addresses are read, too.")
    var input: String

    @Option(
        help:
            "The folder to write into, made if there is none; or s3://bucket/prefix, with AWS_ACCESS_KEY_ID and so on."
    )
    var output: String

    @Option(help: "Seconds from one segment to the next, 1 to 10; viewers wait for the first, which may be shorter.")
    var segmentSeconds: Double = 4

    @Option(
        help: """
            h264, hevc or av1: h264 plays everywhere, the others need fewer bits and more work; rungs of a ladder file may \
            have codecs of their own.
            """
    )
    var codec: VideoCodec = .h264

    @Option(
        help: "on or off: whether bit rates and rungs follow from a look at the content; never more than the ladder's."
    )
    var perTitle: Switch = .on

    @Option(help: "x264's preset: \(TranscodeSettings.presets.joined(separator: ", ")).")
    var preset: String = "veryfast"

    @Option(
        help: "x264's constant rate factor, 0 to 51; other encoders get what looks alike. The rungs' bit rates cap it."
    )
    var crf: Double = 23

    @Option(help: "The rungs to make, where the source has them, for example 720p,360p; all if not given.")
    var rungs: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The loudness that all sound is brought to (EBU R 128), -16 for example; as loud as it is if not given.",
            valueName: "LUFS"
        )
    )
    var loudness: Double?

    @Option(
        help: """
            How many parts of a long source are made at once, 1 to 64, each on about two cores; the same bytes come of it. \
            All the machine's cores, if not given.
            """
    )
    var slots: Int = ProcessorKeys.usualSlots

    @Option(help: ArgumentHelp("A JSON file with the rungs that there are; see above.", valueName: "file"))
    var ladder: String?

    func validate() throws {
        guard (1...10).contains(segmentSeconds) else { throw ValidationError("--segment-seconds: expected 1 to 10") }
        guard TranscodeSettings.presets.contains(preset) else {
            throw ValidationError("--preset: expected one of \(TranscodeSettings.presets.joined(separator: ", "))")
        }
        guard (0...51).contains(crf) else { throw ValidationError("--crf: expected 0 to 51") }
        if let loudness, !TranscodeSettings.loudnesses.contains(loudness) {
            throw ValidationError("--loudness: expected -40 to -5")
        }
        guard (1...64).contains(slots) else { throw ValidationError("--slots: expected 1 to 64") }
        if let rungs, RungList(rungs) == nil { throw ValidationError("--rungs: expected rungs such as 720p,360p") }
        do throws(LadderFailure) {
            _ = try ladder.map(Ladder.init(contentsOf:))
        } catch {
            throw ValidationError("--ladder: \(error)")
        }
    }

    func run() async throws {
        let transcoder = ProcessorCommand.transcoder()
        let location = try location()
        let store = try open(location)
        let job = try job()
        let display = ProgressDisplay()
        let isPlayable = Atomic(false)
        let bytes = try await CommandInput.open(input)
        let start = ContinuousClock.now
        let result = await DedicatedThread.run(named: "job") {
            Result { () throws(MediaError) in
                var events = BuildEvents()
                events.progressed = { display.report($0, $1) }
                events.playable = { isPlayable.store(true, ordering: .relaxed) }
                return try AssetBuilder(transcoder: transcoder, store: ArtifactUploader(store: store, folder: ""))
                    .build(job, from: bytes, parts: PartWork(slots: PartSlots(slots)), events: events)
            }
        }
        display.finish()
        (store as? LocalObjectStore)?.tidy()
        if case .failure = result, isPlayable.load(ordering: .relaxed), let master = ObjectKey(OutputLayout.hlsMaster) {
            // What was playable will never be whole.
            try? await store.delete(master)
        }
        guard let asset = try result.get() else { return }
        print(Summary(asset: asset, folder: location.shown, elapsed: (ContinuousClock.now - start) / .seconds(1)).text)
    }

    private func job() throws -> MediaJob {
        let settings = TranscodeSettings(
            segmentDuration: segmentSeconds,
            preset: preset,
            crf: crf,
            shortSides: rungs.flatMap(RungList.init)?.shortSides,
            ladder: try ladder.map(Ladder.init(contentsOf:)),
            codec: codec,
            perTitle: perTitle == .on,
            loudness: loudness
        )
        // Nobody announced this: the ids are nil UUIDs (RFC 9562 5.9), so that the same file gives the same bytes.
        let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        return MediaJob(eventID: nobody, mediaID: nobody, sourceURI: input, settings: settings)
    }

    /// A text without a scheme is a path, from the working folder on.
    private func location() throws -> ObjectStoreLocation {
        guard output.hasPrefix("s3://") else {
            return .local(path: URL(fileURLWithPath: output).standardizedFileURL.path)
        }
        do throws(ObjectStoreError) {
            return try ObjectStoreLocation(parsing: output)
        } catch {
            throw MediaError(.storageFailed, error.message)
        }
    }

    private func open(_ location: ObjectStoreLocation) throws -> any ObjectStore {
        do throws(ObjectStoreError) {
            let environment = ProcessInfo.processInfo.environment
            return try location.open(
                S3Credentials(environment: environment),
                trusting: TrustedAuthorities.named(in: environment)
            )
        } catch {
            throw MediaError(.storageFailed, error.message)
        }
    }
}

extension ObjectStoreLocation {
    /// As a person reads it.
    fileprivate var shown: String {
        switch self {
        case .local(let path): path
        case .s3: String(url.prefix { $0 != "?" })
        }
    }
}

extension VideoCodec: ExpressibleByArgument {}

extension Switch: ExpressibleByArgument {}

/// Names of rungs, `720p,360p`.
struct RungList {
    let shortSides: [Int]

    init?(_ text: String) {
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        let sides = names.compactMap { name -> Int? in
            let name = name.trimmingCharacters(in: .whitespaces)
            return Int(name.hasSuffix("p") ? String(name.dropLast()) : name).flatMap { $0 > 0 ? $0 : nil }
        }
        guard sides.count == names.count else { return nil }
        shortSides = sides
    }
}
