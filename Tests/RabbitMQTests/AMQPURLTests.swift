import Messaging
import RabbitMQ
import Testing

struct AMQPURLTests {
    @Test func `what an address leaves out is RabbitMQ's default`() throws {
        let address = try AMQPURL("amqp://")
        #expect(address.host == "localhost" && address.port == 5672 && address.virtualHost == "/")
        #expect(address.user == "guest" && address.password == "guest" && !address.isSecure)
        #expect(try AMQPURL("amqps://broker").port == 5671)
    }

    @Test func `parts are percent-decoded`() throws {
        let address = try AMQPURL("amqps://us%40er:p%3A%2Fss%25@rabbit.example:5999/my%2fvhost?heartbeat=7")
        #expect(address.user == "us@er" && address.password == "p:/ss%")
        #expect(address.host == "rabbit.example" && address.port == 5999)
        #expect(address.virtualHost == "my/vhost" && address.heartbeat == .seconds(7))
    }

    @Test(arguments: ["amqp://h", "amqp://h/", "amqp://h/%2F", "amqp://h:5672/%2f"])
    func `the default virtual host has many spellings`(text: String) throws {
        #expect(try AMQPURL(text).virtualHost == "/")
    }

    @Test func `an IPv6 address stands in brackets`() throws {
        let address = try AMQPURL("amqp://[::1]:5673/v")
        #expect(address.host == "::1" && address.port == 5673)
    }

    @Test(arguments: [
        "", "localhost:5672", "http://localhost", "amqp://h:0", "amqp://h:65536", "amqp://h:x", "amqp://h?x=1",
        "amqp://h?heartbeat=0", "amqp://h?heartbeat=x", "amqp://%zz@h", "amqp://h/%zz", "amqp://[::1]x",
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
