import Glibc

/// A file of this machine as a source.
package struct FileSource: ByteSource {
    package let size: Int64
    private let file: OpenFile

    /// Reads `file`, whose size counts as it is now.
    package init(_ file: OpenFile) {
        self.file = file
        size = file.size
    }

    package func read(
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(ObjectStoreError) -> Int {
        guard offset >= 0, offset < size else { return 0 }
        let wanted = Int(min(Int64(buffer.count), size - offset))
        while true {
            let count = unsafe pread(file.descriptor, buffer.baseAddress, wanted, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw ObjectStoreError(.unavailable, "cannot read the file at \(offset): \(SystemCall.text(of: errno))")
            }
        }
    }
}
