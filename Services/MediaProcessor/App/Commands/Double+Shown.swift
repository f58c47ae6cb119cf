import Foundation

extension Double {
    /// With so many decimals, the point always a point.
    func shown(_ decimals: Int) -> String {
        String(format: "%.\(decimals)f", locale: Locale(identifier: "en_US_POSIX"), self)
    }
}
