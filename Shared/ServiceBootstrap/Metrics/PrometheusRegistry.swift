package import CoreMetrics
import Synchronization

/// Keeps what the program measures and writes it out in Prometheus' text format 0.0.4.
///
/// A counter `x.y` becomes `x_y_total`, a timer the histogram `x_y_seconds`, an aggregating recorder a histogram, every
/// other recorder, gauge and meter a gauge. Each metric has at most ``MetricFamily/maximumSeries`` series; what comes
/// later is counted in one whose labels are `_overflow`.
package final class PrometheusRegistry: MetricsFactory {
    private struct State {
        var families: [String: MetricFamily] = [:]
        var descriptions: [String: String] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Says what a metric means, for its `HELP` line; `label` is the one it is made with, or the one it is exposed by.
    package func describe(_ label: String, _ meaning: String) {
        state.withLock { $0.descriptions[Self.plain(MetricName.metric(label))] = meaning }
    }

    private func series<Series: MetricSeries>(
        _ name: String,
        _ kind: MetricFamily.Kind,
        _ dimensions: [(String, String)],
        _ make: () -> Series
    ) -> Series {
        state.withLock { state in
            // Two kinds under one name would be an exposition that nobody can read.
            let name = state.families[name].map { $0.kind == kind ? name : "\(name)_\(kind.rawValue)" } ?? name
            return state.families[name, default: MetricFamily(name: name, kind: kind)]
                .series(SeriesLabels(dimensions), make)
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for name in state.families.keys { state.families[name]?.remove(handler) }
        }
    }
}

// MARK: - MetricsFactory

extension PrometheusRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(MetricName.metric(label, suffix: "_total"), .counter, dimensions) { CounterSeries() }
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(MetricName.metric(label, suffix: "_total"), .counter, dimensions) { CounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(MetricName.metric(label), .gauge, dimensions) { GaugeSeries() }
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(MetricName.metric(label), .gauge, dimensions) { GaugeSeries() } }
        return series(MetricName.metric(label), .histogram, dimensions) {
            HistogramSeries(bounds: HistogramSeries.magnitudes)
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(MetricName.metric(label, suffix: "_seconds"), .histogram, dimensions) {
            HistogramSeries(bounds: HistogramSeries.seconds)
        }
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }

    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }

    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }

    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }

    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}

// MARK: - Exposition

extension PrometheusRegistry {
    /// Everything measured so far, and what the system says of the process.
    package func exposition(process: ProcessStatistics? = nil) -> String {
        let (families, descriptions) = state.withLock { ($0.families, $0.descriptions) }
        var text = ""
        for name in families.keys.sorted() {
            guard let family = families[name], !family.series.isEmpty else { continue }
            let meaning = descriptions[Self.plain(name)] ?? name.replacing("_", with: " ")
            Self.writeHead(name, family.kind, meaning, to: &text)
            for labels in family.series.keys.sorted() {
                family.series[labels]?.write(name: name, labels: labels, to: &text)
            }
        }
        process?.write(to: &text)
        return text
    }

    static func writeHead(_ name: String, _ kind: MetricFamily.Kind, _ meaning: String, to text: inout String) {
        let escaped = meaning.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(name) \(escaped)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// The name without the ending that we gave it.
    private static func plain(_ name: String) -> String {
        for ending in ["_total", "_seconds"] where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return name
    }
}
