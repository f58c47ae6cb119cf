import Crypto
import Foundation
import NIOHTTP1
import ObjectStorage
import Synchronization
import Testing

/// Large objects, against a server that keeps their parts.
@Suite(.timeLimit(.minutes(1)))
struct S3MultipartTests {
    private let key: ObjectKey
    private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }

    init() throws {
        key = try #require(ObjectKey("m/large.mp4"))
    }

    /// What a test lets the server do in place of its duty.
    private struct Fault: Sendable {
        static let none = Fault { _ in nil }

        let answer: @Sendable (ScriptedRequest) -> ScriptedAnswer?

        init(_ answer: @escaping @Sendable (ScriptedRequest) -> ScriptedAnswer?) {
            self.answer = answer
        }
    }

    private struct Kept {
        var parts: [Int: [UInt8]] = [:]
        var object: [UInt8]?
        var tag = ""
        var isOpen = false
    }

    private func run(
        fault: Fault = .none,
        _ body: (S3ObjectStore, ScriptedServer) async throws -> Void
    ) async throws -> Kept {
        let kept = Mutex(Kept())
        try await ScriptedServer.run(
            Script { request in
                kept.withLock { kept in
                    if let answer = fault.answer(request) { return answer }
                    return Self.answer(request, &kept)
                }
            }
        ) { server in
            var settings = S3Client.Settings()
            settings.retries.firstPause = .milliseconds(1)
            var sizes = S3ObjectStore.Sizes()
            sizes.single = 500
            sizes.part = 300
            let location = try S3Location(parsing: "s3://bucket?endpoint=\(server.origin)")
            let credentials = S3Credentials(accessKeyID: "id", secretAccessKey: "key")
            try await body(S3ObjectStore(location, credentials, settings: settings, sizes: sizes), server)
        }
        return kept.withLock { $0 }
    }

    private static func answer(_ request: ScriptedRequest, _ kept: inout Kept) -> ScriptedAnswer {
        switch request.method {
        case "POST" where request.uri.hasSuffix("?uploads="):
            kept.isOpen = true
            return .text("<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId></InitiateMultipartUploadResult>")
        case "PUT":
            let number = Int(request.uri.split(separator: "partNumber=")[1].prefix { $0.isNumber }) ?? 0
            kept.parts[number] = request.body
            return ScriptedAnswer(headers: [("etag", "\"tag-\(number)\"")])
        case "POST":
            guard kept.isOpen else { return .error(404, "NoSuchUpload") }
            kept.isOpen = false
            kept.object = kept.parts.sorted { $0.key < $1.key }.flatMap(\.value)
            return .text("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")
        case "HEAD":
            let digests = kept.parts.sorted { $0.key < $1.key }.flatMap { Array(Insecure.MD5.hash(data: $0.value)) }
            let hex = Insecure.MD5.hash(data: digests).map { String(format: "%02x", $0) }.joined()
            return ScriptedAnswer(
                headers: [("etag", "\"\(hex)-\(kept.parts.count)\"")],
                statedLength: kept.object?.count ?? 0
            )
        default:
            kept.isOpen = false
            kept.parts = [:]
            return ScriptedAnswer(status: 204)
        }
    }

    @Test func `a large object is put in parts, and becomes one at the end`() async throws {
        let kept = try await run { store, server in
            try await store.put(bytes, at: key, .forKey(key))
            #expect(server.requests.map(\.method) == ["POST", "PUT", "PUT", "PUT", "PUT", "POST"])
            #expect(server.requests[0].headers.first(name: "content-type") == "video/mp4")
            #expect(server.requests[1].uri == "/bucket/m/large.mp4?partNumber=1&uploadId=u%261")
            let list = String(decoding: server.requests[5].body, as: UTF8.self)
            #expect(list.contains("<Part><PartNumber>2</PartNumber><ETag>&quot;tag-2&quot;</ETag></Part>"))
        }
        #expect(kept.object == bytes)
    }

    @Test func `if a part cannot be put, what was put is removed`() async throws {
        let kept = try await run(
            fault: Fault { $0.uri.contains("partNumber=3") ? .error(403, "AccessDenied") : nil }
        ) { store, server in
            let error = await #expect(throws: ObjectStoreError.self) {
                try await store.put(bytes, at: key, .forKey(key))
            }
            #expect(error?.code == .accessDenied)
            #expect(server.requests.last?.method == "DELETE")
        }
        #expect(kept.object == nil && kept.parts.isEmpty)
    }

    @Test func `a success that holds an error is none`() async throws {
        let calls = Mutex(0)
        let kept = try await run(
            fault: Fault { request in
                guard request.method == "POST", request.uri.contains("uploadId") else { return nil }
                return calls.withLock { calls in
                    calls += 1
                    return calls < 3 ? .error(200, "InternalError") : nil
                }
            }
        ) { store, _ in try await store.put(bytes, at: key, .forKey(key)) }
        #expect(kept.object == bytes)
    }

    @Test func `that it was complete is found out if the answer was lost`() async throws {
        let completed = Mutex(0)
        let lost = Mutex(Kept())
        try await ScriptedServer.run(
            Script { request in
                lost.withLock { kept in
                    let answer = Self.answer(request, &kept)
                    guard request.method == "POST", request.uri.contains("uploadId") else { return answer }
                    return completed.withLock { completed in
                        completed += 1
                        return completed == 1 ? ScriptedAnswer.hangup : answer
                    }
                }
            }
        ) { server in
            var settings = S3Client.Settings()
            settings.retries.firstPause = .milliseconds(1)
            var sizes = S3ObjectStore.Sizes()
            sizes.single = 500
            sizes.part = 300
            let location = try S3Location(parsing: "s3://bucket?endpoint=\(server.origin)")
            let store = S3ObjectStore(
                location,
                S3Credentials(accessKeyID: "id", secretAccessKey: "key"),
                settings: settings,
                sizes: sizes
            )
            try await store.put(bytes, at: key, .forKey(key))
            #expect(server.requests.map(\.method).suffix(3) == ["POST", "POST", "HEAD"])
        }
        #expect(lost.withLock { $0.object } == bytes)
    }
}
