package import ObjectStorage

/// An opened upload.
package enum MediaSource: Sendable {
    /// A file of this machine: whoever works on it is handed the file itself.
    case file(OpenFile)
    /// Bytes from elsewhere, fetched by whoever may use the network.
    case remote(any ByteSource)
}

extension MediaSource {
    /// Bytes in all, as they were when it was opened.
    package var size: Int64 {
        switch self {
        case .file(let file): file.size
        case .remote(let bytes): bytes.size
        }
    }
}
