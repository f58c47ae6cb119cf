package import EventSchema

/// A file that a message brings, which lies elsewhere.
package struct Attachment: Sendable, Hashable {
    /// Attachments of one message.
    package static let maximumCount = 10
    /// Bytes of one field.
    private static let maximumLength = 2048

    package let id: String
    package let filename: String
    package let contentType: String
    package let url: String

    /// Reads what a client sent.
    ///
    /// - Throws: ``Refusal`` for field `attachments`.
    package init(_ json: JSONValue) throws(Refusal) {
        id = try Self.text("id", json)
        filename = try Self.text("filename", json)
        contentType = try Self.text("content_type", json)
        url = try Self.text("url", json)
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw Refusal(.invalidContent, "url must begin with https:// or http://", field: "attachments")
        }
    }

    private static func text(_ name: String, _ json: JSONValue) throws(Refusal) -> String {
        guard let text = json[name]?.stringValue, (1...maximumLength).contains(text.utf8.count) else {
            throw Refusal(
                .invalidContent,
                "\(name) must be text of 1 to \(maximumLength) bytes",
                field: "attachments"
            )
        }
        return text
    }

    /// Reads the list of a message; a missing one is empty.
    package static func list(_ json: JSONValue?) throws(Refusal) -> [Attachment] {
        guard let json, json != .null else { return [] }
        guard let elements = json.arrayValue, elements.count <= maximumCount else {
            throw Refusal(.invalidContent, "must be a list of at most \(maximumCount)", field: "attachments")
        }
        var attachments: [Attachment] = []
        for element in elements { attachments.append(try Attachment(element)) }
        return attachments
    }

    package var json: JSONValue {
        ["id": .string(id), "filename": .string(filename), "content_type": .string(contentType), "url": .string(url)]
    }
}
