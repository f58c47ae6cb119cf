import Dispatch
package import Logging
import Metrics
import Synchronization

/// Writes spans to a file as OTLP/JSON lines, on one thread and a little later, so that nobody waits for a disk.
///
/// At most ``capacity`` spans wait; further ones are dropped and counted in `tracing_spans_dropped_total`, as are those that
/// the file does not take.
package final class SpanFile: SpanExporter {
    /// Twice what OpenTelemetry's batch processor keeps.
    package static let capacity = 4096
    /// Spans in one line; the Collector reads lines of up to 1 MiB.
    private static let batch = 256
    /// How long ``flush()`` waits for a disk.
    private static let patience = DispatchTimeInterval.seconds(2)

    private struct State {
        var waiting: [FinishedSpan] = []
        var isScheduled = false
    }

    private let linger: Double
    private let text: OTLPText
    private let logger: Logger
    private let queue = DispatchQueue(label: "martlet.spans", qos: .utility)
    private let state = Mutex(State())
    private let file: AppendedFile
    private let isFailing = Mutex(false)
    private let written = Counter(label: "tracing_spans_written_total")
    private let dropped = Counter(label: "tracing_spans_dropped_total")

    /// - Parameter linger: Seconds for which spans wait for company; a crash takes them along.
    /// - Throws: ``StartError`` with the reason why the file cannot be written.
    package init(
        path: String,
        origin: ServiceLogHandler.Origin,
        linger: Double = 0.1,
        logger: Logger
    ) throws(StartError) {
        self.linger = linger
        text = OTLPText(origin: origin)
        self.logger = logger
        file = try AppendedFile(path: path)
    }

    package func export(_ span: FinishedSpan) {
        let (isTaken, mustSchedule) = state.withLock { state in
            guard state.waiting.count < Self.capacity else { return (false, false) }
            state.waiting.append(span)
            defer { state.isScheduled = true }
            return (true, !state.isScheduled)
        }
        if !isTaken { dropped.increment() }
        if mustSchedule { queue.asyncAfter(deadline: .now() + linger) { self.writeAll() } }
    }

    /// Writes what waits, and returns when it is written, or after two seconds.
    package func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async {
            self.writeAll()
            done.signal()
        }
        _ = done.wait(timeout: .now() + Self.patience)
    }

    // MARK: The thread

    private func writeAll() {
        let spans = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for start in stride(from: 0, to: spans.count, by: Self.batch) {
            write(spans[start..<min(start + Self.batch, spans.count)])
        }
    }

    private func write(_ spans: ArraySlice<FinishedSpan>) {
        let line = text.line(spans)
        let isTaken = file.append(line)
        (isTaken ? written : dropped).increment(by: spans.count)
        let changed = isFailing.withLock { isFailing in
            defer { isFailing = !isTaken }
            return isFailing == isTaken
        }
        guard changed else { return }
        logger.log(
            level: isTaken ? .notice : .warning,
            isTaken ? "spans are written again" : "spans cannot be written and are dropped"
        )
    }
}
