/// An IDR picture as the I-frame playlist lists it.
package struct IFrame: Sendable, Hashable {
    /// Number of its segment, from 1.
    package let segment: Int
    /// Bytes in the segment.
    package let offset: Int
    package let length: Int
    /// Ticks.
    package let start: Int64
    /// Ticks: where the next one starts, or the track ends.
    package let end: Int64
}

extension TrackResult {
    /// All IDR pictures in order.
    package var iframes: [IFrame] {
        let pictures = segments.enumerated().flatMap { index, segment in
            segment.keyframes.map { (segment: index + 1, keyframe: $0) }
        }
        let starts = pictures.map(\.keyframe.start) + [segments.last?.end ?? 0]
        return pictures.enumerated().map { index, picture in
            IFrame(
                segment: picture.segment,
                offset: picture.keyframe.offset,
                length: picture.keyframe.length,
                start: starts[index],
                end: starts[index + 1]
            )
        }
    }
}
