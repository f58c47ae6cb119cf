import RabbitMQ
import Testing

@testable import Operator

struct ManagementAccessTests {
    private func broker() throws -> AMQPURL { try AMQPURL("amqp://alice:secret@rabbit:5672/prod") }

    @Test func `it is asked as the AMQP user unless its URL names another`() throws {
        let access = try #require(ManagementAccess("http://rabbit:15672/", broker: broker()))
        #expect(access.base == "http://rabbit:15672")
        #expect(access.user == "alice" && access.password == "secret" && access.virtualHost == "prod")
        let other = try #require(ManagementAccess("https://admin:p%40ss@rabbit/mq", broker: broker()))
        #expect(other.base == "https://rabbit/mq")
        #expect(other.user == "admin" && other.password == "p@ss")
    }

    @Test(arguments: ["rabbit:15672", "amqp://rabbit", "http://", "http://rabbit/?a=b", ""])
    func `what is no address is refused`(text: String) throws {
        #expect(try ManagementAccess(text, broker: broker()) == nil)
    }
}
