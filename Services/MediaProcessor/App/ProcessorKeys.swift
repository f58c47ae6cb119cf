import Foundation
import MediaDomain
import ObjectStorage
import ServiceBootstrap

/// The settings of the processor.
enum ProcessorKeys {
    /// x264's presets, as a setting chooses among them.
    enum Preset: String, CaseIterable {
        case ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow
    }

    static let objectStoreURL = ConfigurationKey(
        "OBJECT_STORE_URL",
        .objectStore,
        default: ObjectStoreLocation.local(path: URL(fileURLWithPath: "var/media").path),
        "Where playable media are kept."
    )
    static let cdnBaseURL = ConfigurationKey(
        "CDN_BASE_URL",
        .url(schemes: ["http", "https"]),
        default: unsafe URL(string: "http://127.0.0.1:4000/media").unsafelyUnwrapped,
        "Where viewers find what the object store holds."
    )
    static let mediaRoot = ConfigurationKey(
        "MEDIA_ROOT",
        .path,
        default: "var/uploads",
        "The folder below which uploads are read; nothing outside of it is."
    )
    static let keepsReplaced = ConfigurationKey(
        "MEDIA_REPLACED_KEEP_SECONDS",
        .duration(in: .zero ... .seconds(2_592_000)),
        unit: "s",
        default: .seconds(3600),
        "How long the objects of a version stay that another upload has replaced: players that began with it go on."
    )
    static let slots = ConfigurationKey(
        "MEDIA_SLOTS",
        .integer(in: 1...64),
        default: usualSlots,
        "How many uploads, or parts of long ones, are worked on at once; each uses about two cores."
    )

    static var usualSlots: Int { min(64, max(1, ProcessInfo.processInfo.activeProcessorCount / 2)) }

    static let segmentSeconds = ConfigurationKey(
        "SEGMENT_SECONDS",
        .number(in: 1...10),
        unit: "s",
        default: 4,
        "From one segment's start to the next; viewers wait for the first, which may be shorter."
    )
    static let preset = ConfigurationKey(
        "X264_PRESET",
        .choice,
        default: Preset.veryfast,
        "How much work the encoder spends on each picture."
    )
    static let crf = ConfigurationKey(
        "X264_CRF",
        .number(in: 0...51),
        default: 23,
        "The encoder's constant rate factor: less is better and larger; each rung's bit rate caps it."
    )
    static let rungs = ConfigurationKey(
        optional: "LADDER_RUNGS",
        .rungs,
        "The rungs to make of sources that have them; all from 2160p to 360p if not set."
    )
}

/// The ladder.
extension ProcessorKeys {
    static let codec = ConfigurationKey(
        "VIDEO_CODEC",
        .choice,
        default: VideoCodec.h264,
        "What pictures are coded with; h264 plays everywhere, hevc and av1 need fewer bits and more work."
    )
    static let perTitle = ConfigurationKey(
        "PER_TITLE",
        .choice,
        default: Switch.on,
        "Whether each source's bit rates and rungs follow from a look at its content: never more than the ladder's."
    )
    static let loudness = ConfigurationKey(
        optional: "LOUDNESS_LUFS",
        .number(in: TranscodeSettings.loudnesses),
        unit: "LUFS",
        "The loudness that all sound is brought to (EBU R 128), -16 for example; it stays as loud as it is if not set."
    )
    static let ladderFile = ConfigurationKey(
        optional: "LADDER_FILE",
        .path,
        "A JSON file with the rungs that there are, instead of the usual ones; see `transcode --help`."
    )
}

/// What is done or not.
enum Switch: String, CaseIterable {
    case on, off
}

/// The bounds of one job.
extension ProcessorKeys {
    static let largestUpload = ConfigurationKey(
        "MEDIA_MAX_MB",
        .integer(in: 1...16_777_216),
        unit: "MB",
        default: Int(MediaLimits.sourceBytes >> 20),
        "The largest upload that is taken."
    )
    static let memory = ConfigurationKey(
        "WORKER_MEMORY_MB",
        .integer(in: 512...1_048_576),
        unit: "MB",
        default: 4096,
        "Address space of a worker process for each slot that it uses."
    )
    static let stall = ConfigurationKey(
        "WORKER_STALL_SECONDS",
        .duration(in: .seconds(5) ... .seconds(3600)),
        unit: "s",
        default: .seconds(120),
        "Time without a sign of work after which a job counts as hung."
    )
    static let baseTime = ConfigurationKey(
        "WORKER_BASE_SECONDS",
        .duration(in: .seconds(5) ... .seconds(86_400)),
        unit: "s",
        default: .seconds(300),
        "Time that any job may take."
    )
    static let timeFactor = ConfigurationKey(
        "WORKER_TIME_FACTOR",
        .number(in: 1...10_000),
        default: 60,
        "Seconds that a job may take besides, for each second of media."
    )

    static let maximumTime = ConfigurationKey(
        "WORKER_MAX_SECONDS",
        .duration(in: .seconds(5) ... .seconds(864_000)),
        unit: "s",
        default: .seconds(86_400),
        "Time that no job may exceed, however long its media."
    )

    static let all: [KeyDeclaration] = [
        objectStoreURL.declaration, cdnBaseURL.declaration, mediaRoot.declaration, keepsReplaced.declaration,
        slots.declaration, segmentSeconds.declaration, preset.declaration, crf.declaration, rungs.declaration,
        codec.declaration, perTitle.declaration, loudness.declaration, ladderFile.declaration,
        largestUpload.declaration, memory.declaration, stall.declaration, baseTime.declaration, timeFactor.declaration,
        maximumTime.declaration,
    ]
}

extension ConfigurationType<ObjectStoreLocation> {
    fileprivate static var objectStore: Self {
        Self(
            name: "url",
            expectation: ObjectStoreLocation.shape,
            read: { try? ObjectStoreLocation(parsing: $0) },
            write: { $0.url }
        )
    }
}

extension ConfigurationType<[Int]> {
    fileprivate static var rungs: Self {
        Self(
            name: "list",
            expectation: "rungs separated by commas, such as 720p,360p",
            read: { RungList($0)?.shortSides },
            write: { $0.map { "\($0)p" }.joined(separator: ",") }
        )
    }
}
