import CFFmpeg
import Glibc
import MediaDomain
import ObjectStorage

/// A source's bytes as libavformat reads them: owns an AVIOContext over them.
///
/// libavformat never sees a path or an address, so that nothing inside a file can make it open another one. Used by one
/// thread.
final class SourceReader {
    /// Read at once.
    private static let bufferSize = 256 << 10

    /// Where the reading is.
    private final class Position {
        let source: any ByteSource
        var offset: Int64 = 0
        var failure: ObjectStoreError?

        init(_ source: any ByteSource) { self.source = source }
    }

    let size: Int64
    private let position: Position
    private(set) var context: UnsafeMutablePointer<AVIOContext>

    init(_ source: any ByteSource) throws(MediaError) {
        guard source.size > 0 else { throw MediaError(.empty, "the file has no bytes") }
        let position = Position(source)
        guard let context = Self.makeContext(position) else {
            throw MediaError(.decodeFailed, "no memory to read the file", retryable: true)
        }
        self.position = position
        self.context = context
        size = source.size
    }

    deinit {
        // The library may have replaced the buffer, so that the one in the context is the one to free.
        av_freep(&context.pointee.buffer)
        var owned: UnsafeMutablePointer<AVIOContext>? = context
        avio_context_free(&owned)
    }

    /// Why the bytes could not be read on, if they could not: what libav makes of it says less.
    var failure: MediaError? {
        position.failure.map(MediaError.init(source:))
    }

    /// Runs what reads; if it fails because the bytes could not be had, that is the error.
    func blamed<Value>(_ work: () throws(MediaError) -> Value) throws(MediaError) -> Value {
        do throws(MediaError) {
            return try work()
        } catch {
            throw failure ?? error
        }
    }

    private static func makeContext(_ position: Position) -> UnsafeMutablePointer<AVIOContext>? {
        guard let buffer = av_malloc(bufferSize) else { return nil }
        let context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self),
            Int32(bufferSize),
            0,
            // Lives exactly as long as the reader.
            Unmanaged.passUnretained(position).toOpaque(),
            { SourceReader.read($0, $1, $2) },
            nil,
            { SourceReader.seek($0, $1, $2) }
        )
        if context == nil { av_free(buffer) }
        return context
    }

    private static func read(
        _ opaque: UnsafeMutableRawPointer?,
        _ buffer: UnsafeMutablePointer<UInt8>?,
        _ count: Int32
    ) -> Int32 {
        guard let opaque, let buffer else { return AVError.invalidArgument }
        let position = Unmanaged<Position>.fromOpaque(opaque).takeUnretainedValue()
        // What could not be read once is not asked for again: the job is lost.
        guard position.failure == nil else { return cffmpeg_averror(EIO) }
        Pulse.beat()
        do throws(ObjectStoreError) {
            let whole = UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
            let done = try position.source.read(into: whole, at: position.offset)
            position.offset += Int64(done)
            // A read callback must say the end; 0 would be asked again for ever.
            return done > 0 ? Int32(done) : AVError.endOfFile
        } catch {
            position.failure = error
            return cffmpeg_averror(EIO)
        }
    }

    private static func seek(_ opaque: UnsafeMutableRawPointer?, _ offset: Int64, _ whence: Int32) -> Int64 {
        guard let opaque else { return Int64(AVError.invalidArgument) }
        let position = Unmanaged<Position>.fromOpaque(opaque).takeUnretainedValue()
        let size = position.source.size
        if whence & AVSEEK_SIZE != 0 { return size }
        let start: Int64? =
            switch whence & ~AVSEEK_FORCE {
            case SEEK_SET: 0
            case SEEK_CUR: position.offset
            case SEEK_END: size
            default: nil
            }
        guard let start, case (let target, let overflow) = start.addingReportingOverflow(offset), !overflow, target >= 0
        else { return Int64(AVError.invalidArgument) }
        position.offset = target
        return target
    }
}
