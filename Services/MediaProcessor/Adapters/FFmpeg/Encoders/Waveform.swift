import CFFmpeg

/// How loud sound is over its time, however long that is, in a bounded number of stretches.
///
/// Used by one thread.
final class Waveform {
    /// Stretches at most; then each two become one.
    private static let mostStretches = 4096

    /// The loudest sample of each stretch, 1 at full scale.
    private(set) var peaks: [Float] = []
    /// Samples per stretch.
    private var length = 256
    private var current: Float = 0
    private var count = 0

    /// Takes a block of planar floating-point samples.
    func add(_ block: Frame) {
        add(block.planes.map(UnsafeBufferPointer.init), count: block.sampleCount)
    }

    /// Takes so many samples of each channel.
    func add(_ planes: [UnsafeBufferPointer<Float>], count total: Int) {
        var start = 0
        while start < total {
            let end = min(total, start + length - count)
            for plane in planes { current = plane[start..<end].reduce(current) { max($0, abs($1)) } }
            count += end - start
            start = end
            if count == length { endStretch() }
        }
    }

    /// So many peaks, one for each equal part of the whole.
    func bars(_ wanted: Int) -> [Float] {
        let all = count > 0 || peaks.isEmpty ? peaks + [current] : peaks
        return (0..<wanted).map { bar in
            let start = bar * all.count / wanted
            let end = max(start + 1, (bar + 1) * all.count / wanted)
            return all[start..<end].max() ?? 0
        }
    }

    private func endStretch() {
        peaks.append(current)
        (current, count) = (0, 0)
        guard peaks.count == Self.mostStretches else { return }
        peaks = stride(from: 0, to: peaks.count, by: 2).map { max(peaks[$0], peaks[$0 + 1]) }
        length *= 2
    }
}
