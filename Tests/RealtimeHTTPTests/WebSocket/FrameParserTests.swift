import NIOCore
import RealtimeTesting
import Testing

@testable import RealtimeHTTP

struct FrameParserTests {
    private func parse(_ bytes: [UInt8], in pieces: Int, limit: Int = 1 << 20) throws(WebSocketViolation) -> [Frame] {
        var parser = FrameParser(maximumLength: limit)
        var frames: [Frame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            parser.append(ByteBuffer(bytes: rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
            while let frame = try parser.next() { frames.append(frame) }
        }
        return frames
    }

    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536], [1, 2, 5, 4096, 1 << 20])
    func `a frame is found however the network cuts it`(_ length: Int, _ pieces: Int) throws {
        guard pieces > 4 || length < 1000 else { return }
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        let bytes = WireClient.frame(0x82, payload) + WireClient.frame(0x89, [1]) + WireClient.frame(0x81, payload)
        let frames = try parse(bytes, in: pieces)
        #expect(
            frames == [
                Frame(opcode: .binary, isFinal: true, payload: ByteBuffer(bytes: payload)),
                Frame(opcode: .ping, isFinal: true, payload: ByteBuffer(bytes: [1])),
                Frame(opcode: .text, isFinal: true, payload: ByteBuffer(bytes: payload)),
            ]
        )
    }

    @Test(arguments: [
        (WireClient.frame(0x81, [1], masked: false), CloseCode.protocolError),
        (WireClient.frame(0xC1, [1]), .protocolError),
        (WireClient.frame(0x83, [1]), .protocolError),
        (WireClient.frame(0x8B, []), .protocolError),
        (WireClient.frame(0x09, [1]), .protocolError),
        (WireClient.frame(0x89, [UInt8](repeating: 1, count: 126)), .protocolError),
        (WireClient.frame(0x82, [UInt8](repeating: 1, count: 1001)), .messageTooLarge),
        ([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooLarge),
    ])
    func `a frame against the rules has its close code`(_ bytes: [UInt8], _ code: CloseCode) {
        let violation = #expect(throws: WebSocketViolation.self) { try parse(bytes, in: 4096, limit: 1000) }
        #expect(violation?.code == code)
    }

    @Test func `a frame that is too large is refused before its payload comes`() {
        var parser = FrameParser(maximumLength: 1000)
        parser.append(ByteBuffer(bytes: [0x82, 0xFE, 0x03, 0xE9]))
        #expect(throws: WebSocketViolation(.messageTooLarge, "message is too large")) { try parser.next() }
    }

    @Test func `a client whose reads always end inside a frame takes no more memory for it`() throws {
        let frame = WireClient.frame(0x82, [UInt8](repeating: 7, count: 100))
        let stream = (0..<2000).flatMap { _ in frame }
        var parser = FrameParser(maximumLength: 1000)
        var count = 0
        var start = 0
        while start < stream.count {
            // Three bytes into the next frame's header.
            let end = min(start == 0 ? frame.count + 3 : start + frame.count, stream.count)
            parser.append(ByteBuffer(bytes: stream[start..<end]))
            while try parser.next() != nil { count += 1 }
            #expect(parser.capacity <= 1024)
            start = end
        }
        #expect(count == 2000)
    }

    @Test(arguments: [0, 125, 126, 65535, 65536])
    func `a built frame tells its length in the shortest way`(_ length: Int) {
        let frame = FrameWriter.binary(capacity: length) { $0.writeRepeatingByte(7, count: length) }
        let header: [UInt8] =
            switch length {
            case ..<126: [0x82, UInt8(length)]
            case ..<65536: [0x82, 126, UInt8(length >> 8), UInt8(length & 0xFF)]
            default: [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]
            }
        #expect(Array(buffer: frame) == header + [UInt8](repeating: 7, count: length))
    }

    @Test func `a close reason is cut to what fits`() {
        let frame = FrameWriter.close(.tryAgainLater, String(repeating: "x", count: 500))
        #expect(frame.readableBytes == 2 + 125)
    }
}

struct MessageAssemblerTests {
    private func frame(_ opcode: Frame.Opcode, _ text: String, final: Bool) -> Frame {
        Frame(opcode: opcode, isFinal: final, payload: ByteBuffer(string: text))
    }

    @Test func `fragments become one message`() throws {
        var assembler = MessageAssembler(maximumLength: 100)
        #expect(try assembler.accept(frame(.text, "a", final: false)) == nil)
        #expect(try assembler.accept(frame(.continuation, "b", final: false)) == nil)
        #expect(try assembler.accept(frame(.continuation, "c", final: true)) == .text(ByteBuffer(string: "abc")))
        #expect(try assembler.accept(frame(.binary, "d", final: true)) == .binary(ByteBuffer(string: "d")))
    }

    @Test func `a character may be cut in two, but text must be UTF-8 in the end`() throws {
        var assembler = MessageAssembler(maximumLength: 100)
        let bytes = Array("é".utf8)
        _ = try assembler.accept(Frame(opcode: .text, isFinal: false, payload: ByteBuffer(bytes: bytes[..<1])))
        let whole = Frame(opcode: .continuation, isFinal: true, payload: ByteBuffer(bytes: bytes[1...]))
        #expect(try assembler.accept(whole) == .text(ByteBuffer(string: "é")))
        #expect(throws: WebSocketViolation(.invalidText, "text is not UTF-8")) {
            try assembler.accept(Frame(opcode: .text, isFinal: true, payload: ByteBuffer(bytes: [0xC3])))
        }
    }

    @Test func `a continuation of nothing and a message inside another are refused`() throws {
        var assembler = MessageAssembler(maximumLength: 100)
        #expect(throws: WebSocketViolation.self) { try assembler.accept(frame(.continuation, "a", final: true)) }
        _ = try assembler.accept(frame(.text, "a", final: false))
        #expect(throws: WebSocketViolation.self) { try assembler.accept(frame(.text, "b", final: true)) }
    }

    @Test func `fragments together have the bound of one message`() throws {
        var assembler = MessageAssembler(maximumLength: 3)
        _ = try assembler.accept(frame(.text, "ab", final: false))
        #expect(throws: WebSocketViolation(.messageTooLarge, "message is too large")) {
            try assembler.accept(frame(.continuation, "cd", final: true))
        }
    }
}
