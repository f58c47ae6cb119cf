import CoreMetrics
import Foundation
import ServiceBootstrap
import Testing

/// A strict reader of the text format 0.0.4, as a scraper would be.
struct Exposition {
    struct Sample: Hashable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private(set) var types: [String: String] = [:]
    private(set) var helps: [String: String] = [:]
    private(set) var samples: [Sample] = []

    init(_ text: String) throws {
        try #require(text.isEmpty || text.hasSuffix("\n"))
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
                try #require(types.updateValue(String(match.2), forKey: String(match.1)) == nil, "TYPE twice")
            } else if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)/) {
                helps[String(match.1)] = String(match.2)
            } else {
                samples.append(try Self.sample(String(line)))
            }
        }
    }

    private static func sample(_ line: String) throws -> Sample {
        let match = try #require(
            line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? ([-+0-9.eEInfNa]+)/),
            "not a sample: \(line)"
        )
        var labels: [String: String] = [:]
        for pair in (match.3 ?? "").matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)",?/) {
            labels[String(pair.1)] = String(pair.2)
        }
        return Sample(
            name: String(match.1),
            labels: labels,
            value: try #require(Double(match.4.replacing("+Inf", with: "inf")))
        )
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }
}

struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    private var exposition: Exposition {
        get throws { try Exposition(registry.exposition()) }
    }

    @Test func `a counter ends in total and adds up over its makers`() throws {
        Counter(label: "bus.published", dimensions: [("type", "a")], factory: registry).increment(by: 2)
        Counter(label: "bus.published", dimensions: [("type", "a")], factory: registry).increment()
        let read = try exposition
        #expect(read.types == ["bus_published_total": "counter"])
        #expect(read.value("bus_published_total", ["type": "a"]) == 3)
    }

    @Test func `gauges, meters and plain recorders show the last value`() throws {
        Gauge(label: "sessions", factory: registry).record(4)
        Meter(label: "backlog", factory: registry).set(2.5)
        Recorder(label: "depth", dimensions: [], aggregate: false, factory: registry).record(7)
        let read = try exposition
        #expect(read.types == ["sessions": "gauge", "backlog": "gauge", "depth": "gauge"])
        #expect(read.value("sessions") == 4)
        #expect(read.value("backlog") == 2.5)
        #expect(read.value("depth") == 7)
    }

    @Test func `a timer is a histogram in seconds whose buckets add up`() throws {
        let timer = Timer(label: "job.duration", factory: registry)
        timer.recordMilliseconds(3)
        timer.recordSeconds(45)
        timer.recordSeconds(100_000)
        let read = try exposition
        #expect(read.types == ["job_duration_seconds": "histogram"])
        #expect(read.value("job_duration_seconds_bucket", ["le": "0.0025"]) == 0)
        #expect(read.value("job_duration_seconds_bucket", ["le": "0.005"]) == 1)
        #expect(read.value("job_duration_seconds_bucket", ["le": "60"]) == 2)
        #expect(read.value("job_duration_seconds_bucket", ["le": "+Inf"]) == 3)
        #expect(read.value("job_duration_seconds_count") == 3)
        #expect(try #require(read.value("job_duration_seconds_sum")) - 100_045.003 < 0.001)
        let buckets = read.samples.filter { $0.name.hasSuffix("_bucket") }.map(\.value)
        #expect(buckets == buckets.sorted())
    }

    @Test func `names and label values are spelled as the format allows`() throws {
        registry.describe("9 lives.left", "back\\slash\nnew line")
        Gauge(label: "9 lives.left", dimensions: [("a-b", "x\"y\\z\nw")], factory: registry).record(1)
        let read = try exposition
        #expect(read.value("_9_lives_left", ["a_b": #"x\"y\\z\nw"#]) == 1)
        #expect(read.helps["_9_lives_left"] == #"back\\slash\nnew line"#)
    }

    @Test func `labels that a stranger fills do not grow without bound`() throws {
        for user in 0..<5000 {
            Counter(label: "logins", dimensions: [("user", "u\(user)")], factory: registry).increment()
        }
        let read = try exposition
        #expect(read.samples.count <= 201)
        #expect(read.value("logins_total", ["user": "_overflow"]) == 4800)
        #expect(read.samples.map(\.value).reduce(0, +) == 5000)
    }

    @Test func `one name of two kinds stays readable`() throws {
        Gauge(label: "x", factory: registry).record(1)
        Recorder(label: "x", dimensions: [], aggregate: true, factory: registry).record(5)
        let read = try exposition
        #expect(read.types == ["x": "gauge", "x_histogram": "histogram"])
    }

    @Test func `a destroyed metric is gone`() throws {
        let gauge = Gauge(label: "x", factory: registry)
        gauge.record(1)
        gauge.destroy()
        #expect(try exposition.samples.isEmpty)
    }

    @Test func `counting from many threads loses nothing`() async throws {
        let counter = Counter(label: "n", factory: registry)
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1000 { counter.increment() } } }
        }
        #expect(try exposition.value("n_total") == 8000)
    }

    @Test func `the process tells its own measures`() async throws {
        let statistics = try #require(await ProcessStatistics.read())
        let read = try Exposition(registry.exposition(process: statistics))
        #expect(try #require(read.value("process_resident_memory_bytes")) > 1_000_000)
        #expect(try #require(read.value("process_cpu_seconds_total")) > 0)
        #expect(try #require(read.value("process_open_fds")) >= 3)
        let start = try #require(read.value("process_start_time_seconds"))
        #expect((Date().timeIntervalSince1970 - 86400...Date().timeIntervalSince1970 + 5).contains(start))
    }
}
