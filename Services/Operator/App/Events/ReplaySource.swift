import EventSchema
import Messaging
import RabbitMQ

/// Where replayed messages come from: a file of them, or a stream that kept them.
enum ReplaySource: Sendable {
    case file(String)
    case stream(String)

    /// After which a stream has no more to give.
    private static let silence = Duration.seconds(2)

    /// Gives each message to `body`, in order, with its place for people.
    ///
    /// - Parameter start: Where to begin in a stream.
    func forEach(
        _ configuration: RabbitMQConfiguration,
        from start: StreamStart,
        _ body: (MessageRecord, String) async throws -> ReplayStep
    ) async throws {
        switch self {
        case .file(let path): try await read(path, body)
        case .stream(let name): try await read(name, configuration, start, body)
        }
    }

    private func read(_ path: String, _ body: (MessageRecord, String) async throws -> ReplayStep) async throws {
        var lines = try LineReader(path: path)
        while let line = try lines.next() {
            let record: MessageRecord
            do {
                record = try MessageRecord(JSONParser.parse(line))
            } catch {
                throw CommandFailure(.invalidEvent, "line \(lines.number): \(error)")
            }
            if try await body(record, "line \(lines.number)") == .end { return }
        }
    }

    private func read(
        _ name: String,
        _ configuration: RabbitMQConfiguration,
        _ start: StreamStart,
        _ body: (MessageRecord, String) async throws -> ReplayStep
    ) async throws {
        try await BrokerOptions.withReader(configuration) { reader in
            guard try await reader.count(name) != nil else {
                throw CommandFailure(
                    .failed,
                    "there is no stream \(name): `martlet topology apply --with-log` makes it, and keeps events from then on"
                )
            }
            try await reader.start(stream: name, from: start)
            while let taken = try await reader.next(within: Self.silence) {
                let offset = taken.message.headers["x-stream-offset"]?.integerValue ?? 0
                let record = MessageRecord(message: taken.message, source: taken.source)
                let step = try await body(record, "offset \(offset)")
                // A stream keeps what is acknowledged: it only makes room for the next.
                try await reader.acknowledge(taken)
                if step == .end { return }
            }
        }
    }
}

/// Whether a replay goes on.
enum ReplayStep: Sendable, Hashable {
    case goOn, end
}
