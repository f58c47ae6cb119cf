package import EventSchema

extension TraceContext {
    /// What `message` carries, else what the event in it says of itself, as CloudEvents' distributed tracing extension does.
    package init(of message: Message, or envelope: Envelope) {
        self.init(of: message)
        guard traceParent == nil else { return }
        traceParent = Self.field(MessageHeader.traceParent, of: envelope)
        traceState = Self.field(MessageHeader.traceState, of: envelope)
    }

    /// A field that fits into headers, AMQP's and HTTP's; what does not is no trace context.
    private static func field(_ name: String, of envelope: Envelope) -> String? {
        // W3C Trace Context, 3.3.1.5: vendors should propagate at least 512 characters.
        guard let text = envelope.additional[name]?.stringValue, text.utf8.count <= 512 else { return nil }
        return text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } ? text : nil
    }
}
