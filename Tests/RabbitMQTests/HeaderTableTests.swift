import CRabbitMQ
import EventSchema
import Messaging
import Testing

@testable import RabbitMQ

struct HeaderTableTests {
    private let arena = Arena()

    private func field(_ kind: amqp_field_value_kind_t) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        field.kind = UInt8(kind.rawValue)
        return field
    }

    private func decoded(_ value: amqp_field_value_t) -> JSONValue? {
        let entry = amqp_table_entry_t(key: arena.bytes("k"), value: value)
        return HeaderTable.decode(amqp_table_t(num_entries: 1, entries: arena.array([entry])))["k"]
    }

    @Test func `a table survives both ways`() {
        let headers: JSONObject = [
            "text": "größe", "number": -7, "half": .number("0.5"), "yes": true, "none": nil,
            "list": [1, [2, ["three": 3]]], "table": ["inner": ["most": "deep"]],
        ]
        #expect(HeaderTable.decode(HeaderTable.encode(headers, in: arena)) == headers)
    }

    @Test func `every kind of number is read`() {
        var small = field(AMQP_FIELD_KIND_I8)
        small.value.i8 = -3
        #expect(decoded(small) == -3)
        var large = field(AMQP_FIELD_KIND_U64)
        large.value.u64 = .max
        #expect(decoded(large) == .number("18446744073709551615"))
        var real = field(AMQP_FIELD_KIND_F64)
        real.value.f64 = .nan
        #expect(decoded(real) == .null)
        var decimal = field(AMQP_FIELD_KIND_DECIMAL)
        decimal.value.decimal = amqp_decimal_t(decimals: 2, value: 314)
        #expect(decoded(decimal)?.doubleValue == 3.14)
    }

    @Test func `text that is not UTF-8 is repaired`() {
        var text = field(AMQP_FIELD_KIND_UTF8)
        let raw = arena.array([UInt8(0x61), 0xFF, 0x62])
        text.value.bytes = amqp_bytes_t(len: 3, bytes: UnsafeMutableRawPointer(raw))
        #expect(decoded(text) == "a\u{FFFD}b")
    }

    @Test func `an unknown kind is left out`() {
        var unknown = field(AMQP_FIELD_KIND_VOID)
        unknown.kind = 0x7A
        #expect(decoded(unknown) == nil)
    }

    @Test func `tables nested without end are cut`() {
        var value = field(AMQP_FIELD_KIND_VOID)
        for _ in 0..<90 {
            var outer = field(AMQP_FIELD_KIND_TABLE)
            let entry = amqp_table_entry_t(key: arena.bytes("k"), value: value)
            outer.value.table = amqp_table_t(num_entries: 1, entries: arena.array([entry]))
            value = outer
        }
        var depth = 0
        var inner = decoded(value)
        while let next = inner?["k"] {
            depth += 1
            inner = next
        }
        #expect(depth < HeaderTable.maximumDepth)
    }

    @Test func `more fields than anybody needs are cut`() {
        let entries = (0..<5000).map {
            amqp_table_entry_t(key: arena.bytes("k\($0)"), value: field(AMQP_FIELD_KIND_VOID))
        }
        let table = amqp_table_t(num_entries: 5000, entries: arena.array(entries))
        #expect(HeaderTable.decode(table).count == HeaderTable.maximumCount)
    }

    @Test func `headers that no frame holds are refused`() {
        let destination = Destination(exchange: "e", routingKey: "k")
        func problem(_ headers: JSONObject) -> String? {
            Message(body: [], headers: headers).problem(sendingTo: destination)
        }
        #expect(problem(["a": "b"]) == nil)
        #expect(problem([String(repeating: "n", count: 256): 1])?.contains("255") == true)
        #expect(problem(["a": .string(String(repeating: "x", count: 70_000))])?.contains("bytes") == true)
        #expect(problem(["a": .array(Array(repeating: 1, count: 2000))])?.contains("1024") == true)
        let deep = (0..<20).reduce(JSONValue.null) { inner, _ in [inner] }
        #expect(problem(["a": deep])?.contains("nested") == true)
        let long = Destination(exchange: "e", routingKey: String(repeating: "k", count: 256))
        #expect(Message(body: []).problem(sendingTo: long)?.contains("routing key") == true)
        let answer = Message(body: [], replyTo: String(repeating: "r", count: 256))
        #expect(answer.problem(sendingTo: destination)?.contains("reply-to") == true)
    }

    @Test func `the pseudo-queue of RabbitMQ's direct reply-to is refused, what it was rewritten to is not`() {
        let destination = Destination(exchange: "e", routingKey: "k")
        let asked = Message(body: [], replyTo: "amq.rabbitmq.reply-to")
        #expect(asked.problem(sendingTo: destination)?.contains("nobody waits") == true)
        let delivered = Message(body: [], replyTo: "amq.rabbitmq.reply-to.g1h2AA")
        #expect(delivered.problem(sendingTo: destination) == nil)
    }
}
