extension Double {
    /// With so many decimals, the point always a point.
    func shown(_ decimals: Int) -> String {
        let digits = (self * (0..<decimals).reduce(1) { scale, _ in scale * 10 }).rounded().magnitude
        guard let digits = Int(exactly: digits) else { return "\(self)" }
        let text = String(digits)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - text.count)) + text
        let sign = self < 0 && digits > 0 ? "-" : ""
        return sign + padded.dropLast(decimals) + (decimals > 0 ? "." : "") + padded.suffix(decimals)
    }
}
