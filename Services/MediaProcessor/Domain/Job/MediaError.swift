/// Why a media could not be made; ``Reason`` is what `media.failed` carries.
package struct MediaError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The documented, stable list of `media.failed` reasons.
    @nonexhaustive package enum Reason: String, Sendable, Codable, CaseIterable {
        /// There is no such file.
        case notFound = "not_found"
        /// The path is not one we may read: outside the allowed root, or reached through `..` or a link.
        case notAllowed = "not_allowed"
        /// Nothing here fetches from such an address.
        case unsupportedSource = "unsupported_source"
        /// The source cannot be read now: its server fails, is slow, or sends something else than it announced.
        case sourceUnavailable = "source_unavailable"
        /// The file has no bytes.
        case empty
        /// The bytes are no media that we know.
        case notMedia = "not_media"
        /// Media, but with nothing in it to show or hear.
        case noStreams = "no_streams"
        /// Media that we do not decode: its codec, its layout.
        case unsupported
        /// More than we take: bytes, pixels, streams, length, or what would be made of it; see ``MediaLimits``.
        case tooLarge = "too_large"
        /// Decoding broke before anything worth publishing came out.
        case decodeFailed = "decode_failed"
        /// Encoding or packaging broke.
        case encodeFailed = "encode_failed"
        /// The object store did not take the results.
        case storageFailed = "storage_failed"
        /// The worker's child process died.
        case crashed
        /// The work exceeded its time.
        case timedOut = "timed_out"
        /// Nobody wants it any more: `media.cancel`.
        case cancelled
    }

    package var reason: Reason
    /// A sentence for people: what, which, and what to do.
    package var message: String
    /// Whether announcing the same upload again may help.
    package var retryable: Bool

    package init(_ reason: Reason, _ message: String, retryable: Bool = false) {
        self.reason = reason
        self.message = message
        self.retryable = retryable
    }

    package var description: String { "\(reason.rawValue): \(message)" }
}
