import CFFmpeg

extension Frame {
    /// Times full scale: louder than anything that was recorded, and no more than encoders bear.
    private static let loudest: Float = 8

    /// Brings sound, planar and in floating point, into what an encoder bears: what is no number becomes silence, what is louder than
    /// anything can be is cut off.
    ///
    /// Damaged files have both, and floating point lets anybody write them. FFmpeg's AAC encoder refuses what is no number, and
    /// searches for minutes where values are in the millions.
    func limitRange() throws(AVError) {
        guard planes.contains(where: { !$0.allSatisfy { abs($0) <= Self.loudest } }) else { return }
        try check(av_frame_make_writable(pointer), "av_frame_make_writable")
        for plane in planes {
            for index in plane.indices where !(abs(plane[index]) <= Self.loudest) {
                plane[index] = plane[index].isNaN ? 0 : plane[index] < 0 ? -Self.loudest : Self.loudest
            }
        }
    }

    /// The samples of each channel of planar sound in floating point.
    var planes: [UnsafeMutableBufferPointer<Float>] {
        (0..<Int(pointer.pointee.ch_layout.nb_channels)).compactMap { channel in
            guard let plane = pointer.pointee.extended_data?[channel] else { return nil }
            let samples = UnsafeMutableRawPointer(plane).assumingMemoryBound(to: Float.self)
            return UnsafeMutableBufferPointer(start: samples, count: sampleCount)
        }
    }
}
