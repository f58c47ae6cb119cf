import Messaging
import Testing

@testable import RabbitMQ

struct AMQPURLTests {
    @Test func `what an address leaves out is RabbitMQ's default`() throws {
        let address = try AMQPURL("amqp://")
        #expect(address.nodes == [.init(host: "localhost", port: 5672)] && address.virtualHost == "/")
        #expect(address.user == "guest" && address.password == "guest" && !address.isSecure)
        #expect(try AMQPURL("amqps://broker").nodes == [.init(host: "broker", port: 5671)])
    }

    @Test func `parts are percent-decoded`() throws {
        let address = try AMQPURL("amqps://us%40er:p%3A%2Fss%25@rabbit.example:5999/my%2fvhost?heartbeat=7")
        #expect(address.user == "us@er" && address.password == "p:/ss%")
        #expect(address.nodes == [.init(host: "rabbit.example", port: 5999)])
        #expect(address.virtualHost == "my/vhost" && address.heartbeat == .seconds(7))
    }

    @Test(arguments: ["amqp://h", "amqp://h/", "amqp://h/%2F", "amqp://h:5672/%2f"])
    func `the default virtual host has many spellings`(text: String) throws {
        #expect(try AMQPURL(text).virtualHost == "/")
    }

    @Test func `an IPv6 address stands in brackets`() throws {
        #expect(try AMQPURL("amqp://[::1]:5673/v").nodes == [.init(host: "::1", port: 5673)])
    }

    @Test func `a cluster's nodes are separated by commas`() throws {
        let address = try AMQPURL("amqp://u:p@one,[::1]:5673,three:5674/v")
        #expect(
            address.nodes == [
                .init(host: "one", port: 5672), .init(host: "::1", port: 5673), .init(host: "three", port: 5674),
            ]
        )
        #expect(address.redacted == "amqp://u@one:5672,::1:5673,three:5674/v")
    }

    @Test func `the nodes are tried in turn, each client from one of its own`() throws {
        let nodes = try AMQPURL("amqp://a,b,c").nodes
        var starts: Set<AMQPURL.Node> = []
        for _ in 0..<200 {
            var turns = NodeRotation(nodes)
            let three = [turns.next(), turns.next(), turns.next()]
            #expect(Set(three) == Set(nodes))
            #expect(turns.next() == three[0])
            starts.insert(three[0])
        }
        #expect(starts == Set(nodes))
    }

    @Test(arguments: [
        "", "localhost:5672", "http://localhost", "amqp://h:0", "amqp://h:65536", "amqp://h:x", "amqp://h?x=1",
        "amqp://h?heartbeat=0", "amqp://h?heartbeat=x", "amqp://%zz@h", "amqp://h/%zz", "amqp://[::1]x",
        "amqp://a,,b", "amqp://a,", "amqp://,a", "amqp://a,a:5672", "amqp://a,b:x",
    ])
    func `what is no AMQP address is refused`(text: String) {
        #expect(throws: MessagingError.self) { try AMQPURL(text) }
    }

    @Test func `neither errors nor people see the password`() throws {
        #expect(!(try AMQPURL("amqp://u:s3cret@h/v").redacted.contains("s3cret")))
        do {
            _ = try AMQPURL("amqp://u:s3cret@h:port")
        } catch {
            #expect(!error.message.contains("s3cret"))
        }
    }

    @Test func `a certificate needs its key`() {
        #expect(throws: MessagingError.self) {
            try RabbitMQConfiguration(url: "amqps://h", connectionName: "c", certificateFile: "/cert.pem")
        }
    }
}
