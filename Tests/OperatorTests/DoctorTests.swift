import ArgumentParser
import EventSchema
import Foundation
import Testing

@testable import Operator

struct DoctorTests {
    @Test func `a failure decides, a warning does not`() {
        let warned = Diagnosis(findings: [.ok(.broker, "a"), .warn(.clock, "b", mend: "c")])
        #expect(!warned.isFailure)
        #expect(warned.summary == "1 ok, 1 warning, 0 failed")
        let failed = Diagnosis(findings: [.fail(.alarms, "b", mend: "c")])
        #expect(failed.isFailure)
        #expect(failed.json["ok"] == false)
    }

    @Test func `a finding says how to mend it`() {
        let finding = Finding.fail(.alarms, "disk \u{1B}full", mend: "free space")
        #expect(finding.lines.count == 2)
        #expect(finding.lines[0].hasPrefix("fail  alarms "))
        #expect(finding.lines[0].hasSuffix("disk \u{FFFD}full"))
        #expect(finding.lines[1].trimmingCharacters(in: .whitespaces) == "mend: free space")
    }

    @Test func `checks are chosen by name and keep their order`() throws {
        #expect(try DoctorCommand.parse([]).checks == CheckName.allCases)
        #expect(try DoctorCommand.parse(["--only", "clock", "--only", "broker"]).checks == [.broker, .clock])
        #expect(try !DoctorCommand.parse(["--skip", "consumer-timeout"]).checks.contains(.consumerTimeout))
        #expect(throws: (any Error).self) { try DoctorCommand.parse(["--only", "weather"]) }
    }

    @Test(arguments: [
        (0.0, Finding.Status.ok), (-0.9, .ok), (2, .ok), (5, .warn), (-5, .warn), (90, .fail), (-90, .fail),
    ])
    func `clocks may differ a little`(offset: Double, status: Finding.Status) {
        let now = Date(timeIntervalSince1970: 1_704_067_200)
        let finding = ClockCheck.finding(now.addingTimeInterval(offset), between: now, and: now)
        #expect(finding.status == status)
    }

    @Test(
        arguments: [
            (["leader": "a", "state": "running"], .led), (["leader": nil, "state": "running"], .leaderless),
            (["leader": ""], .leaderless), ([:], .leaderless), (["leader": "a"], .silent),
        ] as [(JSONObject, QuorumQueue.State)]
    )
    func `a quorum queue has a leader that reports, or stands still`(facts: JSONObject, state: QuorumQueue.State) throws
    {
        let facts = facts.merging(["name": "q", "type": "quorum", "members": ["a", "b"], "online": ["b"]]) { one, _ in
            one
        }
        let queue = try #require(QuorumQueue(.object(facts)))
        #expect(queue.state == state)
        #expect(queue.missing == ["a"])
        #expect(LeadersCheck.findings([queue]).map(\.status) == [state == .led ? .ok : .fail])
    }

    @Test func `of many queues without a leader some are named, and the nodes that miss`() throws {
        let queues = (10..<30).compactMap { number in
            QuorumQueue(["name": .string("q\(number)"), "type": "quorum", "members": ["a"], "online": []])
        }
        #expect(QuorumQueue(["name": "q", "type": "classic"]) == nil)
        let finding = try #require(LeadersCheck.findings(queues).first)
        #expect(finding.what.hasSuffix(": q10, q11, q12, q13, q14, q15, q16, q17 and 12 more"))
        #expect(finding.mend == "start what does not run on a")
    }

    @Test func `permissions are read as the broker reads them`() throws {
        let need = try #require(PermissionNeeds.all.first { $0.name == "configure" })
        #expect(need.refused(by: ".*") == [])
        #expect(need.refused(by: "")?.count == need.resources.count)
        #expect(need.refused(by: "^media")?.contains("events") == true)
        #expect(need.refused(by: "^media")?.contains("media.process") == false)
        #expect(need.refused(by: "(") == nil)
    }
}
