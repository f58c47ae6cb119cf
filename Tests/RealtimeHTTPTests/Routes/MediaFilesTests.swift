import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import RealtimeHTTP

@Suite(.timeLimit(.minutes(1))) struct MediaFilesTests {
    private let store: StoreFolder

    init() throws {
        store = try StoreFolder()
        try store.write("0123456789", at: "m/video/720p/seg_00001.m4s")
        try store.write("", at: "m/empty.json")
    }

    private func get(
        _ path: String,
        _ headers: HTTPFields = [:],
        method: HTTPRequest.Method = .get
    ) async throws -> TestResponse {
        let routes = GatewayRoutes(.init(name: "test", version: "1"), mediaURL: "/media", mediaRoot: store.root)
        return try await Application(router: routes.router()).test(.router) { client in
            try await client.execute(uri: path, method: method, headers: headers)
        }
    }

    private static let segment = "/media/m/video/720p/seg_00001.m4s"

    // MARK: Whole files

    @Test func `a file is served whole`() async throws {
        let response = try await get(Self.segment)
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "0123456789")
        #expect(response.headers[.contentLength] == "10")
        #expect(response.headers[.acceptRanges] == "bytes")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.cacheControl]?.contains("immutable") == true)
        #expect(response.headers[.lastModified]?.hasSuffix(" GMT") == true)
        #expect(response.headers[.eTag]?.hasPrefix("\"") == true)
    }

    @Test(arguments: [
        ("master.m3u8", "application/vnd.apple.mpegurl"), ("manifest.mpd", "application/dash+xml"),
        ("video/720p/init.mp4", "video/mp4"), ("video/720p/seg_00001.m4s", "video/"), ("poster.jpg", "image/jpeg"),
        ("storyboard.vtt", "text/vtt"), ("asset.json", "application/json"),
    ])
    func `each kind of file has its media type`(_ name: String, _ type: String) async throws {
        try store.write("content", at: "kinds/\(name)")
        let response = try await get("/media/kinds/\(name)")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType]?.hasPrefix(type) == true)
    }

    @Test func `playlists are not kept for long`() async throws {
        try store.write("#EXTM3U", at: "m/master.m3u8")
        let cacheControl = try await get("/media/m/master.m3u8").headers[.cacheControl]
        #expect(cacheControl?.contains("immutable") == false)
        #expect(cacheControl?.contains("max-age=") == true)
    }

    @Test func `an empty file is served`() async throws {
        let response = try await get("/media/m/empty.json")
        #expect(response.status == .ok)
        #expect(response.headers[.contentLength] == "0")
        #expect(response.body.readableBytes == 0)
    }

    @Test func `a head answer has the headers and no body`() async throws {
        let response = try await get(Self.segment, [.range: "bytes=0-1"], method: .head)
        #expect(response.status == .ok)
        #expect(response.headers[.contentLength] == "10")
        #expect(response.body.readableBytes == 0)
    }

    @Test func `a large file comes over the wire in pieces and whole`() async throws {
        let content = (0..<3_000_007).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
        try store.write(content, at: "m/large.mp4")
        let routes = GatewayRoutes(.init(name: "test", version: "1"), mediaURL: "/media", mediaRoot: store.root)
        try await Application(router: routes.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)))
            .test(.live) { client in
                let whole = try await client.execute(uri: "/media/m/large.mp4", method: .get)
                #expect(whole.body == ByteBuffer(bytes: content))
                let tail = try await client.execute(
                    uri: "/media/m/large.mp4",
                    method: .get,
                    headers: [.range: "bytes=1000001-"]
                )
                #expect(tail.body == ByteBuffer(bytes: content[1_000_001...]))
                let head = try await client.execute(uri: "/media/m/large.mp4", method: .head)
                #expect(head.headers[.contentLength] == "3000007")
            }
    }

    // MARK: Ranges

    @Test(arguments: [
        ("bytes=0-0", "0", "bytes 0-0/10"), ("bytes=2-5", "2345", "bytes 2-5/10"),
        ("bytes=5-", "56789", "bytes 5-9/10"), ("bytes=0-", "0123456789", "bytes 0-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"), ("bytes=-100", "0123456789", "bytes 0-9/10"),
        ("bytes=8-100", "89", "bytes 8-9/10"), ("Bytes=9-9", "9", "bytes 9-9/10"),
        ("bytes=0-99999999999999999999999", "0123456789", "bytes 0-9/10"),
    ])
    func `a range is served as part`(_ range: String, _ body: String, _ contentRange: String) async throws {
        let response = try await get(Self.segment, [.range: range])
        #expect(response.status == .partialContent)
        #expect(String(buffer: response.body) == body)
        #expect(response.headers[.contentRange] == contentRange)
        #expect(response.headers[.contentLength] == String(body.utf8.count))
    }

    @Test(arguments: ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"])
    func `a range beyond the end is refused`(_ range: String) async throws {
        let response = try await get(Self.segment, [.range: range])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers[.contentRange] == "bytes */10")
        #expect(String(buffer: response.body) == #"{"detail":"the file has 10 bytes"}"#)
    }

    @Test(arguments: [
        "bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes 1-2", "lines=1-2", "bytes=0-1,3-4", "=0-1",
        "bytes=+1-2", "bytes= 1-2", "bytes=1-2-3",
    ])
    func `a range that we need not honour gets the whole`(_ range: String) async throws {
        let response = try await get(Self.segment, [.range: range])
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "0123456789")
    }

    @Test func `a range of an empty file is refused`() async throws {
        let response = try await get("/media/m/empty.json", [.range: "bytes=0-"])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers[.contentRange] == "bytes */0")
    }

    @Test func `a range counts only if the file is what the client thinks`() async throws {
        let current = try await get(Self.segment).headers
        let tag = try #require(current[.eTag])
        let date = try #require(current[.lastModified])
        for (condition, status) in [
            (tag, .partialContent), (date, .partialContent), ("\"other\"", .ok), ("W/\(tag)", .ok),
            ("Tue, 14 Nov 2023 22:13:20 GMT", .ok), ("nonsense", .ok),
        ] as [(String, HTTPResponse.Status)] {
            let response = try await get(Self.segment, [.range: "bytes=1-2", .ifRange: condition])
            #expect(response.status == status, "If-Range: \(condition)")
        }
    }

    // MARK: Copies

    @Test func `a good copy is not sent again`() async throws {
        let current = try await get(Self.segment).headers
        let tag = try #require(current[.eTag])
        let date = try #require(current[.lastModified])
        for headers in [
            [.ifNoneMatch: tag], [.ifNoneMatch: "W/\(tag)"], [.ifNoneMatch: "\"a\", \(tag)"], [.ifNoneMatch: "*"],
            [.ifModifiedSince: date], [.ifNoneMatch: tag, .range: "bytes=1-2"],
        ] as [HTTPFields] {
            let response = try await get(Self.segment, headers)
            #expect(response.status == .notModified, "\(headers)")
            #expect(response.body.readableBytes == 0)
            #expect(response.headers[.eTag] == tag)
        }
    }

    @Test func `an outdated copy is replaced`() async throws {
        let tag = try #require(try await get(Self.segment).headers[.eTag])
        try store.write("new", at: "m/video/720p/seg_00001.m4s")
        let response = try await get(
            Self.segment,
            [.ifNoneMatch: tag, .ifModifiedSince: "Fri, 31 Dec 9999 23:59:59 GMT"]
        )
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "new")
        #expect(response.headers[.eTag] != tag)
        let older = try await get(Self.segment, [.ifModifiedSince: "Tue, 14 Nov 2023 22:13:20 GMT"])
        #expect(older.status == .ok)
    }

    // MARK: What is no file

    @Test(arguments: [
        "/media", "/media/", "/media/m", "/media/m/", "/media/m/absent.m4s", "/media/m/empty.json/more",
        "/media/../secret.txt", "/media/m/../../secret.txt", "/media/..%2fsecret.txt", "/media/%2e%2e/secret.txt",
        "/media/m/..", "/media/./m/empty.json", "/media//etc/passwd", "/media/m//empty.json", "/media/m/empty.json%00",
        "/media/link.txt", "/media/folder/secret.txt", "/media/m/.unfinished", "/media/.tmp/part.m4s",
        "/media/pipe.mp4",
        "/media/\(String(repeating: "a", count: 300))", "/media/m\\..\\..\\secret.txt",
    ])
    func `nothing outside or unfinished is served`(_ path: String) async throws {
        try "secret".write(toFile: store.outside + "/secret.txt", atomically: true, encoding: .utf8)
        try store.link("link.txt", to: store.outside + "/secret.txt")
        try store.link("folder", to: store.outside)
        try store.write("half", at: "m/.unfinished")
        try store.write("half", at: ".tmp/part.m4s")
        #expect(mkfifo(store.root + "/pipe.mp4", 0o600) == 0)
        let response = try await get(path)
        #expect(response.status == .notFound)
        #expect(response.headers[.contentType] == "application/json")
        #expect(String(buffer: response.body).hasPrefix(#"{"detail":""#))
    }

    @Test func `a missing file is not remembered as missing`() async throws {
        let response = try await get("/media/m/later.m4s")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.accessControlAllowOrigin] == "*")
    }

    @Test func `a store that is not there yet has no files`() async throws {
        let routes = GatewayRoutes(
            .init(name: "test", version: "1"),
            mediaURL: "/media",
            mediaRoot: store.outside + "/absent"
        )
        try await Application(router: routes.router()).test(.router) { client in
            let response = try await client.execute(uri: "/media/m/x.mp4", method: .get)
            #expect(response.status == .notFound)
        }
    }

    // MARK: Other origins and other methods

    @Test func `players on other origins may read`() async throws {
        let response = try await get(Self.segment, [.origin: "https://app.example.com"])
        #expect(response.headers[.accessControlAllowOrigin] == "*")
        for name in ["Content-Length", "Content-Range", "ETag"] {
            #expect(response.headers[.accessControlExposeHeaders]?.contains(name) == true)
        }
    }

    @Test func `a preflight is answered`() async throws {
        let response = try await get(Self.segment, [.origin: "https://app.example.com"], method: .options)
        #expect(response.status == .noContent)
        #expect(response.headers[.accessControlAllowOrigin] == "*")
        #expect(response.headers[.accessControlAllowMethods]?.contains("GET") == true)
        #expect(response.headers[.accessControlAllowHeaders]?.contains("Range") == true)
    }

    @Test(arguments: [.post, .put, .delete, .patch] as [HTTPRequest.Method])
    func `other methods are refused`(_ method: HTTPRequest.Method) async throws {
        let response = try await get(Self.segment, method: method)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(String(buffer: response.body).hasPrefix(#"{"detail":""#))
    }
}
