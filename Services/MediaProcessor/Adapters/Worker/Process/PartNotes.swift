import MediaDomain

/// Hands a child's finished parts to whoever keeps them, in order, while the child goes on.
final class PartNotes: Sendable {
    /// Parts that wait to be noted.
    ///
    /// A newer one that finds no room is left out, and with it all that follow: a later attempt makes them anew.
    private static let bound = 16

    private let continuation: AsyncStream<PartResult>.Continuation
    private let keeping: Task<Void, Never>

    init(_ record: PartRecord) {
        let (stream, continuation) = AsyncStream<PartResult>.makeStream(bufferingPolicy: .bufferingOldest(Self.bound))
        self.continuation = continuation
        keeping = Task { for await part in stream { await record.add(part) } }
    }

    func add(_ part: PartResult) { continuation.yield(part) }

    /// Waits until all are noted.
    func finish() async {
        continuation.finish()
        await keeping.value
    }
}
