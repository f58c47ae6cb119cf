import NIOHTTP1
import ObjectStorage
import Synchronization
import Testing

/// How the store bears with a server that fails in every way.
@Suite(.timeLimit(.minutes(1)))
struct S3FailureTests {
    private let key: ObjectKey

    init() throws {
        key = try #require(ObjectKey("m/seg.m4s"))
    }

    private func store(
        _ server: ScriptedServer,
        sizes: S3ObjectStore.Sizes = S3ObjectStore.Sizes(),
        timeout: Duration = .seconds(10),
        attempts: Int = 5
    ) throws -> S3ObjectStore {
        var settings = S3Client.Settings()
        settings.retries.firstPause = .milliseconds(1)
        settings.retries.attempts = attempts
        settings.timeout = timeout
        let credentials = S3Credentials(accessKeyID: "id", secretAccessKey: "hidden", sessionToken: "covered")
        let location = try S3Location(parsing: "s3://bucket/vod?endpoint=\(server.origin)")
        return S3ObjectStore(location, credentials, settings: settings, sizes: sizes)
    }

    private func put(_ store: S3ObjectStore) async throws {
        try await store.put([1, 2, 3], at: key, .forKey(key))
    }

    /// Answers in turn, the last one for ever.
    private func script(_ answers: ScriptedAnswer...) -> Script {
        let next = Mutex(0)
        return Script { _ in
            next.withLock { next in
                defer { next += 1 }
                return answers[min(next, answers.count - 1)]
            }
        }
    }

    @Test func `a put says what it puts, signed`() async throws {
        try await ScriptedServer.run(script(.text(""))) { server in
            try await put(store(server))
            let request = try #require(server.requests.first)
            #expect(request.method == "PUT" && request.uri == "/bucket/vod/m/seg.m4s" && request.body == [1, 2, 3])
            #expect(request.headers.first(name: "content-type") == "video/iso.segment")
            #expect(request.headers.first(name: "cache-control") == "public, max-age=31536000, immutable")
            #expect(request.headers.first(name: "x-amz-security-token") == "covered")
            let signed = "SignedHeaders=cache-control;content-type;host;x-amz-content-sha256;x-amz-date;"
            #expect(request.headers.first(name: "authorization")?.contains(signed) == true)
        }
    }

    @Test(arguments: [
        (403, "AccessDenied", ObjectStoreError.Code.accessDenied, "allow these keys to read, write, list and delete"),
        (403, "SignatureDoesNotMatch", .accessDenied, "see AWS_SECRET_ACCESS_KEY and the region"),
        (403, "InvalidAccessKeyId", .accessDenied, "see AWS_ACCESS_KEY_ID"),
        (403, "RequestTimeTooSkewed", .accessDenied, "set the clock of this machine"),
        (403, "QuotaExceeded", .full, "make room or raise the quota"),
        (404, "NoSuchBucket", .invalidConfiguration, "make the bucket, or see OBJECT_STORE_URL"),
        (301, "PermanentRedirect", .invalidConfiguration, "see the region in OBJECT_STORE_URL"),
        (507, "InsufficientStorage", .full, "make room"),
    ])
    func `an answer that will not change is told at once`(
        status: Int,
        name: String,
        code: ObjectStoreError.Code,
        advice: String
    ) async throws {
        try await ScriptedServer.run(script(.error(status, name))) { server in
            let error = try #require(await #expect(throws: ObjectStoreError.self) { try await put(store(server)) })
            #expect(error.code == code)
            for part in ["cannot put 'm/seg.m4s' in bucket 'bucket'", "\(status) (\(name))", advice] {
                #expect(error.message.contains(part), "\(error.message)")
            }
            #expect(!error.message.contains("hidden") && !error.message.contains("covered"))
            #expect(server.requests.count == 1)
        }
    }

    @Test func `an object that is not there is nil, and deleting it is no error`() async throws {
        try await ScriptedServer.run(script(.error(404, "NoSuchKey"))) { server in
            let store = try store(server)
            #expect(try await store.get(key) == nil)
            try await store.delete(key)
        }
        try await ScriptedServer.run(script(.error(404, "NoSuchBucket"))) { server in
            let store = try self.store(server)
            await #expect(throws: ObjectStoreError.self) { try await store.get(key) }
        }
    }

    @Test(arguments: [
        ScriptedAnswer.error(500, "InternalError"), .error(503, "SlowDown"), .error(502, ""), .error(504, ""),
        .error(408, ""), .error(429, "TooMany"), .error(400, "RequestTimeout"), .error(400, "BadDigest"),
        .text("", status: 503, ("retry-after", "0")), .error(200, "InternalError"),
        ScriptedAnswer(body: [1, 2, 3, 4], statedLength: 4, sentLength: 1), ScriptedAnswer.hangup,
    ])
    func `a failure that may pass is tried again`(failure: ScriptedAnswer) async throws {
        try await ScriptedServer.run(script(failure, failure, .text(""))) { server in
            try await put(store(server))
            #expect(server.requests.count == 3)
        }
    }

    @Test func `a failure that does not pass is told after the last try`() async throws {
        try await ScriptedServer.run(script(.error(500, "InternalError"))) { server in
            let error = try #require(await #expect(throws: ObjectStoreError.self) { try await put(store(server)) })
            #expect(error.code == .unavailable && error.message.contains("500 (InternalError)"))
            #expect(server.requests.count == 5)
        }
    }

    @Test func `a server that asks for more patience than there is, is not waited for`() async throws {
        try await ScriptedServer.run(script(.text("", status: 503, ("retry-after", "3600")))) { server in
            await #expect(throws: ObjectStoreError.self) { try await put(store(server)) }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a server that never answers ends in an error`() async throws {
        try await ScriptedServer.run(script(.silence)) { server in
            let store = try store(server, timeout: .milliseconds(500), attempts: 2)
            let error = try #require(await #expect(throws: ObjectStoreError.self) { try await put(store) })
            #expect(error.code == .unavailable && error.message.contains("did not answer within"))
        }
    }

    @Test func `a server that is not there is an error that says so`() async throws {
        let store = try await ScriptedServer.run(script(.text(""))) { server -> S3ObjectStore in
            try self.store(server, attempts: 2)
        }
        let error = try #require(await #expect(throws: ObjectStoreError.self) { try await put(store) })
        #expect(error.code == .unavailable && error.message.contains("refused"), "\(error)")
    }

    @Test func `a put that is cancelled ends`() async throws {
        try await ScriptedServer.run(script(.silence)) { server in
            let store = try store(server)
            let task = Task { try await put(store) }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: ObjectStoreError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func `half a body, and one of a wrong length, are noticed and got again`() async throws {
        let bytes = Array("0123456789".utf8)
        let hash = ("x-amz-meta-sha256", ContentDigest.sha256(bytes))
        let whole = ScriptedAnswer(headers: [hash], body: bytes)
        var half = whole
        half.statedLength = 10
        half.sentLength = 5
        var short = whole
        short.statedLength = 5
        var other = whole
        other.body[3] = 0
        try await ScriptedServer.run(script(half, short, other, whole)) { server in
            let store = try self.store(server)
            #expect(try await store.get(key) == bytes)
            #expect(server.requests.count == 4)
        }
    }

    @Test func `an object that is larger than may be got is not read`() async throws {
        try await ScriptedServer.run(script(ScriptedAnswer(body: [UInt8](repeating: 1, count: 11)))) { server in
            var sizes = S3ObjectStore.Sizes()
            sizes.largestGet = 10
            let store = try self.store(server, sizes: sizes)
            let error = await #expect(throws: ObjectStoreError.self) { try await store.get(key) }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test func `with a fifth of all puts failing, all objects arrive whole`() async throws {
        let state = Mutex((numbers: SeededNumbers(seed: 20), objects: [String: [UInt8]]()))
        let failures: [ScriptedAnswer] = [
            .error(500, "InternalError"), .error(503, "SlowDown"), ScriptedAnswer.hangup,
            .error(200, "InternalError"),
        ]
        try await ScriptedServer.run(
            Script { request in
                state.withLock { state in
                    if UInt64.random(in: 0..<5, using: &state.numbers) == 0 {
                        return failures.randomElement(using: &state.numbers) ?? .silence
                    }
                    state.objects[request.path] = request.body
                    return .text("")
                }
            }
        ) { server in
            let store = try store(server)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let key = try #require(ObjectKey("m/seg_\(number)"))
                        try await store.put([UInt8](repeating: UInt8(number), count: 1000), at: key, .forKey(key))
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.requests.count > 220)
        }
        let objects = state.withLock { $0.objects }
        #expect(objects.count == 200)
        for number in 0..<200 {
            let isWhole = objects["/bucket/vod/m/seg_\(number)"] == [UInt8](repeating: UInt8(number), count: 1000)
            #expect(isWhole, "object \(number)")
        }
    }
}
