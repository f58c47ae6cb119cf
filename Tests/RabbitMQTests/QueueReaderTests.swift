import EventSchema
import Foundation
import Messaging
import MessagingTesting
import RabbitMQ
import Testing

@Suite(.timeLimit(.minutes(3)))
struct QueueReaderTests {
    private let queue = WorkQueue()

    /// Publishes messages whose bodies are their numbers.
    private func fill(_ count: Int, _ broker: PrivateBroker) async throws {
        try await withClient(try broker.configuration(), topology: queue.topology) { client in
            try await client.status { $0.publisher == .connected }
            for number in 0..<count {
                try await client.publish(Message(body: Array("\(number)".utf8)), to: queue.destination)
            }
        }
    }

    /// Reads until `count` messages have come, or all, and acknowledges those that `isDone` names.
    private func read(
        _ broker: PrivateBroker,
        atMost count: Int = .max,
        isDone: (Int) -> Bool = { _ in false }
    ) async throws -> [Int] {
        try await QueueReader.with(try broker.configuration(), name: "reader") { reader in
            var numbers: [Int] = []
            var isFresh = false
            try await reader.start(queue.name)
            while let taken = try await reader.next() {
                let number = Int(String(decoding: taken.message.body, as: UTF8.self)) ?? -1
                numbers.append(number)
                isFresh = isFresh || taken.isFresh
                if isDone(number) { try await reader.acknowledge(taken) }
                if numbers.count >= count, isFresh { break }
            }
            return numbers
        }
    }

    @Test func `what was only read is back in its order`() async throws {
        let broker = try await PrivateBroker.shared()
        try await fill(500, broker)
        // Over the reach of the first consumer, and short of it.
        #expect(try await read(broker) == Array(0..<500))
        #expect(try await read(broker, atMost: 20) == Array(0..<500), "all was handed out before")
        #expect(try await read(broker) == Array(0..<500))
    }

    @Test func `what was acknowledged is gone and the others keep their order`() async throws {
        let broker = try await PrivateBroker.shared()
        try await fill(500, broker)
        #expect(try await read(broker, atMost: 10, isDone: { $0 < 5 }) == Array(0..<10))
        #expect(try await read(broker) { $0 % 3 == 0 } == Array(5..<500))
        #expect(try await read(broker) == (5..<500).filter { $0 % 3 != 0 })
    }

    @Test func `queues are counted, and a missing one is nothing`() async throws {
        let broker = try await PrivateBroker.shared()
        try await fill(3, broker)
        try await QueueReader.with(try broker.configuration(), name: "reader") { reader in
            let count = try await reader.count(queue.name)
            #expect(count?.messages == 3 && count?.consumers == 0)
            let missing = try await reader.count("no such queue")
            #expect(missing == nil)
            let again = try await reader.count(queue.name)
            #expect(again == count)
            let product = await reader.serverProperties["product"]
            #expect(product == "RabbitMQ")
        }
    }

    @Test func `an empty queue ends at once`() async throws {
        let broker = try await PrivateBroker.shared()
        try await fill(0, broker)
        #expect(try await read(broker) == [])
    }

    @Test func `a queue that is not there is told`() async throws {
        let broker = try await PrivateBroker.shared()
        let error = await #expect(throws: MessagingError.self) { try await read(broker) }
        #expect(error?.code == .topologyMismatch)
    }
}
