import CFFmpeg
import Testing

@testable import MediaFFmpeg

@Suite struct TimeTests {
    private static let bases = [1, 1000, 90_000, 1_000_000_000, Int(Int32.max)].map(AVRational.ticks)

    /// The latest time that is believed in a base.
    private static func latest(in base: AVRational) -> Int64 {
        var (believed, tooLate) = (Int64(0), Int64.max)
        while tooLate - believed > 1 {
            let middle = believed + (tooLate - believed) / 2
            if base.believed(middle) == middle { believed = middle } else { tooLate = middle }
        }
        return believed
    }

    @Test func `times that are believed can be taken from each other in every base`() {
        for base in Self.bases {
            for other in Self.bases {
                let origin = other.rescale(-Self.latest(in: other), to: base)
                #expect(!Self.latest(in: base).subtractingReportingOverflow(origin).overflow, "\(base) \(other)")
            }
        }
    }

    @Test func `what no file can have is not believed, and what files have is`() {
        let base = AVRational.ticks(1_000_000)
        for time in [Int64.min, .min + 1, .max, 1 << 62] { #expect(base.believed(time) == nil) }
        // Some tell the time of the day, in microseconds since 1970.
        for time in [0, -5, 1_800_000_000_000_000] as [Int64] { #expect(base.believed(time) == time) }
    }
}
