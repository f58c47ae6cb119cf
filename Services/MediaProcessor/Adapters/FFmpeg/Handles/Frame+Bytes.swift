import CFFmpeg

/// An 8-bit 4:2:0 picture as its samples alone, row by row, plane by plane.
extension Frame {
    /// Bytes of a picture of that size.
    static func byteCount(width: Int, height: Int) -> Int {
        Int(av_image_get_buffer_size(AV_PIX_FMT_YUV420P, Int32(width), Int32(height), 1))
    }

    /// The samples.
    var bytes: [UInt8] {
        let size = Self.byteCount(width: width, height: height)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let copied = withUnsafeBytes(of: pointer.pointee.data) { planes in
                withUnsafeBytes(of: pointer.pointee.linesize) { strides in
                    av_image_copy_to_buffer(
                        buffer.baseAddress,
                        Int32(size),
                        planes.bindMemory(to: UnsafePointer<UInt8>?.self).baseAddress,
                        strides.bindMemory(to: Int32.self).baseAddress,
                        AV_PIX_FMT_YUV420P,
                        Int32(width),
                        Int32(height),
                        1
                    )
                }
            }
            count = max(0, Int(copied))
        }
    }

    /// A picture of samples that ``bytes`` wrote.
    convenience init(width: Int, height: Int, bytes: some Sequence<UInt8>) throws(AVError) {
        try self.init(width: width, height: height, format: AV_PIX_FMT_YUV420P)
        let samples = Array(bytes)
        guard samples.count == Self.byteCount(width: width, height: height) else {
            throw AVError(code: AVError.invalidData, call: "samples of another picture")
        }
        var planes = [UnsafeMutablePointer<UInt8>?](repeating: nil, count: 4)
        var strides = [Int32](repeating: 0, count: 4)
        let format = AV_PIX_FMT_YUV420P
        let filled = samples.withUnsafeBufferPointer {
            av_image_fill_arrays(&planes, &strides, $0.baseAddress, format, Int32(width), Int32(height), 1)
        }
        try check(filled, "av_image_fill_arrays")
        samples.withUnsafeBufferPointer { _ in
            for index in 0..<3 {
                let target = plane(index)
                av_image_copy_plane(
                    target.data,
                    Int32(target.stride),
                    planes[index],
                    strides[index],
                    strides[index],
                    Int32(index == 0 ? height : (height + 1) / 2)
                )
            }
        }
    }

    /// One of the three planes.
    func plane(_ index: Int) -> (data: UnsafeMutablePointer<UInt8>?, stride: Int) {
        switch index {
        case 0: (pointer.pointee.data.0, Int(pointer.pointee.linesize.0))
        case 1: (pointer.pointee.data.1, Int(pointer.pointee.linesize.1))
        default: (pointer.pointee.data.2, Int(pointer.pointee.linesize.2))
        }
    }
}
