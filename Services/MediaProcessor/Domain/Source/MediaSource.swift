package import ObjectStorage

/// An opened upload.
package enum MediaSource: Sendable {
    /// A file of this machine: whoever works on it is handed the file itself.
    case file(OpenFile)
    /// Bytes from elsewhere, fetched by whoever may use the network.
    case remote(any ByteSource)
}
