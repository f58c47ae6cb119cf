import EventSchema

extension DeadLetter {
    /// What a list tells about it.
    var summary: JSONObject {
        var object: JSONObject = [
            "queue": .string(queue), "event_id": .string(id), "attempts": .integer(Int64(attempts)),
            "reason": .string(reason),
        ]
        object.set("origin", origin)
        object.set("event_type", type)
        object.set("parked_at", parkedAt?.description)
        return object
    }

    /// Everything, in the form that `events replay` reads.
    var record: JSONObject {
        summary.merging(MessageRecord(message: message, source: source).json) { _, own in own }
    }
}
