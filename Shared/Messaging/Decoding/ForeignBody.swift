import EventSchema

/// Recognises bodies that are not JSON, and says what their publishers should change.
enum ForeignBody {
    /// What `body`, which is not JSON, is; `nil` if nothing better can be said than that.
    static func problem(in body: ArraySlice<UInt8>) -> SchemaError? {
        if body.allSatisfy({ $0 <= 0x20 }) { return unsupported("the body is empty") }
        if let compression = compression(of: body) {
            return unsupported("the body is compressed with \(compression): publish the JSON as it is")
        }
        if let serialized = PHPSerialized(in: body) { return unsupported(serialized.advice) }
        if body.starts(with: [0xFF, 0xFE]) || body.starts(with: [0xFE, 0xFF]) || body.prefix(4).contains(0) {
            return unsupported("the body is not UTF-8 but looks like UTF-16, UTF-32 or a binary format")
        }
        if String(validating: body, as: UTF8.self) == nil {
            return SchemaError(.notJSON, "the body is not UTF-8: publish JSON in UTF-8 (mb_convert_encoding() in PHP)")
        }
        if body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
            return unsupported("the body is XML or HTML: publish JSON")
        }
        return nil
    }

    private static func compression(of body: ArraySlice<UInt8>) -> String? {
        let magics: [(name: String, bytes: [UInt8])] = [
            ("gzip", [0x1F, 0x8B]), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
            // RFC 1950, 2.2: deflate with a 32 KiB window, at zlib's levels.
            ("zlib", [0x78, 0x01]), ("zlib", [0x78, 0x5E]), ("zlib", [0x78, 0x9C]), ("zlib", [0x78, 0xDA]),
        ]
        return magics.first { body.starts(with: $0.bytes) }?.name
    }

    private static func unsupported(_ message: String) -> SchemaError {
        SchemaError(.unsupportedFormat, message)
    }
}
