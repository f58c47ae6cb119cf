import EventSchema
import Foundation

/// A job of Laravel's queue, whatever the driver: `{uuid, displayName, job, data}`.
///
/// `data` of a job that was pushed by name is the array that was given. A job object is in there as serialized PHP, which
/// nobody else should read.
struct LaravelJob {
    private let object: ReceivedObject

    /// `nil` if it is no such job.
    init?(in object: ReceivedObject) {
        guard object.has("job") || object.has("displayName"), object.members["data"] != nil else { return nil }
        self.object = object
    }

    func envelope(_ types: MessageTypes) throws(SchemaError) -> Envelope {
        let names = try names
        if holdsSerializedObject { throw .serialized(names.first ?? "") }
        var reader = try ObjectReader(.object(object.members), at: "")
        let configured = names.lazy.compactMap { types.configured($0) }.first
        guard let type = configured ?? names.lazy.compactMap({ types.eventType(of: $0) }).first else {
            throw types.unknown(names.first ?? "", at: "displayName")
        }
        return Envelope(
            eventType: type,
            eventID: try id(&reader) ?? object.eventID,
            timestamp: object.timestamp,
            source: object.source(or: "laravel"),
            payload: try reader.optionalObject("data") ?? [:]
        )
    }

    /// Whether the job is an object: serialized PHP, which may be encrypted on top.
    private var holdsSerializedObject: Bool {
        guard let data = object.members["data"], let command = data["command"]?.stringValue else { return false }
        return data["commandName"] != nil || PHPSerialized(in: command.utf8) != nil
    }

    private func id(_ reader: inout ObjectReader) throws(SchemaError) -> UUID? {
        guard let id = try reader.optionalString("uuid"), !id.isEmpty else { return nil }
        return .eventID(id, of: "laravel")
    }

    /// What the job is called, the more telling name first; `job` is `App\Jobs\Announce@handle`.
    private var names: [String] {
        get throws(SchemaError) {
            var reader = try ObjectReader(.object(object.members), at: "")
            let job = try reader.optionalString("job")
            let names = [try reader.optionalString("displayName"), job.map { String($0.prefix { $0 != "@" }) }]
            return names.compactMap { $0 }
        }
    }
}

extension SchemaError {
    fileprivate static func serialized(_ name: String) -> SchemaError {
        SchemaError(
            .unsupportedFormat,
            "data.command: a Laravel job object, \"\(name.prefix(100))\", is serialize()d PHP: publish the event itself, "
                + "Queue::pushRaw(json_encode($envelope), $eventType), or push an array by name, "
                + "Queue::push('media.uploaded', $payload)"
        )
    }
}
