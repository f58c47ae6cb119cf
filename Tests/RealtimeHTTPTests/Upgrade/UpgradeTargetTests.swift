import NIOCore
import NIOHTTP1
import Testing

@testable import RealtimeHTTP

struct UpgradeTargetTests {
    private struct Shared: WebSocketEndpoint {
        let path = "/socket.io/"

        func answer(_ request: UpgradeRequest) async -> UpgradeAnswer { .refuse(.forbidden) }
    }

    private func target(_ text: String) -> String {
        switch UpgradeTarget(ByteBuffer(string: text), among: [EchoEndpoint(), Shared()]) {
        case .unknown: "unknown"
        case .endpoint(let endpoint): endpoint.path
        case .other: "other"
        }
    }

    @Test(arguments: [
        ("", "unknown"), ("GET", "unknown"), ("GET /ech", "unknown"), ("GET /echo", "unknown"), ("GET /echo ", "/echo"),
        ("GET /echo?", "/echo"), ("POST /echo?x", "/echo"), ("GET /echo\r", "/echo"), ("GET /echo/ ", "other"),
        ("GET /hello ", "other"), ("GET /Echo ", "other"), ("GET /socket.io/?EIO=4 ", "/socket.io/"),
        ("POST /socket.io/?EIO=4 ", "/socket.io/"), ("GET /socket.io ", "other"),
        ("GET /much-longer-than-any", "other"),
        ("\u{16}\u{3}\u{1}\u{0}", "other"), (String(repeating: "x", count: 32), "unknown"),
        (String(repeating: "x", count: 33), "other"), ("nonsense\r\n", "other"), ("\n", "other"), ("\r", "unknown"),
        ("\r\r", "other"),
    ])
    func `a target is known as soon as it can be`(_ text: String, _ expected: String) {
        #expect(target(text) == expected)
    }
}
