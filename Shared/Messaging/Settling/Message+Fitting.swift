import EventSchema

extension Message {
    /// The message cut down to properties and headers that every broker takes back.
    ///
    /// A foreign message may not fit on its way back: its texts grow up to threefold when they are repaired to UTF-8, and
    /// a client may send more than we do. Long properties are cut; headers are left out, the largest first.
    var fitting: Message {
        var message = self
        for property in Self.shortProperties {
            // An AMQP short string.
            message[keyPath: property] = self[keyPath: property]?.prefix(utf8Length: 255)
        }
        // Other protocols let it through; back over AMQP it would cost the connection.
        if message.replyTo == Self.directReplyTo { message.replyTo = nil }
        message.headers = fittingHeaders
        return message
    }

    private static var shortProperties: [WritableKeyPath<Message, String?>] {
        [\.contentType, \.contentEncoding, \.messageID, \.type, \.appID, \.correlationID, \.replyTo]
    }

    private var fittingHeaders: JSONObject {
        let costs = headers.map { name, value in (name: name, cost: HeaderCost(name, value)) }
        var budget = HeaderCost.budget
        var fitting: JSONObject = [:]
        for (name, cost) in costs.sorted(by: { ($0.cost.bytes, $0.name) < ($1.cost.bytes, $1.name) })
        where cost.isLegal {
            budget.bytes -= cost.bytes
            budget.fields -= cost.fields
            guard budget.bytes >= 0, budget.fields >= 0 else { break }
            fitting[name] = headers[name]
        }
        return fitting
    }
}

/// What a header takes of a message, never less than its encoding does.
private struct HeaderCost {
    /// Less than the 64 KiB and 1024 fields that are sent, for the headers that a settlement adds.
    static let budget = HeaderCost(bytes: 48 << 10, fields: 1000)
    /// AMQP 0-9-1, 4.2.5.5: a field's name has at most 128 characters.
    private static let longestName = 128
    private static let deepestNesting = 8

    var bytes: Int
    var fields: Int
    private(set) var isLegal = true

    private init(bytes: Int, fields: Int) {
        self.bytes = bytes
        self.fields = fields
    }

    init(_ name: String, _ value: JSONValue) {
        self.init(bytes: 0, fields: 0)
        add(name, value, depth: 1)
    }

    private mutating func add(_ name: String, _ value: JSONValue, depth: Int) {
        bytes += 1 + name.utf8.count
        if name.utf8.count > Self.longestName { isLegal = false }
        add(value, depth: depth)
    }

    private mutating func add(_ value: JSONValue, depth: Int) {
        // A kind and the longest fixed field.
        bytes += 9
        fields += 1
        guard depth <= Self.deepestNesting else {
            isLegal = false
            return
        }
        switch value {
        case .string(let text): bytes += text.utf8.count
        case .array(let values): for value in values { add(value, depth: depth + 1) }
        case .object(let members): for (name, value) in members { add(name, value, depth: depth + 1) }
        case .null, .bool, .integer, .number: break
        }
    }
}

extension String {
    /// The longest prefix of whole characters within `utf8Length` bytes.
    func prefix(utf8Length: Int) -> String {
        guard utf8.count > utf8Length else { return self }
        var end = startIndex
        var length = 0
        for index in indices {
            length += self[index].utf8.count
            guard length <= utf8Length else { break }
            end = self.index(after: index)
        }
        return String(self[..<end])
    }
}
