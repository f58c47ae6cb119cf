/// Bytes of a known number that can be read from anywhere: a file, or an object behind HTTP.
///
/// A read blocks, so it belongs on a thread of its own; one thread reads at a time.
package protocol ByteSource: Sendable {
    /// Bytes in all.
    var size: Int64 { get }

    /// Reads what follows `offset` and tells how much that was: at most the buffer, 0 only at the end, and less than the
    /// buffer also before it.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ObjectStoreError) -> Int

    /// Has reads that wait, and all to come, fail with `cancelled`; may be called from any thread.
    func cancel()
}

extension ByteSource {
    /// Does nothing: reads of a disk end by themselves.
    package func cancel() {}
}
