/// Text that is not JSON (RFC 8259), or more deeply nested than we read.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    /// What was wrong.
    package let reason: String
    /// The byte at which it was noticed, from 0.
    package let offset: Int

    package init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "not JSON: \(reason) at byte \(offset)" }
}
