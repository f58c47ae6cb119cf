import CRabbitMQ
import EventSchema

/// Application headers as AMQP field tables, within bounds.
enum HeaderTable {
    static let maximumDepth = 8
    /// Fields of a message, those of inner tables included.
    static let maximumCount = 1024
    /// All headers travel in one frame with the properties; 128 KiB is our largest frame.
    static let maximumSize = 64 << 10
    /// A field's name is an AMQP short string.
    static let maximumNameLength = 255

    // MARK: Writing

    static func encode(_ headers: JSONObject, in arena: Arena) -> amqp_table_t {
        // In order, so that equal messages are equal bytes.
        let entries = headers.sorted { $0.key < $1.key }.map { name, value in
            amqp_table_entry_t(key: arena.bytes(name), value: encode(value, in: arena))
        }
        return amqp_table_t(num_entries: Int32(entries.count), entries: arena.array(entries))
    }

    private static func encode(_ value: JSONValue, in arena: Arena) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .null:
            field.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
        case .bool(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = value ? 1 : 0
        case .integer(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = value
        case .number(let literal):
            field.kind = UInt8(AMQP_FIELD_KIND_F64.rawValue)
            field.value.f64 = Double(literal) ?? .nan
        case .string(let value):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = arena.bytes(value)
        case .array(let values):
            let fields = values.map { encode($0, in: arena) }
            field.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
            field.value.array = amqp_array_t(num_entries: Int32(fields.count), entries: arena.array(fields))
        case .object(let members):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = encode(members, in: arena)
        }
        return field
    }

    /// What is wrong with headers that we are asked to send; `nil` if nothing.
    static func problem(with headers: JSONObject) -> String? {
        var count = 0
        var size = 0
        if let problem = measure(.object(headers), depth: 0, &count, &size) { return problem }
        return size > maximumSize ? "headers of more than \(maximumSize) bytes" : nil
    }

    private static func measure(_ value: JSONValue, depth: Int, _ count: inout Int, _ size: inout Int) -> String? {
        // A kind and the longest fixed field.
        size += 9
        count += 1
        guard depth <= maximumDepth else { return "headers nested deeper than \(maximumDepth)" }
        guard count <= maximumCount else { return "more than \(maximumCount) headers" }
        switch value {
        case .string(let text):
            size += text.utf8.count
        case .array(let values):
            for value in values {
                if let problem = measure(value, depth: depth + 1, &count, &size) { return problem }
            }
        case .object(let members):
            for (name, value) in members {
                guard name.utf8.count <= maximumNameLength else { return "a header's name longer than 255 bytes" }
                size += 1 + name.utf8.count
                if let problem = measure(value, depth: depth + 1, &count, &size) { return problem }
            }
        case .null, .bool, .integer, .number:
            break
        }
        return nil
    }

    // MARK: Reading

    /// Reads a table; what lies beyond the bounds is left out.
    static func decode(_ table: amqp_table_t) -> JSONObject {
        var budget = maximumCount
        return decode(table, depth: 0, &budget)
    }

    private static func decode(_ table: amqp_table_t, depth: Int, _ budget: inout Int) -> JSONObject {
        var object: JSONObject = [:]
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)) {
            guard budget > 0 else { break }
            budget -= 1
            if let value = decode(entry.value, depth: depth, &budget) { object[entry.key.string] = value }
        }
        return object
    }

    private static func decode(_ field: amqp_field_value_t, depth: Int, _ budget: inout Int) -> JSONValue? {
        guard depth < maximumDepth else { return nil }
        let value = field.value
        switch UInt32(field.kind) {
        case AMQP_FIELD_KIND_BOOLEAN.rawValue: return .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8.rawValue: return .integer(Int64(value.i8))
        case AMQP_FIELD_KIND_U8.rawValue: return .integer(Int64(value.u8))
        case AMQP_FIELD_KIND_I16.rawValue: return .integer(Int64(value.i16))
        case AMQP_FIELD_KIND_U16.rawValue: return .integer(Int64(value.u16))
        case AMQP_FIELD_KIND_I32.rawValue: return .integer(Int64(value.i32))
        case AMQP_FIELD_KIND_U32.rawValue: return .integer(Int64(value.u32))
        case AMQP_FIELD_KIND_I64.rawValue: return .integer(value.i64)
        case AMQP_FIELD_KIND_U64.rawValue, AMQP_FIELD_KIND_TIMESTAMP.rawValue: return integer(value.u64)
        case AMQP_FIELD_KIND_F32.rawValue: return .double(Double(value.f32))
        case AMQP_FIELD_KIND_F64.rawValue: return .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL.rawValue: return .number("\(value.decimal.value)e-\(value.decimal.decimals)")
        case AMQP_FIELD_KIND_UTF8.rawValue, AMQP_FIELD_KIND_BYTES.rawValue: return .string(value.bytes.string)
        case AMQP_FIELD_KIND_ARRAY.rawValue: return .array(decode(value.array, depth: depth + 1, &budget))
        case AMQP_FIELD_KIND_TABLE.rawValue: return .object(decode(value.table, depth: depth + 1, &budget))
        case AMQP_FIELD_KIND_VOID.rawValue: return .null
        default: return nil
        }
    }

    private static func decode(_ array: amqp_array_t, depth: Int, _ budget: inout Int) -> [JSONValue] {
        var values: [JSONValue] = []
        for field in UnsafeBufferPointer(start: array.entries, count: Int(array.num_entries)) {
            guard budget > 0 else { break }
            budget -= 1
            if let value = decode(field, depth: depth, &budget) { values.append(value) }
        }
        return values
    }

    private static func integer(_ value: UInt64) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .number(String(value))
    }
}
