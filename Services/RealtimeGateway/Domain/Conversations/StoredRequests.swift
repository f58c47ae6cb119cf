import Foundation

/// Looks for what came of requests when nobody knows whether they were carried out.
///
/// A message that is there has to be told and confirmed like any other: nobody else will do it. Who wanted something else
/// is told to try again, which does no harm if it had been done.
struct StoredRequests {
    /// How long to wait for a store that cannot be asked.
    private static let attempts = 60
    private static let pause = Duration.milliseconds(500)

    private let store: any ConversationStore

    init(_ store: any ConversationStore) {
        self.store = store
    }

    func find(_ requests: [ConversationRequest]) async -> [RequestProcessor.Outcome] {
        for _ in 0..<Self.attempts {
            if let seqs = try? await seqs(of: requests) {
                return zip(requests, seqs).map { Self.outcome(of: $0, seq: $1) }
            }
            try? await Task.sleep(for: Self.pause)
        }
        return Array(repeating: .failure(.busy), count: requests.count)
    }

    private func seqs(of requests: [ConversationRequest]) async throws -> [Int64?] {
        try await store.read { transaction in
            try requests.map { try transaction.seq(of: $0.id, in: $0.conversation) }
        }
    }

    private static func outcome(of request: ConversationRequest, seq: Int64?) -> RequestProcessor.Outcome {
        guard case .send(let draft) = request.command, let seq else { return .failure(.busy) }
        return .success(.posted(StoredMessage(draft, id: request.id, seq: seq)))
    }
}
