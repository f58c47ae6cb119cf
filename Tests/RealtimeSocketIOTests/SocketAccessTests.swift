import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO
import Testing

@testable import RealtimeSocketIO

struct SocketAccessTests {
    @Test func `a place is given back with the last that holds it`() {
        let quota = ConnectionQuota(limit: 2)
        var places = [quota.take("a"), quota.take("a")]
        #expect(places.allSatisfy { $0 != nil })
        #expect(quota.take("a") == nil)
        #expect(quota.take("b") != nil)
        places.removeLast()
        #expect(quota.take("a") != nil)
    }

    @Test func `a quota of 0 is none`() {
        let quota = ConnectionQuota(limit: 0)
        let places = (0..<100).map { _ in quota.take("a") }
        #expect(places.allSatisfy { $0 != nil })
    }

    @Test func `a connection keeps to the limit by second and to that by minute`() throws {
        var meter = RateMeter()
        let limits = [RateLimit(2, per: .seconds(1)), RateLimit(3, per: .seconds(60))]
        let start = ContinuousClock.now
        try meter.take(limits, now: start)
        try meter.take(limits, now: start)
        #expect(throws: Refusal.self) { try meter.take(limits, now: start) }
        try meter.take(limits, now: start + .seconds(1))
        do {
            try meter.take(limits, now: start + .seconds(2))
            Issue.record("the minute's limit did not hold")
        } catch {
            #expect(error.retryAfter == .seconds(18))
        }
    }

    private func connecting(_ json: String?) throws -> SocketCredentials? {
        try SocketCredentials(connecting: json.map { ByteBuffer(string: $0) })
    }

    @Test func `who shows nothing while connecting means to authenticate later`() throws {
        for auth in [nil, "{}", #"{"token":null}"#, "[]", #"{"app_id":"app"}"#] { #expect(try connecting(auth) == nil) }
        #expect(try connecting(#"{"token":"t","app_id":"app"}"#)?.contract == .streams)
        #expect(try connecting(#"{"token":"t"}"#)?.contract == .forum)
        #expect(throws: Refusal.self) { try connecting(#"{"token":5}"#) }
        #expect(throws: Refusal.self) { try connecting(#"{"token":""}"#) }
        #expect(throws: Refusal.self) { try connecting(#"{"token":"\#(String(repeating: "x", count: 9000))"}"#) }
    }

    @Test func `who names an application is answered as contract 4 has it, whatever the token is`() {
        func contract(_ json: String) -> SocketContract {
            SocketCredentials.contract(of: .json(ByteBuffer(string: json)))
        }
        #expect(contract(#"{"app_id":"x"}"#) == .streams)
        #expect(contract(#"{"app_id":null}"#) == .forum)
        #expect(contract("{}") == .forum)
        #expect(contract("5") == .forum)
    }

    @Test func `what is stored of a client puts back all of it`() throws {
        var speaker = Identity(
            userID: "alice",
            roles: ["moderator"],
            permissions: ["debug"],
            topics: ["user:b"],
            appID: "a"
        )
        speaker.expiresAt = Timestamp(milliseconds: 5)
        let attendances = [
            StreamAttendance(streamID: "s", talk: .room, name: "GamerPro", watches: true, followsFigures: true),
            StreamAttendance(streamID: "t", watches: true),
        ]
        let state = SocketState(identity: speaker, contract: .streams, attendances: attendances, threads: ["7"])
        let read = try #require(SocketState(try JSONParser.parse(state.json.encoded)))
        #expect(read.identity == speaker)
        #expect(read.contract == .streams)
        #expect(read.threads == ["7"])
        #expect(read.attendances == attendances)
        #expect(Set(read.conversations.map(\.description)) == ["room:s", "stream:t", "thread:7"])
    }

    @Test func `what is stored of a client is its state as it was, and what it takes to put it back`() throws {
        let state = Array(#"{"identity":{"name":"A \"x\""},"user_id":"alice"}"#.utf8)
        let session = StoredSession(pid: "p", sid: "s", namespace: "/", topics: ["live:1", "a\"b"], state: state)
        let client = try #require(AbsentClient(session, key: "k"))
        #expect(client.userID == "alice")
        #expect(client.session(pid: "p") == session)
        let unknown = StoredSession(pid: "p", sid: "s", namespace: "/", topics: [], state: Array("{}".utf8))
        #expect(AbsentClient(unknown, key: "k") == nil)
    }
}
