import Foundation
import NIOCore
import NIOPosix

/// A WebSocket client that hides nothing: it sends the bytes it is told to, and returns frames as they came.
package final class WireClient: Sendable {
    /// What a server sent.
    package enum Received: Equatable, Sendable, CustomStringConvertible {
        case text(String)
        case binary([UInt8])
        case pong([UInt8])
        /// With the code, if the frame named one.
        case close(UInt16?, String)
        /// The connection has ended.
        case end

        package var description: String {
            switch self {
            case .text(let text): text
            case .binary(let bytes): "BIN " + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            case .pong(let bytes): "PONG \(bytes)"
            case .close(let code, let reason): "CLOSE \(code.map(String.init) ?? "-") \(reason)"
            case .end: "END"
            }
        }
    }

    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    private let inbox: Inbox

    private actor Inbox {
        private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        private var buffer = ByteBuffer()

        init(_ iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) {
            self.iterator = iterator
        }

        /// Tries `parse` until it finds something; `nil` at the end of the connection.
        func next<T: Sendable>(_ parse: @Sendable (inout ByteBuffer) -> T?) async -> T? {
            while true {
                if let found = parse(&buffer) { return found }
                var iterator = iterator
                let bytes = try? await iterator.next(isolation: self)
                self.iterator = iterator
                guard let bytes else { return nil }
                buffer.writeImmutableBuffer(bytes)
            }
        }
    }

    private init(_ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    // MARK: Connecting

    /// Opens a TCP connection while `body` runs.
    package static func withConnection<Result: Sendable>(
        port: Int,
        receiveBuffer: Int? = nil,
        _ body: (WireClient) async throws -> Result
    ) async throws -> Result {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(
                .socketOption(.so_rcvbuf),
                value: SocketOptionValue(receiveBuffer)
            )
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: NIOAsyncChannel.Configuration(isOutboundHalfClosureEnabled: true)
                )
            }
        }
        return try await channel.executeThenClose { inbound, _ in
            try await body(WireClient(channel, Inbox(inbound.makeAsyncIterator())))
        }
    }

    /// Opens a WebSocket while `body` runs.
    package static func withWebSocket<Result: Sendable>(
        port: Int,
        _ target: String,
        headers: String = "",
        receiveBuffer: Int? = nil,
        _ body: (WireClient) async throws -> Result
    ) async throws -> Result {
        try await withConnection(port: port, receiveBuffer: receiveBuffer) { client in
            let response = try await client.request(upgrade(target, headers: headers))
            guard response.hasPrefix("HTTP/1.1 101") else { throw Refused(response: response) }
            return try await body(client)
        }
    }

    /// The server did not open the WebSocket.
    package struct Refused: Error {
        package let response: String
    }

    /// A request for a WebSocket.
    package static func upgrade(_ target: String, headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(headers)\r\n"
    }

    // MARK: HTTP

    /// Sends a request as text; returns the response's head and as much body as it announces.
    package func request(_ text: String) async throws -> String {
        try await send(bytes: Array(text.utf8))
        return await response()
    }

    /// Returns the next response; nothing of one that does not come wholly.
    package func response() async -> String {
        await inbox.next { buffer in
            let text = String(buffer: buffer)
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            let head = text[..<end.lowerBound]
            let length =
                head.lowercased().split(separator: "\r\n")
                .first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) } ?? 0
            let total = head.utf8.count + 4 + length
            return buffer.readString(length: total)
        } ?? ""
    }

    // MARK: Sending

    package func send(bytes: [UInt8]) async throws {
        try await channel.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Says that nothing more will come; what the server sends can still be read.
    package func finish() async throws {
        try await channel.channel.close(mode: .output).get()
    }

    package func send(_ text: String) async throws {
        try await send(bytes: Self.frame(0x81, Array(text.utf8)))
    }

    package func send(binary: [UInt8]) async throws {
        try await send(bytes: Self.frame(0x82, binary))
    }

    /// A masked frame with `first` as its first byte.
    package static func frame(_ first: UInt8, _ payload: [UInt8], masked: Bool = true) -> [UInt8] {
        var frame: [UInt8] = [first]
        let bit: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.append(bit | UInt8(payload.count))
        case ..<65536: frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: frame += [bit | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard masked else { return frame + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return frame + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }

    // MARK: Receiving

    /// The next frame, or the end of the connection.
    package func next() async -> Received {
        await inbox.next(Self.parse) ?? .end
    }

    private static func parse(_ buffer: inout ByteBuffer) -> Received? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self),
            let short = buffer.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        let length: Int
        let header: Int
        switch short {
        case 126:
            guard let word = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            (length, header) = (Int(word), 4)
        case 127:
            guard let word = buffer.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            (length, header) = (Int(word), 10)
        default: (length, header) = (Int(short), 2)
        }
        guard let payload = buffer.getBytes(at: start + header, length: length) else { return nil }
        buffer.moveReaderIndex(forwardBy: header + length)
        switch first {
        case 0x81: return .text(String(decoding: payload, as: UTF8.self))
        case 0x82: return .binary(payload)
        case 0x8A: return .pong(payload)
        case 0x88 where payload.count >= 2:
            return .close(
                UInt16(payload[0]) << 8 | UInt16(payload[1]),
                String(decoding: payload.dropFirst(2), as: UTF8.self)
            )
        case 0x88: return .close(nil, "")
        default: return .binary([first] + payload)
        }
    }
}
