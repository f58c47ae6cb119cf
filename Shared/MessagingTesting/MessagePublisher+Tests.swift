package import Messaging

extension MessagePublisher {
    /// Publishes a message, again if the broker refuses it.
    ///
    /// A quorum queue just declared on a busy machine refuses messages while it has no leader.
    package func publishUntilTaken(_ message: Message, to destination: Destination) async throws {
        while true {
            do throws(MessagingError) {
                return try await publish(message, to: destination)
            } catch {
                guard error.code == .rejected else { throw error }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
