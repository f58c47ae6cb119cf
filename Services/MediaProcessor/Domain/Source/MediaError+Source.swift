package import ObjectStorage

extension MediaError {
    /// The answer for an upload whose source cannot be read.
    package init(source error: ObjectStoreError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.message)
        case .accessDenied, .notAllowed: self.init(.notAllowed, error.message)
        case .unsupportedSource, .invalidConfiguration: self.init(.unsupportedSource, error.message)
        case .tooLarge: self.init(.tooLarge, error.message)
        default: self.init(.sourceUnavailable, error.message, retryable: true)
        }
    }
}
