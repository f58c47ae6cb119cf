/// Decides which traces are recorded, where nobody has decided before.
struct TraceSampler: Sendable {
    private let ratio: Double

    /// - Parameter ratio: The share that is recorded, from 0 to 1.
    init(ratio: Double) {
        self.ratio = ratio
    }

    /// The same answer for the same trace, whoever asks.
    func samples(_ traceID: TraceID) -> Bool {
        // 53 bits, as many as a Double counts, spread over 0..<1.
        Double(traceID.low >> 11) * 0x1p-53 < ratio
    }
}
