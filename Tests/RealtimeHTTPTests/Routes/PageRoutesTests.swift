import EventSchema
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import RealtimeHTTP

@Suite(.timeLimit(.minutes(1))) struct PageRoutesTests {
    private static let browser: HTTPFields = [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"]

    private func get(
        _ path: String,
        _ headers: HTTPFields = [:],
        method: HTTPRequest.Method = .get,
        mediaURL: String = "https://cdn.example.com:8443/media"
    ) async throws -> TestResponse {
        let description = ServiceDescription(
            name: "realtime-gateway",
            version: "0.1.0",
            environment: "test",
            now: { Timestamp(milliseconds: 1_704_067_200_000) }
        )
        let router = GatewayRoutes(description, mediaURL: mediaURL, mediaRoot: nil).router()
        router.get("/broken") { _, _ -> Response in throw Broken() }
        return try await Application(router: router).test(.router) { client in
            try await client.execute(uri: path, method: method, headers: headers)
        }
    }

    private struct Broken: Error {}

    @Test func `a browser gets the page`() async throws {
        let response = try await get("/?media=1&room=demo", Self.browser)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.vary] == "Accept")
        #expect(response.headers.contains { $0.name.canonicalName == "referrer-policy" && $0.value == "no-referrer" })
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        let text = String(buffer: response.body)
        #expect(text.hasPrefix("<!doctype html>"))
        #expect(text.contains(#"content="https://cdn.example.com:8443/media""#))
        #expect(!text.contains("{{"))
    }

    @Test func `the page may load the player, the media and nothing else`() async throws {
        let response = try await get("/", Self.browser)
        let policy = try #require(response.headers[.contentSecurityPolicy]).split(separator: "; ")
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains { $0.hasPrefix("script-src 'self' https://cdn.jsdelivr.net/npm/hls.js@") })
        #expect(policy.contains { $0.hasPrefix("connect-src 'self' https://cdn.example.com:8443") })
        #expect(!response.headers[.contentSecurityPolicy]!.contains("unsafe"))
    }

    @Test(arguments: ["/media", "https://cdn.example.com/a;script-src *", "", "https://ex;ample.com"])
    func `an odd media address cannot widen the policy`(_ mediaURL: String) async throws {
        let response = try await get("/", Self.browser, mediaURL: mediaURL)
        let policy = try #require(response.headers[.contentSecurityPolicy])
        #expect(policy.split(separator: ";").filter { $0.contains("script-src") }.count == 1)
        #expect(!policy.contains("*"))
    }

    @Test func `an odd media address is escaped in the page`() async throws {
        let response = try await get("/", Self.browser, mediaURL: #""><script>alert(1)</script>"#)
        #expect(!String(buffer: response.body).contains("<script>alert"))
    }

    @Test func `what the page and its scripts name is served`() async throws {
        var unread = ["/"]
        var read: Set<String> = []
        while let path = unread.popLast() {
            let response = try await get(path, Self.browser)
            #expect(response.status == .ok, "\(path)")
            read.insert(path)
            let names = String(buffer: response.body).matches(of: /(?:href|src)="(\/assets\/[^"]+)"|from '\.(\/[^']+)'/)
            unread += names.map { $0.1.map(String.init) ?? "/assets\($0.2 ?? "")" }.filter { !read.contains($0) }
        }
        #expect(read.count == 8)
    }

    @Test func `the page loads the player that its policy allows`() async throws {
        let policy = try #require(try await get("/", Self.browser).headers[.contentSecurityPolicy])
        let script = String(buffer: try await get("/assets/player.js").body)
        let library = try #require(script.firstMatch(of: /LIBRARY = '([^']+)'/)?.1)
        #expect(policy.contains("script-src 'self' \(library);"))
        #expect(script.contains("LIBRARY_HASH = 'sha384-"))
    }

    @Test func `a program gets the facts`() async throws {
        let response = try await get("/", [.accept: "*/*"])
        #expect(response.headers[.contentType] == "application/json")
        let facts = try JSONParser.parse(String(buffer: response.body))
        #expect(facts["name"] == "realtime-gateway")
        #expect(facts["version"] == "0.1.0")
        #expect(facts["status"] == "running")
        #expect(facts["environment"] == "test")
        #expect(facts["timestamp"] == "2024-01-01T00:00:00Z")
        #expect(facts["health"] == "/health")
        #expect(facts["endpoints"]?["metrics"] == "/metrics")
        #expect(facts["websocket"]?["transports"] == ["websocket", "polling", "longpoll"])
    }

    @Test(
        arguments: [("/assets/app.css", "text/css")]
            + ["app", "chat", "page", "phoenix", "player", "storyboard"].map { ("/assets/\($0).js", "text/javascript") }
    )
    func `what the page is made of is served, once`(_ path: String, _ type: String) async throws {
        let response = try await get(path)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType]?.hasPrefix(type) == true)
        #expect(response.body.readableBytes > 0)
        let tag = try #require(response.headers[.eTag])
        let again = try await get(path, [.ifNoneMatch: tag])
        #expect(again.status == .notModified)
        #expect(again.body.readableBytes == 0)
        let head = try await get(path, method: .head)
        #expect(head.headers[.contentLength] == response.headers[.contentLength])
    }

    @Test func `an unknown path is a JSON 404`() async throws {
        let response = try await get("/nothing/here", Self.browser)
        #expect(response.status == .notFound)
        #expect(String(buffer: response.body) == #"{"detail":"not found"}"#)
    }

    @Test func `another method is a JSON 405`() async throws {
        let response = try await get("/", method: .post)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, HEAD")
        #expect(String(buffer: response.body) == #"{"detail":"POST is not allowed here"}"#)
    }

    @Test func `a failure of ours tells no details`() async throws {
        let response = try await get("/broken")
        #expect(response.status == .internalServerError)
        #expect(String(buffer: response.body) == #"{"detail":"internal server error"}"#)
    }
}
