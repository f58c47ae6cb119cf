/// What is taken from strangers: every bound on an upload and on what becomes of it, in one place.
///
/// More than these is `too_large`. What a job may use of the machine is a setting: memory (`WORKER_MEMORY_MB`), seconds of
/// silence (`WORKER_STALL_SECONDS`) and of work (`WORKER_BASE_SECONDS`, `WORKER_TIME_FACTOR`, `WORKER_MAX_SECONDS`), and
/// the bytes of an upload (`MEDIA_MAX_MB`).
package enum MediaLimits {
    // MARK: The file

    /// Bytes of an upload, unless it is set otherwise: 12 hours at 20 Mbit/s.
    package static let sourceBytes: Int64 = 100 << 30
    /// Bytes looked at to find out what a file is.
    package static let probeBytes = 5 << 20
    /// Streams of a file; fonts that are attached to it count.
    package static let streams = 256
    /// A picture's width times height.
    package static let pixels = 8192 * 8192
    /// Seconds.
    package static let duration = 12.0 * 3600
    /// Pictures or blocks of sound decoded for one second of the presentation, on average, before a file counts as one
    /// that decodes for ever: the fastest cameras take 1000 pictures, 8 samples make the smallest block.
    package static let framesPerSecond = 6000
    /// The same for a presentation that has hardly begun.
    package static let firstFrames = 60_000

    // MARK: What is made of it

    /// Bytes of one object: ten seconds at the rate of the highest rung take a tenth.
    package static let objectBytes = 128 << 20
    /// Objects of one job.
    package static let objects = 200_000
    /// Bytes of all objects of one job.
    package static let totalBytes: Int64 = 1 << 40
    /// Bytes on their way to the store at once, and objects.
    package static let unstoredBytes = 32 << 20
    package static let unstoredObjects = 8
}
