/// Keys or settings for tokens with which the service must not start.
package struct TokenConfigurationError: Error, Sendable, CustomStringConvertible {
    @nonexhaustive package enum Code: String, Sendable {
        case noKey = "no_key"
        case weakSecret = "weak_secret"
        case badPublicKey = "bad_public_key"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
