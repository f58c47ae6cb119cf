import EventSchema
import Foundation
import Subprocess
import Testing

/// Holds the Swift types, the JSON Schemas, the examples and the AsyncAPI document to one another.
@Suite struct ContractTests {
    private static let contracts = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../Shared/Contracts").standardized

    private func example(_ eventType: String) throws -> JSONValue {
        let file = Self.contracts.appending(path: "examples/\(eventType).json")
        return try JSONParser.parse(String(contentsOf: file, encoding: .utf8))
    }

    @Test(arguments: EventCatalog.eventTypes)
    func `an example decodes and encodes to the same JSON`(eventType: String) throws {
        let example = try example(eventType)
        var envelope = try Envelope(example)
        #expect(envelope.eventType == eventType)
        envelope.payload = try EventCatalog.decode(envelope).json
        #expect(JSONValue.object(envelope.json) == example)
    }

    @Test func `every event type has a schema and an example, and the other way round`() throws {
        func names(_ folder: String, suffix: String) throws -> Set<String> {
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.contracts.appending(path: folder).path)
            return Set(files.map { String($0.dropLast(suffix.count)) })
        }
        let types = Set(EventCatalog.eventTypes)
        #expect(try names("schemas", suffix: ".schema.json") == types.union(["envelope"]))
        #expect(try names("examples", suffix: ".json") == types)
    }

    @Test func `every example validates against its schema`() async throws {
        let cases = try EventCatalog.eventTypes.map { ($0, try example($0)) }
        #expect(try await validate(cases) == [])
    }

    @Test func `a schema refuses what the Swift types refuse`() async throws {
        var cases: [(String, JSONValue)] = []
        for eventType in EventCatalog.eventTypes {
            let whole = try #require(try example(eventType).objectValue)
            let payload = try #require(whole["payload"]?.objectValue)
            for field in payload.keys {
                var broken = payload
                broken[field] = [["no field is an array of arrays"]]
                var object = whole
                object["payload"] = .object(broken)
                let envelope = try Envelope(.object(object))
                if (try? EventCatalog.decode(envelope)) == nil { cases.append((eventType, .object(object))) }
            }
        }
        #expect(cases.count > 40)
        let mistakes = try await validate(cases)
        for (eventType, _) in cases {
            #expect(mistakes.contains { $0.hasPrefix(eventType) }, "\(eventType)'s schema lets a wrong field pass")
        }
        #expect(mistakes.count >= cases.count)
    }

    @Test func `the AsyncAPI document names every event type and refers to its schema`() throws {
        let text = try String(contentsOf: Self.contracts.appending(path: "asyncapi.yaml"), encoding: .utf8)
        for eventType in EventCatalog.eventTypes {
            #expect(text.contains("address: \(eventType)\n"))
            #expect(text.contains("schemas/\(eventType).schema.json"))
        }
        #expect(text.components(separatedBy: "address: ").count - 1 == EventCatalog.eventTypes.count)
    }

    /// Runs Python's jsonschema over the instances and returns its findings, one line each.
    private func validate(_ cases: [(String, JSONValue)]) async throws -> [String] {
        let lines = cases.map { JSONValue.object(["schema": .string($0.0), "instance": $0.1]).description + "\n" }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "validate.py").path
        let result = try await run(
            .name("env"),
            arguments: ["/usr/bin/python3", "-W", "ignore", script, Self.contracts.appending(path: "schemas").path],
            input: .string(lines.joined()),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        #expect(result.standardError == "")
        return result.standardOutput.split(separator: "\n").map(String.init)
    }
}
