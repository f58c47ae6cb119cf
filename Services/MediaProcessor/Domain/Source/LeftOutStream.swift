/// A stream of the source of which nothing is made.
package struct LeftOutStream: Sendable, Hashable, Codable {
    package enum Reason: String, Sendable, Hashable, Codable {
        /// Its subtitles are pictures, of which no text can be made.
        case bitmapSubtitles = "bitmap_subtitles"
        /// Nothing here decodes its codec.
        case unsupportedCodec = "unsupported_codec"
    }

    /// The stream's index in its container.
    package var index: Int
    /// libavcodec's name.
    package var codec: String
    /// ISO 639-2 as the container has it; `und` where unknown.
    package var language: String
    package var reason: Reason

    package init(index: Int, codec: String, language: String, reason: Reason) {
        self.index = index
        self.codec = codec
        self.language = language
        self.reason = reason
    }
}
