/// Turns ticks into decimal seconds so that the differences of rounded times add up: a sum over any run of segments is
/// off by a microsecond at most, however many there are.
struct TickClock {
    let timescale: Int

    /// `4.004000`, from one tick to another.
    func seconds(from start: Int64, to end: Int64) -> String {
        Self.decimal(microseconds(end) - microseconds(start))
    }

    /// Rounded to the nearest; 128 bits, since a day at 90 kHz in microseconds nears 64.
    private func microseconds(_ ticks: Int64) -> Int64 {
        let scale = Int128(timescale)
        let doubled = Int128(ticks) * 2_000_000 + scale
        return Int64((doubled - (doubled % (scale * 2) + scale * 2) % (scale * 2)) / (scale * 2))
    }

    private static func decimal(_ microseconds: Int64) -> String {
        "\(microseconds / 1_000_000).\((microseconds % 1_000_000).padded(to: 6))"
    }
}

extension BinaryInteger {
    /// The digits of a number that is not negative, with zeros before them.
    func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
