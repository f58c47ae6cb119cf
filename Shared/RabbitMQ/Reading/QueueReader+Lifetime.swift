extension QueueReader {
    /// Connects, runs `body`, and disconnects; what `body` did not acknowledge is back in its queue then.
    ///
    /// The connection lives as long as `body` takes, whether it reads or not.
    ///
    /// - Parameter name: What operators see in the broker's list of connections.
    package static func with<Value: Sendable>(
        _ configuration: RabbitMQConfiguration,
        name: String,
        _ body: (QueueReader) async throws -> Value
    ) async throws -> Value {
        let reader = QueueReader(configuration, name: name)
        let guardian = Task { await reader.interruptWhatHangs() }
        let keeper = Task { await reader.keepAlive() }
        defer {
            guardian.cancel()
            keeper.cancel()
        }
        do {
            try await reader.open()
            let value = try await body(reader)
            await reader.close()
            return value
        } catch {
            await reader.close()
            throw error
        }
    }

    private nonisolated func interruptWhatHangs() async {
        while (try? await Task.sleep(for: .milliseconds(250))) != nil {
            watch.interruptIfStuck(longerThan: configuration.sendTimeout)
        }
    }

    private nonisolated func keepAlive() async {
        // The broker may have asked for less than the configuration says, but hardly for less than 6 s.
        while (try? await Task.sleep(for: min(configuration.heartbeat / 3, .seconds(2)))) != nil { await beat() }
    }
}
