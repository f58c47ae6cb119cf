import NIOCore

@testable import RealtimeHTTP

/// A session that has nothing to say.
final class SilentSession: ClientSession {
    func opened(_ connection: any ClientConnection) {}
    func received(_ message: ClientMessage) {}
    func closed() {}
}

/// An event's frame is its name.
final class NameEncoding: EventEncoding {
    func frame(_ event: TopicEvent) -> ByteBuffer? { ByteBuffer(string: event.name) }
}
