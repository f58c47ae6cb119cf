import Foundation

/// Tells results of one source, plan and way of working from those of another.
package enum PartFingerprint {
    /// Raised whenever the same plan no longer makes the same bytes, or results hold something else.
    private static let version = 6

    package static func of(_ source: SourceDescription, _ plan: TranscodePlan) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let parts = [try? encoder.encode(source), try? encoder.encode(plan)].compactMap(\.self)
        return "\(version)-\(Checksum.of(parts.joined()))"
    }
}

/// FNV-1a, 64 bits: finds mistakes, not forgeries.
package enum Checksum {
    package static func of(_ bytes: some Sequence<UInt8>) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
