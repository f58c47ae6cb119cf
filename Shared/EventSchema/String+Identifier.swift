import Foundation

extension StringProtocol {
    /// Whether this can name something: 1 to 255 bytes without blanks and control characters, in Unicode's normal form C.
    ///
    /// Swift takes texts for equal that look alike (`K` and the sign for kelvins), databases and brokers do not: of all
    /// spellings of a name one is let in, so that two names are equal to all of them or to none.
    package var isIdentifier: Bool {
        (1...255).contains(utf8.count) && unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
            && (utf8.allSatisfy { $0 < 0x80 } || precomposedStringWithCanonicalMapping.utf8.elementsEqual(utf8))
    }
}
