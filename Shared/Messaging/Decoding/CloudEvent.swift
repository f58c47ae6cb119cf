import EventSchema
import Foundation

/// A CloudEvent 1.0: structured, with its attributes beside its data, or binary, with its attributes as headers of a body
/// that is the data.
struct CloudEvent {
    private enum Mode { case structured, binary }

    private let object: ReceivedObject
    private let mode: Mode
    private var attributes: ObjectReader

    /// Newer versions of the AMQP binding write `_`, which JMS can spell too.
    private static let prefixes = ["cloudEvents:", "cloudEvents_"]

    /// `nil` if it is none.
    init?(in object: ReceivedObject) throws(SchemaError) {
        self.object = object
        let headers = Self.attributes(in: object.message.headers)
        // The binding, 3.2.3: a structured event may repeat its attributes as headers.
        if object.has("specversion") || object.message.isDeclaredCloudEvent {
            mode = .structured
            attributes = try ObjectReader(.object(object.members), at: "")
        } else if headers["specversion"] != nil || headers["type"] != nil {
            mode = .binary
            attributes = try ObjectReader(.object(headers), at: "cloudEvents")
        } else {
            return nil
        }
    }

    private static func attributes(in headers: JSONObject) -> JSONObject {
        var attributes: JSONObject = [:]
        for (name, value) in headers {
            guard let prefix = prefixes.first(where: { name.hasPrefix($0) }) else { continue }
            attributes[String(name.dropFirst(prefix.count))] = value
        }
        return attributes
    }

    /// The event; attributes that an envelope has no place for, extensions among them, stay beside its fields.
    func envelope(_ types: MessageTypes) throws(SchemaError) -> Envelope {
        var attributes = attributes
        try checkVersion(&attributes)
        let type = try attributes.identifier("type")
        let source = try attributes.nonempty("source")
        let id = try attributes.nonempty("id")
        let payload = try mode == .binary ? object.members : data(&attributes)
        return Envelope(
            eventType: types.configured(type) ?? type,
            // CloudEvents, 3.1.1: source and id together are unique.
            eventID: UUID(uuidString: id) ?? .eventID("\(source) \(id)", of: "cloudevents"),
            timestamp: try time(&attributes) ?? object.timestamp,
            source: source,
            payload: payload,
            additional: attributes.remaining
        )
    }

    private func checkVersion(_ attributes: inout ObjectReader) throws(SchemaError) {
        let version = try attributes.string("specversion")
        guard version == "1.0" else {
            let problem = "CloudEvents \"\(version.prefix(16))\" is not supported, 1.0 is"
            throw SchemaError(.unsupportedFormat, "\(attributes.path(of: "specversion")): \(problem)")
        }
    }

    /// The time, as text or, in a header, as an AMQP timestamp, which counts seconds.
    private func time(_ attributes: inout ObjectReader) throws(SchemaError) -> Timestamp? {
        if case .integer(let seconds) = attributes.remaining["time"] {
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            guard mode == .binary, !overflow else {
                throw .invalid(attributes.path(of: "time"), "expected an RFC 3339 time, got a number")
            }
            _ = attributes.optional("time")
            return Timestamp(milliseconds: milliseconds)
        }
        guard let value = attributes.remaining["time"], value != .null else { return nil }
        return try attributes.timestamp("time")
    }

    // MARK: Data of a structured event

    private func data(_ attributes: inout ObjectReader) throws(SchemaError) -> JSONObject {
        let mediaType = try attributes.optionalString("datacontenttype")
        guard mediaType.map(Self.isJSON) ?? true else {
            throw .invalid("datacontenttype", "expected JSON, got \"\((mediaType ?? "").prefix(64))\"")
        }
        guard let text = try attributes.optionalString("data_base64") else {
            if let data = try attributes.optionalObject("data") { return data }
            throw .missing("data", expected: "object")
        }
        guard !object.has("data") else { throw .invalid("data_base64", "may not come together with data") }
        guard let bytes = Data(base64Encoded: text) else { throw .invalid("data_base64", "is not base64") }
        let value = try MessageBody.parse(Array(bytes), at: "data_base64")
        guard case .object(let members) = value else { throw .mismatch("data_base64", expected: "object", got: value) }
        return members
    }

    /// Whether data of this media type is JSON, as CloudEvents' JSON format (3.1) tells it: `*/json` and `*/*+json`.
    private static func isJSON(_ mediaType: String) -> Bool {
        let name = mediaType.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return name.hasSuffix("/json") || name.hasSuffix("+json")
    }
}

extension ObjectReader {
    fileprivate mutating func nonempty(_ key: String) throws(SchemaError) -> String {
        let text = try string(key)
        guard !text.isEmpty else { throw .invalid(path(of: key), "may not be empty") }
        return text
    }
}

extension Message {
    fileprivate var isDeclaredCloudEvent: Bool {
        contentType?.lowercased().hasPrefix("application/cloudevents") ?? false
    }
}
