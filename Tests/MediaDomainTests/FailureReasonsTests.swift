import Foundation
import MediaDomain
import Testing

/// Holds the reasons of `media.failed`, their schema and their document to one another.
struct FailureReasonsTests {
    private static let contracts = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../Shared/Contracts").standardized
    private let reasons = MediaError.Reason.allCases.map(\.rawValue)

    @Test func `the schema lists exactly the reasons there are`() throws {
        struct Schema: Decodable {
            struct Properties: Decodable { let payload: Payload }
            struct Payload: Decodable { let properties: Fields }
            struct Fields: Decodable { let reason: Reason }
            struct Reason: Decodable { let `enum`: [String] }
            let properties: Properties
        }
        let file = Self.contracts.appending(path: "schemas/media.failed.schema.json")
        let schema = try JSONDecoder().decode(Schema.self, from: Data(contentsOf: file))
        #expect(schema.properties.payload.properties.reason.enum == reasons)
    }

    @Test func `the document tells of each reason, in the same order`() throws {
        let text = try String(contentsOf: Self.contracts.appending(path: "FAILURES.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.map { String($0.dropFirst(3).prefix { $0 != "`" }) } == reasons)
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 4 })
    }
}
