/// The arguments of a statement in the form in which libpq takes them.
struct PostgresArguments {
    /// All values one after the other; each ends with a zero, which values in text form need.
    private var bytes: [UInt8] = []
    /// Where a value starts; `nil` for NULL.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// - Throws: ``DatabaseError`` with `mismatch` that names the argument and the types.
    init(_ values: [SQLValue], types: [PostgresType]) throws(DatabaseError) {
        guard values.count == types.count else {
            throw DatabaseError(.mismatch, "the statement has \(types.count) arguments, \(values.count) were given")
        }
        for (index, (value, type)) in zip(values, types).enumerated() {
            let start = bytes.count
            guard value == .null || type.encode(value, into: &bytes) else {
                throw DatabaseError(.mismatch, "argument $\(index + 1) is \(type.name), \(value.kind) does not fit")
            }
            guard let length = Int32(exactly: bytes.count - start) else {
                throw DatabaseError(.mismatch, "argument $\(index + 1) is longer than 2 GiB")
            }
            starts.append(value == .null ? nil : start)
            lengths.append(length)
            formats.append(type.isSentAsText ? 0 : 1)
            bytes.append(0)
        }
    }

    /// Lends count, values, lengths and formats, for the time of `body`.
    func withPointers<Result>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.bindMemory(to: CChar.self).baseAddress
            let pointers = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
            return body(Int32(starts.count), pointers, lengths, formats)
        }
    }
}
