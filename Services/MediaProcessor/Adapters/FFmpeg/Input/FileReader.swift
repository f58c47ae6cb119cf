import CFFmpeg
import Glibc
import MediaDomain

/// The bytes of one local file as libavformat reads them: owns the descriptor and an AVIOContext over it.
///
/// libavformat never sees a path, so that nothing inside a file can make it open another one.
final class FileReader {
    /// Read at once.
    private static let bufferSize = 256 << 10

    private let descriptor: Int32
    let size: Int64
    private(set) var context: UnsafeMutablePointer<AVIOContext>

    init(path: String) throws(MediaError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.openError(errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw MediaError(.notMedia, "the file is not a regular file")
        }
        guard status.st_size > 0 else {
            close(descriptor)
            throw MediaError(.empty, "the file has no bytes")
        }
        guard let context = Self.makeContext(descriptor) else {
            close(descriptor)
            throw MediaError(.decodeFailed, "no memory to read the file", retryable: true)
        }
        self.descriptor = descriptor
        self.context = context
        size = Int64(status.st_size)
    }

    deinit {
        // The library may have replaced the buffer, so that the one in the context is the one to free.
        av_freep(&context.pointee.buffer)
        var owned: UnsafeMutablePointer<AVIOContext>? = context
        avio_context_free(&owned)
        close(descriptor)
    }

    private static func makeContext(_ descriptor: Int32) -> UnsafeMutablePointer<AVIOContext>? {
        guard let buffer = av_malloc(bufferSize) else { return nil }
        // The callbacks need only the descriptor: it travels as the opaque pointer itself.
        let context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self),
            Int32(bufferSize),
            0,
            UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1),
            { FileReader.read(FileReader.descriptor($0), $1, $2) },
            nil,
            { FileReader.seek(FileReader.descriptor($0), $1, $2) }
        )
        if context == nil { av_free(buffer) }
        return context
    }

    private static func descriptor(_ opaque: UnsafeMutableRawPointer?) -> Int32 { Int32(Int(bitPattern: opaque) - 1) }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
        while true {
            let done = Glibc.read(descriptor, buffer, Int(count))
            if done > 0 { return Int32(done) }
            // A read callback must say the end; 0 would be asked again for ever.
            if done == 0 { return AVError.endOfFile }
            if errno != EINTR { return cffmpeg_averror(errno) }
        }
    }

    private static func seek(_ descriptor: Int32, _ offset: Int64, _ whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 {
            var status = stat()
            return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : Int64(cffmpeg_averror(errno))
        }
        let position = lseek(descriptor, Int(offset), whence & ~AVSEEK_FORCE)
        return position >= 0 ? Int64(position) : Int64(cffmpeg_averror(errno))
    }

    private static func openError(_ code: Int32) -> MediaError {
        let cause = String(cString: strerror(code))
        switch code {
        case ENOENT, ENOTDIR: return MediaError(.notFound, "the file does not exist")
        case EACCES, EPERM, ELOOP: return MediaError(.notAllowed, "the file may not be read: \(cause)")
        default: return MediaError(.decodeFailed, "the file cannot be opened: \(cause)", retryable: true)
        }
    }
}
