import EventSchema
import Foundation

/// An event on one line for people: time, type, id, and as much of the payload as fits.
enum EventLine {
    private static let payloadWidth = 160

    static func text(for envelope: Envelope) -> String {
        let payload = printable(JSONValue.object(envelope.payload).description)
        let shown = payload.count > payloadWidth ? payload.prefix(payloadWidth - 1) + "…" : payload[...]
        return "\(envelope.timestamp) \(printable(envelope.eventType)) \(envelope.eventID.lowercased) \(shown)"
    }

    /// The first part of a message that is no event.
    static func text(forUnreadable body: [UInt8], reason: String) -> String {
        "not an event (\(printable(reason))): \(printable(String(decoding: body.prefix(payloadWidth), as: UTF8.self)))"
    }

    /// Without the control characters by which a stranger's text could move an operator's cursor.
    static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
            }
        )
    }
}
