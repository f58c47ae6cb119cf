import Foundation
import ServiceBootstrap
import Testing

/// Holds the catalogue, the published table and the sources to one another.
struct MetricCatalogueTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL

    @Test func `the published table is the catalogue`() throws {
        let file = Self.repository.appending(path: "Shared/Contracts/METRICS.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains("\n\n" + MetricCatalogue.table), "METRICS.md should hold:\n\(MetricCatalogue.table)")
    }

    @Test func `every metric that the sources make is in the catalogue, and no other`() throws {
        let entries = Dictionary(MetricCatalogue.entries.map { ($0.name, $0.kind) }) { one, _ in one }
        #expect(entries.count == MetricCatalogue.entries.count)
        #expect(entries == (try made()))
    }

    @Test func `a description is found by the label and by the exposed name`() throws {
        let registry = PrometheusRegistry()
        registry.describe("messaging_parked_total", "One.")
        registry.describe("notification.delivery.duration", "Two.")
        _ = registry.makeCounter(label: "messaging_parked_total", dimensions: [])
        _ = registry.makeTimer(label: "notification.delivery.duration", dimensions: [])
        let read = try Exposition(registry.exposition())
        #expect(read.helps == ["messaging_parked_total": "One.", "notification_delivery_duration_seconds": "Two."])
    }

    /// What a registry would call the metrics that `Services` and `Shared` name.
    private func made() throws -> [String: String] {
        let registry = PrometheusRegistry()
        let maker = /\b(FloatingPointCounter|Counter|counter|Gauge|Meter|Timer|Recorder)\((?:label: )?"([a-zA-Z_.]+)"/
        for source in try sources() {
            for match in source.matches(of: maker) {
                let label = String(match.2)
                switch match.1 {
                case "Timer": _ = registry.makeTimer(label: label, dimensions: [])
                case "Gauge", "Meter": _ = registry.makeMeter(label: label, dimensions: [])
                case "Recorder": _ = registry.makeRecorder(label: label, dimensions: [], aggregate: true)
                default: _ = registry.makeCounter(label: label, dimensions: [])
                }
            }
        }
        return try Exposition(registry.exposition()).types
    }

    private func sources() throws -> [String] {
        try ["Services", "Shared"].flatMap { folder in
            let root = Self.repository.appending(path: folder)
            let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
            return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
                .map { try String(contentsOf: $0, encoding: .utf8) }
        }
    }
}
