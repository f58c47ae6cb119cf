/// A failure of the store, or of a source.
package struct ObjectStoreError: Error, Sendable, CustomStringConvertible {
    @nonexhaustive package enum Code: String, Sendable {
        /// The store does not let us.
        case accessDenied = "access_denied"
        /// There is no room left.
        case full
        /// The store cannot be reached, or failed; trying again later may help.
        case unavailable
        /// The address of the store makes no sense.
        case invalidConfiguration = "invalid_configuration"
        /// There is no such source.
        case notFound = "not_found"
        /// The source lies where we do not read: in a private network, in a bucket that is not ours to read.
        case notAllowed = "not_allowed"
        /// Nothing here reads from such an address, or not from such a server.
        case unsupportedSource = "unsupported_source"
        /// The source has more bytes than may be read.
        case tooLarge = "too_large"
        /// The source became another one while it was read.
        case changed
        /// Somebody stopped it.
        case cancelled
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
