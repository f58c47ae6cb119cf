package import EventSchema
import Foundation

/// One device of somebody who is present: what is told about it, encoded once.
package struct PresenceMeta: Sendable, Hashable {
    /// Unique to this presence; clients recognise it by `phx_ref`.
    package let ref: String
    /// What others read while it is there, and when it has gone.
    let arrival: [UInt8]
    let departure: [UInt8]

    /// `fields` is told when it comes and while it is there, `departure` when it goes; the same unless given.
    package init(ref: String = .presenceRef(), fields: JSONObject, departure: JSONObject? = nil) {
        self.ref = ref
        arrival = Self.encoded(fields, ref)
        self.departure = departure.map { Self.encoded($0, ref) } ?? arrival
    }

    private static func encoded(_ fields: JSONObject, _ ref: String) -> [UInt8] {
        var meta = fields
        meta["phx_ref"] = .string(ref)
        return JSONValue.object(meta).encoded
    }
}

extension String {
    /// 96 random bits in URL-safe base64, the shape of Phoenix's own.
    package static func presenceRef() -> String {
        let bytes = (0..<12).map { _ in UInt8.random(in: .min ... .max) }
        return Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
    }
}
