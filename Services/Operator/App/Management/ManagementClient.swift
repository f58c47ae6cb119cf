import AsyncHTTPClient
import EventSchema
import Foundation
import NIOCore
import NIOHTTP1

/// RabbitMQ's management API.
///
/// Each request takes at most 10 s, and of an answer at most 32 MiB are read; redirects are not followed.
struct ManagementClient: Sendable {
    /// An answer of the API, and when it says that it was made.
    struct Answer: Sendable {
        let value: JSONValue
        let date: Date?
    }

    private static let timeout = Duration.seconds(10)
    private static let maximumBytes = 32 << 20

    /// Lives as long as the command.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let access: ManagementAccess

    func get(_ path: String...) async throws -> JSONValue { try await answer(path).value }

    /// What stands at `path`, whose parts are encoded here; `columns` keeps answers small.
    func answer(_ path: [String], columns: [String] = []) async throws(ManagementError) -> Answer {
        let query = columns.isEmpty ? "" : "?columns=\(columns.joined(separator: ","))"
        return try await send(.GET, path, query, nil)
    }

    func put(_ path: [String], _ body: JSONObject) async throws(ManagementError) {
        _ = try await send(.PUT, path, "", body)
    }

    func post(_ path: [String], _ body: JSONObject) async throws(ManagementError) {
        _ = try await send(.POST, path, "", body)
    }

    // MARK: Sending

    private func send(
        _ method: HTTPMethod,
        _ path: [String],
        _ query: String,
        _ body: JSONObject?
    ) async throws(ManagementError) -> Answer {
        let name = "\(access.base)/api/\(path.joined(separator: "/"))"
        let request = request(method, path, query, body)
        do {
            let (response, bytes) = try await Self.exchange(request)
            return try read(response, bytes, name)
        } catch let error as ManagementError {
            throw error
        } catch is NIOTooManyBytesError {
            throw ManagementError(.malformed, "\(name) answers with more than \(Self.maximumBytes) bytes")
        } catch {
            throw ManagementError(
                .unreachable,
                "the management API at \(access.base) cannot be reached: \(Self.name(error))"
            )
        }
    }

    /// Sends and reads all, or throws at the deadline; the client's own ends with the head of the answer.
    private static func exchange(_ request: HTTPClientRequest) async throws -> (HTTPClientResponse, [UInt8]) {
        try await withThrowingTaskGroup(of: (HTTPClientResponse, [UInt8]).self) { group in
            group.addTask {
                let response = try await client.execute(request, timeout: .seconds(60))
                let body = try await response.body.collect(upTo: maximumBytes)
                return (response, Array(body.readableBytesView))
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw HTTPClientError.cancelled }
            return answer
        }
    }

    private func request(
        _ method: HTTPMethod,
        _ path: [String],
        _ query: String,
        _ body: JSONObject?
    ) -> HTTPClientRequest {
        let encoded = path.map { $0.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? "" }
        var request = HTTPClientRequest(url: "\(access.base)/api/\(encoded.joined(separator: "/"))\(query)")
        request.method = method
        let credentials = Data("\(access.user):\(access.password)".utf8).base64EncodedString()
        request.headers = ["authorization": "Basic \(credentials)", "user-agent": "martlet"]
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(JSONValue.object(body).encoded)
        }
        return request
    }

    // MARK: Reading

    private func read(
        _ response: HTTPClientResponse,
        _ bytes: [UInt8],
        _ name: String
    ) throws(ManagementError) -> Answer {
        let reason = (try? JSONParser.parse(bytes))?["reason"]?.stringValue ?? String(response.status.code)
        switch response.status.code {
        case 200..<300: break
        case 401, 403: throw ManagementError(.unauthorized, "\(access.base) refuses the user \(access.user): \(reason)")
        case 404: throw ManagementError(.notFound, "\(name) is not there: \(reason)")
        default: throw ManagementError(.refused, "\(name) refuses: \(reason)")
        }
        let date = response.headers.first(name: "date").flatMap { try? Date($0, strategy: Self.dateFormat) }
        guard !bytes.isEmpty else { return Answer(value: .null, date: date) }
        do throws(JSONError) {
            return Answer(value: try JSONParser.parse(bytes), date: date)
        } catch {
            throw ManagementError(.malformed, "\(name) does not answer as RabbitMQ does: \(error)")
        }
    }

    /// RFC 9110 section 5.6.7: `Fri, 27 Nov 2026 08:04:31 GMT`.
    private static let dateFormat = Date.ParseStrategy(
        format: """
            \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
            \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) \
            GMT
            """,
        locale: Locale(identifier: "en_US_POSIX"),
        timeZone: .gmt
    )

    private static func name(_ error: any Error) -> String {
        (error as? HTTPClientError)?.shortDescription ?? String(describing: error)
    }
}

extension CharacterSet {
    /// RFC 3986 section 2.3: a virtual host called "/" is one part of a path, too.
    fileprivate static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
}
