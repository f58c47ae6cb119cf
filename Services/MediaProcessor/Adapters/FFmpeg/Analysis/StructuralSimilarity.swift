import CFFmpeg

/// How alike two pictures look (Wang et al., "Image quality assessment", 2004), over blocks of 8 by 8 samples.
enum StructuralSimilarity {
    private static let block = 8
    /// The constants that keep flat blocks from dividing by nothing: (0.01 and 0.03 of 255) squared.
    private static let steadiness = (mean: 6.5025, contrast: 58.5225)

    /// 1 for the same luma, less for any other; both have the same size and 8 bits.
    static func ofLuma(_ one: Frame, _ other: Frame) -> Double {
        guard let left = one.pointer.pointee.data.0, let right = other.pointer.pointee.data.0 else { return 0 }
        let strides = (Int(one.pointer.pointee.linesize.0), Int(other.pointer.pointee.linesize.0))
        var sum = 0.0
        var count = 0
        for row in stride(from: 0, through: one.height - block, by: block) {
            for column in stride(from: 0, through: one.width - block, by: block) {
                sum += similarity(left + row * strides.0 + column, right + row * strides.1 + column, strides)
                count += 1
            }
        }
        return count > 0 ? sum / Double(count) : 0
    }

    private static func similarity(
        _ left: UnsafePointer<UInt8>,
        _ right: UnsafePointer<UInt8>,
        _ strides: (Int, Int)
    ) -> Double {
        var sums = (left: 0, right: 0, squares: 0, products: 0)
        for row in 0..<block {
            for column in 0..<block {
                let (x, y) = (Int(left[row * strides.0 + column]), Int(right[row * strides.1 + column]))
                sums.left &+= x
                sums.right &+= y
                sums.squares &+= x &* x &+ y &* y
                sums.products &+= x &* y
            }
        }
        let area = Double(block * block)
        let (x, y) = (Double(sums.left) / area, Double(sums.right) / area)
        let variances = Double(sums.squares) / area - x * x - y * y
        let covariance = Double(sums.products) / area - x * y
        return (2 * x * y + steadiness.mean) * (2 * covariance + steadiness.contrast)
            / ((x * x + y * y + steadiness.mean) * (variances + steadiness.contrast))
    }
}
