extension JSONObject {
    /// Sets a member if there is a value, and leaves what is there otherwise.
    package mutating func set(_ key: String, _ value: String?) {
        if let value { self[key] = .string(value) }
    }

    package mutating func set(_ key: String, _ value: Double?) {
        if let value { self[key] = .double(value) }
    }
}
