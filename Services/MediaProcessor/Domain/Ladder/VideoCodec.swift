/// How the pictures of a rendition are coded.
package enum VideoCodec: String, Sendable, Hashable, Codable, CaseIterable {
    case h264
}
