import EventSchema

/// One thing that a broker has otherwise than the suite declares it.
struct TopologyDifference: Sendable, Hashable {
    enum Kind: String, Sendable {
        case missing, differs
        /// There, and declared by nobody.
        case extra
    }

    enum Object: String, Sendable {
        case exchange, queue, binding, policy
    }

    /// What `topology apply` can do about it.
    enum Remedy: Sendable, Hashable {
        case apply
        /// Only a person can, in these steps.
        case byHand(String)
        case none
    }

    let kind: Kind
    let object: Object
    let name: String
    /// The one thing about it that is otherwise: `delivery-limit`.
    var field: String?
    /// As JSON; `null` where there is nothing.
    var actual = JSONValue.null
    var expected = JSONValue.null
    var remedy = Remedy.apply

    /// The difference in words.
    var text: String {
        switch kind {
        case .missing: return "\(object.rawValue) \(name) is missing"
        case .extra: return "\(object.rawValue) \(name) is not of the suite"
        case .differs:
            let found = actual == .null ? "is not set" : "is \(Self.word(actual))"
            let should = expected == .null ? "should not be set" : "should be \(Self.word(expected))"
            return "\(object.rawValue) \(name): \(field ?? "it") \(found), \(should)"
        }
    }

    var json: JSONObject {
        var object: JSONObject = [
            "kind": .string(kind.rawValue), "object": .string(self.object.rawValue), "name": .string(name),
            "text": .string(text),
        ]
        if let field {
            object["field"] = .string(field)
            object["actual"] = actual
            object["expected"] = expected
        }
        switch remedy {
        case .apply: object["remedy"] = "apply"
        case .byHand(let steps):
            object["remedy"] = "by_hand"
            object["advice"] = .string(steps)
        case .none: object["remedy"] = "none"
        }
        return object
    }

    private static func word(_ value: JSONValue) -> String {
        if let text = value.stringValue { return text.isEmpty ? "\"\"" : text }
        return value.description
    }
}
