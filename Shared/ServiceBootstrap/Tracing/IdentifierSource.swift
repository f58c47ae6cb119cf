import Synchronization

/// Makes ids that no other process makes, without asking the kernel for each.
///
/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators): a counter from a random start, mixed so
/// that its steps cannot be told. Nothing may be concluded from an id, so it need not be hard to guess.
final class IdentifierSource: Sendable {
    private let spans: Atomic<UInt64>
    private let traces: Atomic<UInt64>

    init() {
        spans = Atomic(.random(in: .min ... .max))
        traces = Atomic(.random(in: .min ... .max))
    }

    func spanID() -> SpanID {
        while true {
            if let made = SpanID(Self.next(of: spans)) { return made }
        }
    }

    func traceID() -> TraceID {
        while true {
            if let made = TraceID(high: Self.next(of: traces), low: Self.next(of: spans)) { return made }
        }
    }

    private static func next(of counter: borrowing Atomic<UInt64>) -> UInt64 {
        var mixed = counter.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
