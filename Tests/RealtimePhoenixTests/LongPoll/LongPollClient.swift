import EventSchema
import Foundation
import RealtimeTesting
import Testing

/// A long-poll client that shows every answer; each request has a connection of its own.
struct LongPollClient {
    let port: Int
    /// The parameters of every request, as phoenix.js sends them.
    let parameters: String
    /// What continues the session.
    var token = ""

    init(port: Int, _ parameters: String = "token=a&vsn=2.0.0") {
        self.port = port
        self.parameters = parameters
    }

    /// Opens a session.
    static func open(_ server: TestServer, _ parameters: String = "token=a&vsn=2.0.0") async throws -> LongPollClient {
        var client = LongPollClient(port: server.port, parameters)
        let body = try await client.poll().body
        client.token = try #require(try JSONParser.parse(body)["token"]?.stringValue)
        #expect(body == #"{"messages":[],"status":410,"token":"\#(client.token)"}"#)
        return client
    }

    struct Response {
        let head: String
        let body: String
    }

    func request(_ method: String, headers: String = "", body: String = "") async throws -> Response {
        let session = token.isEmpty ? "" : "&token=\(token)"
        let head = "\(method) /socket/longpoll?\(parameters)\(session) HTTP/1.1\r\nHost: localhost\r\n"
        let length = "Content-Length: \(body.utf8.count)\r\n"
        let response = try await WireClient.withConnection(port: port) { client in
            try await client.request(head + headers + (body.isEmpty ? "" : length) + "\r\n" + body)
        }
        let end = try #require(response.range(of: "\r\n\r\n"))
        return Response(head: String(response[..<end.lowerBound]), body: String(response[end.upperBound...]))
    }

    func poll() async throws -> Response { try await request("GET") }

    /// Brings messages, one a line; returns the answer's body.
    func push(_ lines: String...) async throws -> String {
        try await request(
            "POST",
            headers: "Content-Type: application/x-ndjson\r\n",
            body: lines.joined(separator: "\n")
        ).body
    }

    /// The messages of the next poll, which has to bring some.
    func messages() async throws -> [String] {
        let body = try await poll().body
        let answer = try JSONParser.parse(body)
        try #require(answer["status"] == 200 && answer["token"] == .string(token), "\(body)")
        return answer["messages"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// What a poll that waits is answered when `body` has run.
    func answer(after body: @escaping @Sendable () async throws -> Void) async throws -> Response {
        try await withThrowingTaskGroup(of: Response.self) { group in
            for _ in 0..<2 { group.addTask { try await poll() } }
            // The earlier of two is answered because the later one waits.
            let earlier = try await group.next()
            #expect(earlier?.body == #"{"messages":[],"status":204,"token":"\#(token)"}"#)
            try await body()
            return try #require(try await group.next())
        }
    }

    func status() async throws -> Int64? { try JSONParser.parse(try await poll().body)["status"]?.integerValue }
}
