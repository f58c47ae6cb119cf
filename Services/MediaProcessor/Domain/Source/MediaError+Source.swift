package import ObjectStorage

extension MediaError {
    /// The answer for an upload whose source cannot be read.
    package init(source error: ObjectStoreError) {
        switch error.code {
        case .accessDenied: self.init(.notAllowed, error.message)
        case .invalidConfiguration: self.init(.unsupportedSource, error.message)
        default: self.init(.sourceUnavailable, error.message, retryable: true)
        }
    }
}
