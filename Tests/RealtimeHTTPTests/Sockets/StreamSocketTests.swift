import Foundation
import Glibc
import NIOCore
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

/// WebSockets without a channel, on real sockets.
@Suite(.timeLimit(.minutes(1)))
struct StreamSocketTests {
    private let listener = SessionListener()

    private func write(_ bytes: [UInt8], to descriptor: CInt) {
        let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        #expect(written == bytes.count)
    }

    /// Reads until the other end says no more, or `count` bytes have come; in a thread that may wait.
    private static func read(_ count: Int, from descriptor: CInt) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var all: [UInt8] = []
                var piece = [UInt8](repeating: 0, count: 65536)
                while all.count < count {
                    let length = unsafe Glibc.read(descriptor, &piece, piece.count)
                    guard length > 0 else { break }
                    all += piece[..<length]
                }
                continuation.resume(returning: all)
            }
        }
    }

    @Test func `what a client does not read waits, and comes in order when it does`() async throws {
        try await SocketBench.run { bench in
            let (connection, client) = try await bench.open(ConnectionLimits(outboundBytes: 16 << 20)) {
                listener.session()
            }
            defer { close(client) }
            let frames = (0..<64).map { number in
                FrameWriter.text(capacity: 65536) { $0.writeRepeatingByte(UInt8(number), count: 65536) }
            }
            let waiting = try await bench.onLoop { _ in
                for frame in frames { connection.send(frame) }
                connection.flush()
                return connection.waitingBytes
            }
            #expect(waiting > 1 << 20)
            let expected = frames.flatMap { Array($0.readableBytesView) }
            let isWhole = await Self.read(expected.count, from: client) == expected
            #expect(isWhole)
            #expect(try await bench.onLoop { _ in connection.waitingBytes } == 0)
        }
    }

    @Test func `nothing is read while nothing is to be, and everything afterwards`() async throws {
        try await SocketBench.run { bench in
            let (connection, client) = try await bench.open { listener.session() }
            defer { close(client) }
            try await bench.onLoop { _ in connection.pauseReading() }
            write(WireClient.frame(0x81, Array("late".utf8)), to: client)
            // Another socket is heard meanwhile, so that this one would have been.
            let other = SessionListener()
            let (_, second) = try await bench.open { other.session() }
            defer { close(second) }
            write(WireClient.frame(0x81, Array("early".utf8)), to: second)
            #expect(await other.next() == .text("early"))
            try await bench.onLoop { _ in connection.close(.serviceRestart) }
            #expect(await listener.next() == .closed)
        }
    }

    @Test func `who goes is seen off, also while nothing is read`() async throws {
        try await SocketBench.run { bench in
            let (connection, client) = try await bench.open { listener.session() }
            try await bench.onLoop { _ in connection.pauseReading() }
            write(WireClient.frame(0x81, Array("too late".utf8)), to: client)
            close(client)
            #expect(await listener.next() == .closed)
            #expect(try await bench.connectionCount() == 0)
        }
    }

    @Test func `the peer's answer to a close is heard although nothing was read`() async throws {
        try await SocketBench.run { bench in
            let (connection, client) = try await bench.open(ConnectionLimits(closing: .seconds(50))) {
                listener.session()
            }
            defer { close(client) }
            try await bench.onLoop { _ in
                connection.pauseReading()
                connection.close(.serviceRestart)
            }
            let close = FrameWriter.close(.serviceRestart)
            #expect(await Self.read(close.readableBytes, from: client) == Array(close.readableBytesView))
            write(WireClient.frame(0x88, [0x03, 0xF4]), to: client)
            #expect(await Self.read(1, from: client) == [])
        }
    }

    @Test func `two closes that cross both arrive`() async throws {
        try await SocketBench.run { bench in
            let (connection, client) = try await bench.open { listener.session() }
            defer { close(client) }
            try await bench.onLoop { _ in
                connection.close(.serviceRestart)
                // Before the end of the turn, at which it would be flushed.
                connection.received(ByteBuffer(bytes: WireClient.frame(0x88, [0x03, 0xE8])))
            }
            let close = FrameWriter.close(.serviceRestart)
            #expect(await Self.read(100, from: client) == Array(close.readableBytesView))
        }
    }

    @Test func `a client that has gone while much waits for it is let go`() async throws {
        try await SocketBench.run { bench in
            let (connection, client) = try await bench.open(ConnectionLimits(outboundBytes: 16 << 20)) {
                listener.session()
            }
            try await bench.onLoop { _ in
                for _ in 0..<100 {
                    connection.send(FrameWriter.binary(capacity: 65536) { $0.writeRepeatingByte(1, count: 65536) })
                }
                connection.flush()
            }
            close(client)
            #expect(await listener.next() == .closed)
            #expect(try await bench.connectionCount() == 0)
        }
    }

    @Test func `a reactor that stops closes what it has`() async throws {
        try await SocketBench.run { bench in
            let (_, client) = try await bench.open { listener.session() }
            defer { close(client) }
            await bench.reactor.stop()
            #expect(await listener.next() == .closed)
            #expect(await Self.read(1, from: client) == [])
        }
    }
}
