import CFFmpeg

/// Collects in memory what a muxer writes: owns the AVIOContext.
final class MemoryOutput {
    private static let bufferSize = 64 << 10

    private final class Collected {
        var bytes: [UInt8] = []
    }

    let context: UnsafeMutablePointer<AVIOContext>
    private let collected = Collected()

    init() throws(AVError) {
        let buffer = try allocated(av_malloc(Self.bufferSize), "av_malloc")
        // Both live exactly as long as this object.
        let opaque = Unmanaged.passUnretained(collected).toOpaque()
        let made = cffmpeg_alloc_writer(buffer.assumingMemoryBound(to: UInt8.self), Int32(Self.bufferSize), opaque) {
            opaque,
            bytes,
            count in
            guard let opaque else { return AVError.invalidArgument }
            let collected = Unmanaged<Collected>.fromOpaque(opaque).takeUnretainedValue()
            collected.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        guard let made else {
            av_free(buffer)
            throw AVError(code: AVError.noMemory, call: "avio_alloc_context")
        }
        context = made
    }

    deinit {
        av_freep(&context.pointee.buffer)
        var owned: UnsafeMutablePointer<AVIOContext>? = context
        avio_context_free(&owned)
    }

    /// Everything written since the last ``take()``.
    var bytes: [UInt8] {
        avio_flush(context)
        return collected.bytes
    }

    /// Hands over what was written, followed from now on by `first`.
    func take(leaving first: [UInt8] = []) -> [UInt8] {
        let taken = bytes
        // Most likely as much comes again, and then nothing is copied into something twice as large.
        collected.bytes = []
        collected.bytes.reserveCapacity(taken.count + taken.count / 4)
        collected.bytes += first
        return taken
    }
}
