package import EventSchema

/// The W3C Trace Context that travels with a message, handed on untouched.
package struct TraceContext: Sendable, Hashable {
    package var traceParent: String?
    package var traceState: String?

    package init(traceParent: String? = nil, traceState: String? = nil) {
        self.traceParent = traceParent
        self.traceState = traceState
    }

    /// What `message` carries.
    package init(of message: Message) {
        traceParent = message.headers[MessageHeader.traceParent]?.stringValue
        traceState = message.headers[MessageHeader.traceState]?.stringValue
    }

    package var headers: JSONObject {
        var headers: JSONObject = [:]
        headers.set(MessageHeader.traceParent, traceParent)
        headers.set(MessageHeader.traceState, traceState)
        return headers
    }
}
