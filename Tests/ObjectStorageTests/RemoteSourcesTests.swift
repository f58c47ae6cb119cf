import Foundation
import NIOHTTP1
import ObjectStorage
import OutboundHTTP
import Synchronization
import Testing

/// Sources behind HTTP, from servers that behave in every way.
@Suite(.timeLimit(.minutes(1)))
struct RemoteSourcesTests {
    private static let content = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7 >> 2) }

    /// Names that lead where a test wants; each look-up takes the next of a name's answers, the last for ever.
    private final class Names: HostResolver {
        private let answers: Mutex<[String: [[String]]]>

        init(_ answers: [String: [[String]]]) {
            self.answers = Mutex(answers)
        }

        func addresses(of host: String) async -> [IPAddress] {
            if let address = IPAddress(host) { return [address] }
            let texts = answers.withLock { answers -> [String] in
                guard let first = answers[host]?.first else { return [] }
                if let count = answers[host]?.count, count > 1 { answers[host]?.removeFirst() }
                return first
            }
            return texts.compactMap(IPAddress.init)
        }
    }

    private func sources(
        allowing networks: [String] = ["127.0.0.1"],
        names: [String: [[String]]] = [:],
        _ change: (inout RemoteSources.Settings) -> Void = { _ in }
    ) -> RemoteSources {
        var settings = RemoteSources.Settings()
        settings.allowsPlainHTTP = true
        settings.policy = AddressPolicy(networks: networks.compactMap(AddressBlock.init))
        settings.retries.firstPause = .milliseconds(1)
        settings.windows.first = 1000
        settings.windows.largest = 2000
        change(&settings)
        return RemoteSources(settings, resolver: Names(names))
    }

    /// A server as it should be.
    private static func serve(_ request: ScriptedRequest, tag: String = "\"v1\"") -> ScriptedAnswer {
        guard let range = request.range else {
            return ScriptedAnswer(headers: [("etag", tag)], body: content)
        }
        if let condition = request.headers.first(name: "if-match"), condition != tag {
            return ScriptedAnswer(status: 412)
        }
        let end = min(range.upperBound, content.count - 1)
        return ScriptedAnswer(
            status: 206,
            headers: [("etag", tag), ("content-range", "bytes \(range.lowerBound)-\(end)/\(content.count)")],
            body: Array(content[range.lowerBound...end])
        )
    }

    private func readAll(_ source: any ByteSource) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread {
                continuation.resume(
                    with: Result {
                        var bytes: [UInt8] = []
                        while true {
                            let piece = try source.bytes(at: Int64(bytes.count), 700)
                            if piece.isEmpty { return bytes }
                            bytes += piece
                        }
                    }
                )
            }
            .start()
        }
    }

    private func failure(_ sources: RemoteSources, _ uri: String) async -> ObjectStoreError? {
        do throws(ObjectStoreError) {
            _ = try await sources.open(uri)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Reading

    @Test func `a source is read in parts of one version`() async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            let source = try await sources().open("\(server.origin)/a.mp4?token=hidden")
            #expect(source.size == 5000)
            #expect(try await readAll(source) == Self.content)
            #expect(server.requests.allSatisfy { $0.uri == "/a.mp4?token=hidden" && $0.range != nil })
            #expect(server.requests.dropFirst().allSatisfy { $0.headers.first(name: "if-match") == "\"v1\"" })
            #expect(server.requests.allSatisfy { $0.headers.first(name: "host") == "127.0.0.1:\(server.port)" })
        }
    }

    @Test func `an empty source has no bytes`() async throws {
        try await ScriptedServer.run(
            Script { _ in ScriptedAnswer(status: 416, headers: [("content-range", "bytes */0")]) }
        ) {
            let source = try await sources().open("\($0.origin)/a")
            #expect(source.size == 0)
        }
    }

    @Test func `a source that changes meanwhile is an error and no mixture`() async throws {
        for isHonest in [true, false] {
            let calls = Mutex(0)
            try await ScriptedServer.run(
                Script { request in
                    let isFirst = calls.withLock { calls in
                        calls += 1
                        return calls == 1
                    }
                    var request = request
                    // Some servers do not know If-Match.
                    if !isHonest { request.headers.remove(name: "if-match") }
                    return Self.serve(request, tag: isFirst ? "\"v1\"" : "\"v2\"")
                }
            ) { server in
                let source = try await sources().open("\(server.origin)/a")
                let error = await #expect(throws: ObjectStoreError.self) { try await readAll(source) }
                #expect(error?.code == .changed)
            }
        }
    }

    @Test func `a small source is read from a server that gives no parts, a large one is not`() async throws {
        try await ScriptedServer.run(Script { _ in ScriptedAnswer(body: Self.content) }) { server in
            let source = try await sources { $0.spoolBytes = 5000 }.open("\(server.origin)/a")
            #expect(try await readAll(source) == Self.content)
            #expect(server.requests.count == 1)
            let error = await failure(sources { $0.spoolBytes = 4999 }, "\(server.origin)/a?secret")
            #expect(error?.code == .unsupportedSource)
            #expect(error?.message == "cannot read '\(server.origin)/a': the server gives no parts of it")
        }
    }

    @Test func `a source over the bound is refused`() async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            #expect(await failure(sources { $0.maximumBytes = 4999 }, "\(server.origin)/a")?.code == .tooLarge)
            #expect(await failure(sources { $0.maximumBytes = 5000 }, "\(server.origin)/a") == nil)
        }
    }

    @Test(arguments: [
        (404, ObjectStoreError.Code.notFound), (410, .notFound), (403, .accessDenied), (401, .accessDenied),
        (400, .unavailable), (304, .unavailable),
    ])
    func `an answer that will not change is told at once`(status: Int, code: ObjectStoreError.Code) async throws {
        // However much it says besides, and whatever of it is not to be passed on.
        let page = [UInt8](repeating: UInt8(ascii: "x"), count: status == 304 ? 0 : 100_000)
        let answer = ScriptedAnswer(status: status, headers: [("set-cookie", "secret")], body: page)
        try await ScriptedServer.run(Script { _ in answer }) { server in
            let error = await failure(sources(), "\(server.origin)/a?secret")
            #expect(error?.code == code)
            #expect(error?.message.contains("the server answered \(status)") == true)
            #expect(error?.message.contains("secret") == false)
            #expect(server.requests.count == 1)
        }
    }

    /// Answers to the second request, after which the server behaves.
    static let stumbles: [ScriptedAnswer] = [
        .text("", status: 500), .text("", status: 503, ("retry-after", "0")), .text("", status: 429),
        ScriptedAnswer(
            status: 206,
            headers: [("content-range", "bytes 1000-2999/5000")],
            body: [1],
            statedLength: 2000,
            sentLength: 1
        ),
        ScriptedAnswer(status: 206, headers: [("content-range", "bytes 1000-1000/5000")], body: [1]),
        ScriptedAnswer(
            status: 206,
            headers: [("content-range", "bytes 0-1999/5000")],
            body: Array(content.prefix(2000))
        ),
        ScriptedAnswer(status: 206, body: Array(content.prefix(2000))),
        ScriptedAnswer(
            status: 206,
            headers: [("content-range", "bytes 1000-2999/5000")],
            body: Array(content.prefix(1999))
        ),
        ScriptedAnswer.hangup,
    ]

    @Test(arguments: stumbles) func `half a body, a wrong part and failures that pass are got again`(
        stumble: ScriptedAnswer
    ) async throws {
        let calls = Mutex(0)
        try await ScriptedServer.run(
            Script { request in
                let call = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                return call == 2 ? stumble : Self.serve(request)
            }
        ) { server in
            let source = try await sources().open("\(server.origin)/a")
            #expect(try await readAll(source) == Self.content)
        }
    }

    @Test(arguments: [
        ScriptedAnswer(status: 206, headers: [("content-range", "bytes 0-999/*")], body: Array(content.prefix(1000))),
        ScriptedAnswer(headers: [("content-encoding", "gzip")], body: [1]),
    ])
    func `a source without a length, or compressed, is refused`(answer: ScriptedAnswer) async throws {
        try await ScriptedServer.run(Script { _ in answer }) { server in
            #expect(await failure(sources(), "\(server.origin)/a")?.code == .unsupportedSource)
        }
    }

    @Test func `a server that never answers, or never ends, is an error`() async throws {
        let drip = ScriptedAnswer(
            status: 206,
            headers: [("content-range", "bytes 0-999/5000")],
            body: [1],
            statedLength: 1000
        )
        for answer in [ScriptedAnswer.silence, drip] {
            try await ScriptedServer.run(Script { _ in answer }) { server in
                let sources = sources {
                    $0.timeout = .milliseconds(500)
                    $0.retries.attempts = 2
                }
                let error = await failure(sources, "\(server.origin)/a")
                #expect(error?.code == .unavailable && error?.message.contains("did not answer within") == true)
            }
        }
    }

    // MARK: Addresses

    /// All forms that lead into a machine or network of ours, in the spellings that a resolver takes.
    @Test(arguments: [
        "127.0.0.1", "127.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1",
        "0.0.0.0", "0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "0xa9fea9fe",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "localhost", "[::1]", "[::]", "[fc00::1]", "[fd00:ec2::254]",
        "[fe80::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[2001::1]",
    ])
    func `no form of a private address is connected to`(host: String) async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            var settings = RemoteSources.Settings()
            settings.allowsPlainHTTP = true
            // The system's own resolver, which knows the old spellings.
            let error = await failure(RemoteSources(settings), "http://\(host):\(server.port)/a")
            #expect(error?.code == .notAllowed, "\(error?.message ?? "it was opened")")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a name that leads into a private network is not connected to`() async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            let sources = sources(allowing: [], names: ["evil.example": [["127.0.0.1", "::1"]]])
            let error = await failure(sources, "http://evil.example:\(server.port)/a")
            #expect(error?.code == .notAllowed)
            #expect(error?.message.contains("leads to a private network") == true)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a name that leads elsewhere the next time it is asked, does not lead there`() async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            // Public for the check, ours from then on: with one look-up, the second never counts.
            let names = ["rebind.example": [["127.0.0.1"], ["127.0.0.2"]]]
            let source = try await sources(names: names).open("http://rebind.example:\(server.port)/a")
            #expect(try await readAll(source) == Self.content)
            let hosts = Set(server.requests.compactMap { $0.headers.first(name: "host") })
            #expect(hosts == ["rebind.example:\(server.port)"])
        }
    }

    @Test func `of several addresses, only those are used that may be`() async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            let names = ["mixed.example": [["10.0.0.1", "127.0.0.1"]]]
            let source = try await sources(names: names).open("http://mixed.example:\(server.port)/a")
            #expect(source.size == 5000)
        }
    }

    @Test(arguments: [
        "http://127.0.0.2:PORT/a", "http://[::1]:PORT/a", "//127.0.0.3:PORT/a", "http://inside.example:PORT/a",
    ])
    func `a redirect into a private network is not followed`(location: String) async throws {
        try await ScriptedServer.run(
            Script { request in
                let port = request.headers.first(name: "host").map { $0.split(separator: ":").last ?? "" } ?? ""
                return .text("", status: 302, ("location", location.replacing("PORT", with: port)))
            }
        ) { server in
            let sources = sources(names: ["inside.example": [["10.0.0.1"]]])
            #expect(await failure(sources, "\(server.origin)/a")?.code == .notAllowed)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `redirects are followed up to five times, and what they lead to is asked from then on`() async throws {
        try await ScriptedServer.run(
            Script { request in
                guard let hops = Int(request.path.dropFirst()) else { return Self.serve(request) }
                return .text("", status: 307, ("location", hops == 1 ? "a.mp4?x=1" : "/\(hops - 1)"))
            }
        ) { server in
            let source = try await sources().open("\(server.origin)/5")
            #expect(try await readAll(source) == Self.content)
            #expect(server.requests.prefix(6).map(\.uri) == ["/5", "/4", "/3", "/2", "/1", "/a.mp4?x=1"])
            #expect(server.requests.dropFirst(5).allSatisfy { $0.uri == "/a.mp4?x=1" })
            #expect(await failure(sources(), "\(server.origin)/6")?.code == .unsupportedSource)
        }
    }

    @Test func `if what a redirect led to has expired, the origin is asked again`() async throws {
        // Each signature is good for one request.
        let signatures = Mutex((last: 0, good: Set<String>()))
        try await ScriptedServer.run(
            Script { request in
                signatures.withLock { signatures in
                    if request.path == "/origin" {
                        signatures.last += 1
                        signatures.good.insert("/signed-\(signatures.last)")
                        return .text("", status: 302, ("location", "/signed-\(signatures.last)"))
                    }
                    let isGood = signatures.good.remove(request.path) != nil
                    return isGood ? Self.serve(request) : .text("", status: 403)
                }
            }
        ) { server in
            let source = try await sources().open("\(server.origin)/origin")
            #expect(try await readAll(source) == Self.content)
        }
    }

    @Test func `plain HTTP is not read unless it is allowed`() async throws {
        try await ScriptedServer.run(Script { Self.serve($0) }) { server in
            let error = await failure(sources { $0.allowsPlainHTTP = false }, "\(server.origin)/a")
            #expect(error?.code == .notAllowed && error?.message.contains("only https is read") == true)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        "ftp://host/a", "gopher://host/a", "file:///etc/passwd", "concat:a|b", "", "http:/a",
        "https://user:pass@host/a",
        "https://ho st/a", "https://host\\@evil/a", "https://exa\u{6D}ple%2ecom/a", "s3://bucket",
    ])
    func `other addresses are not read at all`(uri: String) async {
        #expect(await failure(sources(), uri)?.code == .unsupportedSource)
    }

    @Test(arguments: [
        "s3://other/a", "s3://bucket/", "s3://bucket/up/../a", "s3://bucket/uploads2/a", "s3://bucket/a\nb",
    ])
    func `a bucket, or a part of one, that is not listed is not read`(uri: String) async throws {
        let location = try S3Location(parsing: "s3://bucket/uploads")
        let sources = sources {
            $0.buckets = [location]
            $0.credentials = S3Credentials(accessKeyID: "a", secretAccessKey: "b")
        }
        #expect(await failure(sources, uri)?.code == .notAllowed)
    }
}
