/// A type of PostgreSQL's, by its number in `pg_type.dat`.
struct PostgresType: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt32

    static let bool = PostgresType(rawValue: 16)
    static let bytea = PostgresType(rawValue: 17)
    static let name = PostgresType(rawValue: 19)
    static let int8 = PostgresType(rawValue: 20)
    static let int2 = PostgresType(rawValue: 21)
    static let int4 = PostgresType(rawValue: 23)
    static let text = PostgresType(rawValue: 25)
    static let oid = PostgresType(rawValue: 26)
    static let float4 = PostgresType(rawValue: 700)
    static let float8 = PostgresType(rawValue: 701)
    static let unknown = PostgresType(rawValue: 705)
    static let bpchar = PostgresType(rawValue: 1042)
    static let varchar = PostgresType(rawValue: 1043)
    static let numeric = PostgresType(rawValue: 1700)
    /// What functions without a result have.
    static let void = PostgresType(rawValue: 2278)

    /// The type in SQL's words, for error messages.
    var name: String { Self.names[rawValue] ?? "a type with the OID \(rawValue)" }

    private static let names: [UInt32: String] = [
        16: "BOOLEAN", 17: "BYTEA", 19: "NAME", 20: "BIGINT", 21: "SMALLINT", 23: "INTEGER", 25: "TEXT", 26: "OID",
        114: "JSON", 700: "REAL", 701: "DOUBLE PRECISION", 705: "UNKNOWN", 1042: "CHAR", 1043: "VARCHAR", 1082: "DATE",
        1083: "TIME", 1114: "TIMESTAMP", 1184: "TIMESTAMPTZ", 1186: "INTERVAL", 1700: "NUMERIC", 2278: "VOID",
        2950: "UUID", 3802: "JSONB",
    ]
}

// MARK: - Binary form

/// As the types' `..send` and `..recv` functions have it: numbers in network byte order.
extension PostgresType {
    /// `nil` if the type is none that ``SQLValue`` has a kind for, or `bytes` are no value of it.
    func decode(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        switch self {
        case .int8: Self.number(Int64.self, bytes).map { .integer($0) }
        case .int4: Self.number(Int32.self, bytes).map { .integer(Int64($0)) }
        case .int2: Self.number(Int16.self, bytes).map { .integer(Int64($0)) }
        case .oid: Self.number(UInt32.self, bytes).map { .integer(Int64($0)) }
        case .bool: Self.number(UInt8.self, bytes).map { .integer(Int64($0)) }
        case .float8: Self.number(UInt64.self, bytes).map { .real(Double(bitPattern: $0)) }
        case .float4: Self.number(UInt32.self, bytes).map { .real(Double(Float(bitPattern: $0))) }
        case .numeric: PostgresNumeric(bytes)?.value
        case .text, .varchar, .bpchar, .name, .unknown: String(validating: bytes, as: UTF8.self).map { .text($0) }
        case .bytea: .blob(Array(bytes))
        case .void: .null
        default: nil
        }
    }

    private static func number<Number: FixedWidthInteger>(
        _: Number.Type,
        _ bytes: UnsafeRawBufferPointer
    ) -> Number? {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    /// Appends `value`; returns whether the type can hold it.
    func encode(_ value: SQLValue, into bytes: inout [UInt8]) -> Bool {
        switch (value, self) {
        case (.integer(let value), .int8): Self.append(value, &bytes)
        case (.integer(let value), .int4): Self.append(Int32(exactly: value), &bytes)
        case (.integer(let value), .int2): Self.append(Int16(exactly: value), &bytes)
        case (.integer(let value), .bool): Self.append((0...1).contains(value) ? UInt8(value) : nil, &bytes)
        case (.integer(let value), .float8): Self.append(Double(value).bitPattern, &bytes)
        case (.integer(let value), .float4): Self.append(Float(value).bitPattern, &bytes)
        case (.real(let value), .float8): Self.append(value.bitPattern, &bytes)
        case (.real(let value), .float4): Self.append(Float(value).bitPattern, &bytes)
        case (.integer(let value), .numeric): Self.append("\(value)", &bytes)
        case (.real(let value), .numeric): Self.append("\(value)", &bytes)
        case (.text(let value), .text), (.text(let value), .varchar), (.text(let value), .bpchar),
            (.text(let value), .name), (.text(let value), .unknown):
            Self.append(value, &bytes)
        case (.blob(let value), .bytea): Self.append(value, &bytes)
        default: false
        }
    }

    /// Whether values go in text and not in binary form.
    var isSentAsText: Bool { self == .numeric }

    private static func append(_ number: (some FixedWidthInteger)?, _ bytes: inout [UInt8]) -> Bool {
        guard let number else { return false }
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        return true
    }

    private static func append(_ value: String, _ bytes: inout [UInt8]) -> Bool { append(value.utf8, &bytes) }

    private static func append(_ value: some Sequence<UInt8>, _ bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: value)
        return true
    }
}
