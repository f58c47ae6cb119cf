import Foundation
import Messaging
import MessagingTesting
import RabbitMQ
import Subprocess
import Testing

/// What a client does on a broker that misbehaves as a whole: one of its own, one test after the other.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FaultTests {
    private static let breakable = Task { try await BreakableBroker.start() }

    @Test func `a client trusts a broker by its authority and its name`() async throws {
        let broker = try await Self.breakable.value
        let queue = WorkQueue()
        try await withClient(try broker.tls(host: "localhost", authority: "ca"), topology: queue.topology) { client in
            try await client.publishUntilTaken(Message(body: [1], messageID: "secret"), to: queue.destination)
            #expect(client.status.publisher == .connected)
        }
        #expect(try await broker.broker.drain(queue.name, until: 1).count == 1)
    }

    @Test(arguments: [
        ("127.0.0.1", "ca", MessagingError.Code.accessRefused), ("localhost", "foreign", .accessRefused),
        ("localhost", "none", .invalidConfiguration),
    ])
    func `a certificate for another name, from a foreign authority or without one stops the start`(
        host: String,
        authority: String,
        code: MessagingError.Code
    ) async throws {
        let broker = try await Self.breakable.value
        let configuration = try broker.tls(host: host, authority: authority)
        let client = RabbitMQBroker(configuration: configuration, logger: .silent)
        let error = await #expect(throws: MessagingError.self) { try await client.run() }
        #expect(error?.code == code, "\(error?.message ?? "no error")")
    }

    @Test func `a blocked broker makes publishers wait, and goes on where it stopped`() async throws {
        let broker = try await Self.breakable.value.broker
        let queue = WorkQueue()
        try await withClient(try broker.configuration(), topology: queue.topology) { client in
            try await client.publishUntilTaken(Message(body: [1], messageID: "before"), to: queue.destination)
            try await broker.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
            async let during: Void = client.publishUntilTaken(
                Message(body: [1], messageID: "during"),
                to: queue.destination
            )
            try await client.status { if case .blocked = $0.publisher { true } else { false } }
            #expect(!client.status.isReady)
            try await client.publish(Message(body: [1]), to: queue.destination, guarantee: .bestEffort)
            try await broker.ctl("set_vm_memory_high_watermark", "absolute", "1GB")
            try await during
            try await client.status(until: \.isReady)
            try await client.publishUntilTaken(Message(body: [1], messageID: "after"), to: queue.destination)
        }
        let received = try await broker.drain(queue.name, until: 3).map(\.message.messageID)
        #expect(received == ["before", "during", "after"])
    }

    @Test func `nothing confirmed is lost when the broker is killed and comes back`() async throws {
        let broker = try await Self.breakable.value.broker
        let queue = WorkQueue()
        var configuration = try broker.configuration()
        configuration.confirmTimeout = .seconds(90)
        let confirmed = Watched(0)
        let isBack = Watched(false)
        try await withClient(configuration, topology: queue.topology) { client in
            let publishing = Task {
                // Until it has been gone and is back.
                while !isBack.value {
                    let message = Message(body: [1], messageID: "\(confirmed.value)")
                    try await client.publishUntilTaken(message, to: queue.destination)
                    confirmed.update { $0 += 1 }
                }
            }
            try await confirmed.wait { $0 >= 100 }
            try await broker.kill()
            try await broker.restart()
            let before = confirmed.value
            try await confirmed.wait { $0 > before }
            isBack.update { $0 = true }
            try await publishing.value
        }
        let expected = Set((0..<confirmed.value).map(String.init))
        let received = try await broker.drain(queue.name, until: expected.count).compactMap(\.message.messageID)
        #expect(expected.isSubset(of: received))
    }
}

/// A broker that speaks TLS, too, and that one suite may break.
private struct BreakableBroker: Sendable {
    let broker: PrivateBroker
    let tlsPort: Int

    static func start() async throws -> BreakableBroker {
        let tlsPort = try PrivateBroker.freePort()
        let broker = try await PrivateBroker.start { folder in
            try await makeCertificates(in: folder)
            return """
                listeners.ssl.1 = 127.0.0.1:\(tlsPort)
                ssl_options.cacertfile = \(folder.path)/ca.pem
                ssl_options.certfile = \(folder.path)/server.pem
                ssl_options.keyfile = \(folder.path)/server.key
                ssl_options.verify = verify_none

                """
        }
        return BreakableBroker(broker: broker, tlsPort: tlsPort)
    }

    func tls(host: String, authority: String) throws -> RabbitMQConfiguration {
        try RabbitMQConfiguration(
            url: "amqps://guest:guest@\(host):\(tlsPort)",
            connectionName: "tls",
            caFile: broker.folder.appending(path: "\(authority).pem").path
        )
    }

    /// Two authorities, and a certificate of the first for localhost.
    private static func makeCertificates(in folder: URL) async throws {
        for authority in ["ca", "foreign"] {
            try await openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=\(authority) -keyout \(authority).key "
                    + "-out \(authority).pem -addext basicConstraints=critical,CA:TRUE",
                in: folder
            )
        }
        try await openssl(
            "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
            in: folder
        )
        try Data("subjectAltName=DNS:localhost".utf8).write(to: folder.appending(path: "names"))
        try await openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem -extfile names",
            in: folder
        )
    }

    private static func openssl(_ arguments: String, in folder: URL) async throws {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", "cd \"$0\" && exec openssl \(arguments)", folder.path]),
            output: .discarded,
            error: .discarded
        )
        #expect(result.terminationStatus.isSuccess, "openssl \(arguments)")
    }
}
