import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A request as a test sees it.
struct ScriptedRequest: Sendable {
    var method: String
    /// With its query.
    var uri: String
    var headers: HTTPHeaders
    var body: [UInt8]

    var path: String { String(uri.prefix { $0 != "?" }) }
    /// The first and the last byte asked for.
    var range: ClosedRange<Int>? {
        guard let text = headers.first(name: "range"), text.hasPrefix("bytes=") else { return nil }
        let numbers = text.dropFirst(6).split(separator: "-").compactMap { Int($0) }
        return numbers.count == 2 ? numbers[0]...numbers[1] : nil
    }
}

/// An answer that may break the rules.
struct ScriptedAnswer: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// What `Content-Length` says; the truth where it is not given.
    var statedLength: Int?
    /// How many bytes of the body are sent before the connection is closed; all where it is not given.
    var sentLength: Int?
    /// Nothing is ever answered.
    var isSilent = false

    /// The connection is closed without a word.
    var hangsUp = false

    static let silence = ScriptedAnswer(isSilent: true)
    static let hangup = ScriptedAnswer(hangsUp: true)

    static func text(_ text: String, status: Int = 200, _ headers: (String, String)...) -> ScriptedAnswer {
        ScriptedAnswer(status: status, headers: headers, body: Array(text.utf8))
    }

    /// As S3 answers.
    static func error(_ status: Int, _ code: String) -> ScriptedAnswer {
        .text("<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>no</Message></Error>", status: status)
    }
}

/// What a server answers to each request.
struct Script: Sendable {
    let answer: @Sendable (ScriptedRequest) -> ScriptedAnswer

    init(_ answer: @escaping @Sendable (ScriptedRequest) -> ScriptedAnswer) {
        self.answer = answer
    }
}

/// An HTTP server on loopback that answers as a test tells it to.
final class ScriptedServer: Sendable {
    private let channel: any Channel
    private let seen = Mutex<[ScriptedRequest]>([])

    var port: Int { channel.localAddress?.port ?? 0 }
    var origin: String { "http://127.0.0.1:\(port)" }
    /// All requests so far.
    var requests: [ScriptedRequest] { seen.withLock { $0 } }

    private init(channel: any Channel) {
        self.channel = channel
    }

    /// Runs `body` with a server that answers by `script`.
    @discardableResult
    static func run<Result: Sendable>(
        _ script: Script,
        tls: NIOSSLContext? = nil,
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let box = Mutex<ScriptedServer?>(nil)
        let record = Script { request in
            box.withLock { $0 }?.seen.withLock { $0.append(request) }
            return script.answer(request)
        }
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
                    )
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(script: record))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let server = ScriptedServer(channel: channel)
        box.withLock { $0 = server }
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let script: Script
    private var request: ScriptedRequest?

    init(script: Script) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = ScriptedRequest(method: head.method.rawValue, uri: head.uri, headers: head.headers, body: [])
        case .body(let part): request?.body += part.readableBytesView
        case .end:
            guard let request else { return }
            self.request = nil
            answer(script.answer(request), isHead: request.method == "HEAD", context)
        }
    }

    private func answer(_ answer: ScriptedAnswer, isHead: Bool, _ context: ChannelHandlerContext) {
        if answer.isSilent { return }
        if answer.hangsUp {
            context.close(promise: nil)
            return
        }
        let stated = answer.statedLength ?? answer.body.count
        var head = "HTTP/1.1 \(answer.status) Scripted\r\n"
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        if answer.status != 204 { head += "content-length: \(stated)\r\n" }
        let body = isHead ? [] : answer.body.prefix(answer.sentLength ?? answer.body.count)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Array("\(head)\r\n".utf8) + body)), promise: nil)
        if answer.sentLength != nil { context.close(promise: nil) }
    }
}

/// Numbers that are the same at every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
