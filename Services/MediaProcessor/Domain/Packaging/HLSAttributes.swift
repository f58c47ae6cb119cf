/// An attribute list (RFC 8216 4.2) in the making.
struct HLSAttributes {
    private var parts: [String] = []

    var text: String { parts.joined(separator: ",") }

    mutating func add(_ name: String, _ value: String) {
        parts.append("\(name)=\(value)")
    }

    /// A quoted string may hold neither quotes nor line breaks, and has no escapes.
    mutating func add(_ name: String, quoted value: String) {
        let clean = String(value.unicodeScalars.filter { $0.value >= 0x20 && $0 != "\"" })
        parts.append("\(name)=\"\(clean)\"")
    }

    /// The sums over renditions that play together.
    mutating func add(bitrates: [BitrateMeasurement]) {
        add("BANDWIDTH", String(bitrates.reduce(0) { $0 + $1.peak }))
        add("AVERAGE-BANDWIDTH", String(bitrates.reduce(0) { $0 + $1.average }))
    }

    /// Three decimals; left out where unknown.
    mutating func add(frameRate: Double?) {
        guard let frameRate, frameRate > 0 else { return }
        let thousandths = Int((frameRate * 1000).rounded())
        add("FRAME-RATE", "\(thousandths / 1000).\((thousandths % 1000).padded(to: 3))")
    }
}
