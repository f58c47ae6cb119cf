import ObjectStorage

/// A source for a transcoder that does not look at it.
struct NoBytes: ByteSource {
    let size: Int64 = 0

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ObjectStoreError) -> Int { 0 }
}
