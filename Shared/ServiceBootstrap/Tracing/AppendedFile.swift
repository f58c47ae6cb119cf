import Glibc

/// The file of `TRACES_FILE`: opened for each append, so that it may be moved away in between, as logrotate does.
///
/// One process has it to itself.
struct AppendedFile: Sendable {
    private let path: String

    /// Makes the file, if there is none.
    ///
    /// - Throws: ``StartError`` with the reason why it cannot be written.
    init(path: String) throws(StartError) {
        self.path = path
        let descriptor = Self.open(path)
        guard descriptor >= 0 else {
            throw StartError("TRACES_FILE: cannot write \"\(path)\": \(unsafe String(cString: strerror(errno)))")
        }
        close(descriptor)
    }

    /// Others may not read it: ids and addresses are nobody else's business.
    private static func open(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o640)
    }

    /// Appends all of `bytes`, or, if the file does not take them, none: then false.
    func append(_ bytes: [UInt8]) -> Bool {
        let descriptor = Self.open(path)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                // Half a line would spoil the next one.
                if end >= 0 { ftruncate(descriptor, end) }
                return false
            }
            written += count
        }
        return true
    }
}
