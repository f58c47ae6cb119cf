/// The picture that comes with sound alone.
package struct CoverArt: Sendable, Hashable, Codable {
    /// The stream's index in its container.
    package var index: Int
    /// libavcodec's name: `mjpeg`, `png`.
    package var codec: String
    package var width: Int
    package var height: Int

    package init(index: Int, codec: String, width: Int, height: Int) {
        self.index = index
        self.codec = codec
        self.width = width
        self.height = height
    }
}
