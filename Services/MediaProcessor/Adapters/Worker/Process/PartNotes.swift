import MediaDomain

/// Hands a child's finished parts to whoever keeps them, one after another, while the child goes on.
final class PartNotes: Sendable {
    /// Parts that wait to be noted.
    ///
    /// One that finds no room is left out: a later attempt makes it anew.
    private static let bound = 16

    private let continuation: AsyncStream<StoredPart>.Continuation
    private let keeping: Task<Void, Never>

    /// - Parameter noted: Called behind each, whether it could be noted or not.
    init(_ record: PartRecord, noted: @escaping @Sendable () -> Void) {
        let (stream, continuation) = AsyncStream<StoredPart>.makeStream(bufferingPolicy: .bufferingOldest(Self.bound))
        self.continuation = continuation
        keeping = Task {
            for await part in stream {
                await record.add(part)
                noted()
            }
        }
    }

    func add(_ part: StoredPart) { continuation.yield(part) }

    /// Waits until all are noted.
    func finish() async {
        continuation.finish()
        await keeping.value
    }
}
