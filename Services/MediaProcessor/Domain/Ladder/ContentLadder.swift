import Foundation

/// Fits a ladder to its content: fewer bits where fewer look the same, and no rung that nobody would need.
///
/// Never a higher rate or better quality than the ladder's own, and never without its best rung.
struct ContentLadder {
    /// Structural similarity of a sample that is as good as the source; what the rate factor gives beyond is given back.
    private static let sufficient = 0.994
    /// Steps of the rate factor at most: half of the bits.
    private static let mostSteps = 6.0
    /// What rungs cost beside samples, which are encoded faster and without bidirectional pictures: 0.4 to 1.2, as measured.
    private static let sampleShare = 0.65
    /// A rung that costs less than this share more than a smaller one makes that one useless.
    private static let usefulRatio = 1.3

    private let complexity: ContentComplexity
    private let keyframeInterval: Double

    init(_ complexity: ContentComplexity, keyframeInterval: Double) {
        self.complexity = complexity
        self.keyframeInterval = keyframeInterval
    }

    /// - Parameter rungs: Best first, as the settings have them.
    func fitted(_ rungs: [Rung]) -> [Rung] {
        guard !complexity.samples.isEmpty, let lowest = rungs.last else { return rungs }
        var kept: [FittedRung] = []
        for fitted in rungs.map({ fit($0, affordable: lowest.maxBitrate) })
        where !kept.contains(where: { $0.makesUseless(fitted) }) {
            kept.append(fitted)
        }
        return kept.map(\.rung)
    }

    // MARK: One rung

    /// A rung as it suits the content.
    private struct FittedRung {
        let rung: Rung
        /// Bits per second.
        let expected: Double
        /// Whether it is within what every viewer can receive, and far so.
        let isForAll: Bool

        /// Whether nobody needs the smaller `other` where there is this one.
        func makesUseless(_ other: FittedRung) -> Bool {
            guard rung.codec == other.rung.codec, rung.shortSide > other.rung.shortSide else { return false }
            // More pixels than that some devices cannot show.
            return (isForAll && rung.shortSide <= 1080) || expected < other.expected * ContentLadder.usefulRatio
        }
    }

    /// - Parameter affordable: Bits per second that every viewer can receive: what the lowest rung may cost.
    private func fit(_ rung: Rung, affordable: Int) -> FittedRung {
        var fitted = rung
        fitted.crf = min(51, rung.crf + spareSteps)
        let rates = complexity.samples.map { rate(of: $0, in: fitted) }
        let mean = rates.reduce(0, +) / Double(rates.count)
        let expected = min(Double(rung.maxBitrate), mean * Self.sampleShare)
        let isForAll = expected * 3 <= Double(affordable)
        // Room for parts that are harder than any sample.
        let wanted = isForAll ? 0 : max(mean * 2, (rates.max() ?? 0) * 1.5)
        let cap = Int((max(wanted, Double(affordable)) / 10_000).rounded(.up)) * 10_000
        fitted.maxBitrate = min(rung.maxBitrate, cap)
        fitted.bufferSize = rung.bufferSize * fitted.maxBitrate / max(1, rung.maxBitrate)
        return FittedRung(rung: fitted, expected: expected, isForAll: isForAll)
    }

    /// By how much the rate factor can rise before the worst sample looks less than sufficient.
    ///
    /// What is missing doubles with six steps, as the bits halve.
    private var spareSteps: Double {
        let worst = complexity.samples.map(\.similarity).min() ?? 0
        let missing = max(1e-6, 1 - worst)
        let steps = 6 * log2((1 - Self.sufficient) / missing)
        return (min(Self.mostSteps, max(0, steps)) * 2).rounded(.down) / 2
    }

    /// Bits per second that a rung would cost if it were made as samples are, and all content were like this one.
    private func rate(of sample: ContentComplexity.Sample, in rung: Rung) -> Double {
        let (small, large) = (rate(sample.small), rate(sample.large))
        let growth = log(large / small) / log(sample.large.pixels / sample.small.pixels)
        let exponent = growth.isFinite ? min(1, max(0.2, growth)) : 0.75
        let pixels = Double(rung.width * rung.height)
        let plain = large * pow(pixels / sample.large.pixels, exponent)
        return plain * rung.codec.rateShare * pow(2, (ContentComplexity.rateFactor - rung.crf) / 6)
    }

    private func rate(_ cost: ContentComplexity.Cost) -> Double {
        let pictures = max(0, complexity.frameRate * keyframeInterval - 1)
        return max(1, Double(cost.keyframeBits) + pictures * Double(cost.pictureBits)) / keyframeInterval
    }
}

extension ContentComplexity.Cost {
    fileprivate var pixels: Double { Double(width * height) }
}

extension Rung {
    fileprivate var shortSide: Int { min(width, height) }
}
