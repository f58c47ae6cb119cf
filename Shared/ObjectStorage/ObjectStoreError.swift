/// A failure of the store.
package struct ObjectStoreError: Error, Sendable, CustomStringConvertible {
    @nonexhaustive package enum Code: String, Sendable {
        /// The store does not let us.
        case accessDenied = "access_denied"
        /// There is no room left.
        case full
        /// The store cannot be reached, or failed.
        case unavailable
        /// The address of the store makes no sense.
        case invalidConfiguration = "invalid_configuration"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
