import EventSchema

/// The body of a message as JSON, or what it is instead.
enum MessageBody {
    /// What Windows programs put before UTF-8.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Parses JSON text.
    ///
    /// - Parameter path: Where the text stands, if it is not the whole body.
    static func parse(_ body: [UInt8], at path: String? = nil) throws(SchemaError) -> JSONValue {
        let start = body.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        do throws(JSONError) {
            return try JSONParser.parse(body.span.extracting(start..<body.count))
        } catch {
            let problem = ForeignBody.problem(in: body[start...]) ?? SchemaError(.notJSON, error.description)
            throw path.map { SchemaError(problem.code, "\($0): \(problem.message)") } ?? problem
        }
    }
}
