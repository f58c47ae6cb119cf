import NIOCore

/// Packets that are the same for all.
enum EnginePacket {
    static let close = EngineFraming.polling.control("1")
    static let ping = EngineFraming.polling.control("2")
    static let noop = EngineFraming.polling.control("6")
    static let pingFrame = EngineFraming.webSocket.control("2")
    static let probeAnswer = EngineFraming.webSocket.control("3probe")
}
