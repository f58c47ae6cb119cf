import EventSchema
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import RealtimeDomain
import ServiceLifecycle
import Synchronization

@testable import RealtimeAuthorization

/// A backend on a free port that answers as it is told to, and notes what it was asked.
final class DecidingBackend: Sendable {
    /// A request as it came.
    struct Asked: Sendable {
        let headers: HTTPFields
        let body: String
    }

    private struct State {
        var asked: [Asked] = []
        var answer: @Sendable () async -> Response
    }

    private let state: Mutex<State>
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init(_ answer: @escaping @Sendable () async -> Response) {
        state = Mutex(State(answer: answer))
    }

    var requests: [Asked] { state.withLock { $0.asked } }
    var asked: [JSONValue] { requests.map { (try? JSONParser.parse(Array($0.body.utf8))) ?? .null } }

    func answer(_ answer: @escaping @Sendable () async -> Response) { state.withLock { $0.answer = answer } }

    /// Serves while `body` runs, which gets the address.
    func serve(_ body: (URL) async throws -> Void) async throws {
        let router = Router()
        router.post("/may") { [self] request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let answer = state.withLock { state in
                state.asked.append(Asked(headers: request.headers, body: String(buffer: body)))
                return state.answer
            }
            return await answer()
        }
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { running.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [application], logger: logger)
        )
        let serving = Task { try await services.run() }
        var port = 0
        for await found in ports {
            port = found
            break
        }
        let result: Swift.Result<Void, any Error>
        do {
            guard let url = URL(string: "http://127.0.0.1:\(port)/may") else { throw CancellationError() }
            result = .success(try await body(url))
        } catch {
            result = .failure(error)
        }
        serving.cancel()
        _ = try? await serving.value
        try result.get()
    }

    static func json(_ text: String, _ headers: HTTPFields = [:]) -> Response {
        Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static let yes = #"{"allow":true}"#
    static let no = #"{"allow":false}"#
}

/// How long a backend of a test may take, that is not about its time: longer than a busy machine makes it wait.
let patience = Duration.seconds(30)

/// Runs `body` with an authorizer whose connections are closed afterwards.
func withAuthorizer(
    _ settings: BackendAuthorizer.Settings,
    clock: TestClock = TestClock(),
    _ body: (BackendAuthorizer) async throws -> Void
) async throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    try await running(BackendAuthorizer(settings, now: { clock.now }, logger: logger), body)
}

/// Runs `body` with an introspector whose connections are closed afterwards; to it the clock began at `start`.
func withIntrospector(
    _ settings: TokenIntrospector.Settings,
    clock: TestClock = TestClock(),
    start: Timestamp = Timestamp(milliseconds: 1_704_110_400_000),
    _ body: (TokenIntrospector) async throws -> Void
) async throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let began = clock.now
    let time: @Sendable () -> Timestamp = {
        let (seconds, fraction) = began.duration(to: clock.now).components
        return Timestamp(milliseconds: start.milliseconds + seconds * 1000 + fraction / 1_000_000_000_000_000)
    }
    try await running(TokenIntrospector(settings, now: { clock.now }, time: time, logger: logger), body)
}

private func running<S: Service>(_ service: S, _ body: (S) async throws -> Void) async throws {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let services = ServiceGroup(
        configuration: ServiceGroupConfiguration(services: [service], logger: logger)
    )
    let serving = Task { try await services.run() }
    let result: Swift.Result<Void, any Error>
    do { result = .success(try await body(service)) } catch { result = .failure(error) }
    await services.triggerGracefulShutdown()
    try await serving.value
    try result.get()
}

/// A clock that is moved by hand.
final class TestClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }

    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}
