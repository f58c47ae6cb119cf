/// How much there is to encode in a source, as a few short samples of it show.
package struct ContentComplexity: Sendable, Hashable, Codable {
    /// A sample encoded in one size, at a constant rate factor of ``rateFactor``.
    package struct Cost: Sendable, Hashable, Codable {
        package var width: Int
        package var height: Int
        /// Bits of its first picture, which is coded alone.
        package var keyframeBits: Int
        /// Bits of each picture after it, on average.
        package var pictureBits: Int

        package init(width: Int, height: Int, keyframeBits: Int, pictureBits: Int) {
            self.width = width
            self.height = height
            self.keyframeBits = keyframeBits
            self.pictureBits = pictureBits
        }

        private enum CodingKeys: String, CodingKey {
            case width, height
            case keyframeBits = "keyframe_bits"
            case pictureBits = "picture_bits"
        }
    }

    package struct Sample: Sendable, Hashable, Codable {
        /// Seconds.
        package var time: Double
        package var small: Cost
        package var large: Cost
        /// How much the large encoding looks like the source, from 0 to 1: the structural similarity of its luma.
        package var similarity: Double

        package init(time: Double, small: Cost, large: Cost, similarity: Double) {
            self.time = time
            self.small = small
            self.large = large
            self.similarity = similarity
        }
    }

    /// x264's, for all samples.
    package static let rateFactor = 23.0

    /// In the order of their times; not empty.
    package var samples: [Sample]
    /// Pictures per second.
    package var frameRate: Double

    package init(samples: [Sample], frameRate: Double) {
        self.samples = samples
        self.frameRate = frameRate
    }

    private enum CodingKeys: String, CodingKey {
        case samples
        case frameRate = "frame_rate"
    }
}
