import EventSchema
import NIOCore
import NIOEmbedded
import RealtimeDomain
import RealtimeHTTP
import Synchronization
import Testing

@testable import RealtimeSocketIO

struct LiveStreamsTests {
    private let listener: Listener
    private let streams: LiveStreams

    init() throws {
        listener = try Listener(on: "live:s", "analytics:s")
        streams = LiveStreams(hub: listener.hub) { Timestamp(milliseconds: 1_733_738_400_000) }
    }

    private func told(after time: TimeAmount) throws -> [String] {
        listener.loop.advanceTime(by: time)
        return try listener.take()
    }

    @Test func `who comes and goes is told together, with how many there are`() throws {
        #expect(streams.enter("s", Profile(userID: "alice", name: "Alice")) == 1)
        #expect(streams.enter("s", Profile(userID: "bob")) == 2)
        #expect(streams.enter("s", Profile(userID: "carol")) == 3)
        streams.leave("s", "carol")
        #expect(try told(after: .milliseconds(99)) == [])
        let time = #""timestamp":"2024-12-09T10:00:00Z""#
        #expect(
            try told(after: .milliseconds(1)) == [
                #"viewer.joined {"stream_id":"s",\#(time),"user_id":"alice","username":"Alice"}"#,
                #"viewer.joined {"stream_id":"s",\#(time),"user_id":"bob","username":"bob"}"#,
                #"viewer.count.update {"count":2,"stream_id":"s",\#(time)}"#,
            ]
        )
    }

    @Test func `of a crowd only the count is told`() throws {
        for number in 0..<1000 { _ = streams.enter("s", Profile(userID: "user-\(number)")) }
        let told = try told(after: .milliseconds(100))
        #expect(told.count == 1)
        #expect(told[0].contains(#""count":1000"#))
    }

    @Test func `a storm of reactions is a few events that stand for all of them`() throws {
        for _ in 0..<500 {
            streams.react(
                "s",
                StreamReaction(emoji: "👍", userID: "a", x: 0.5, y: 0.25, at: Timestamp(milliseconds: 1_733_738_400_000))
            )
        }
        let told = try told(after: .milliseconds(100))
        #expect(told.count == 10)
        #expect(
            told[0]
                == #"reaction.sent {"count":1,"emoji":"👍","stream_id":"s","timestamp":"2024-12-09T10:00:00Z","#
                + #""user_id":"a","x":0.5,"y":0.25}"#
        )
        #expect(told[9].contains(#""count":491"#))
    }

    @Test func `figures are told every few seconds while somebody follows them, once`() throws {
        _ = streams.enter("s", Profile(userID: "alice"))
        streams.posted("s")
        #expect(streams.follow("s")["messages_per_minute"] == 1)
        _ = streams.follow("s")
        _ = try told(after: .milliseconds(100))
        #expect(
            try told(after: .seconds(5)) == [
                #"analytics:update {"average_watch_time":0,"messages_per_minute":1,"peak_viewers":1,"#
                    + #""reactions_per_minute":0,"stream_id":"s","viewers":1}"#
            ]
        )
        streams.unfollow("s")
        #expect(try told(after: .seconds(5)).count == 1)
        streams.unfollow("s")
        _ = streams.follow("s")
        #expect(try told(after: .seconds(5)).count == 1, "who follows anew within the interval is not told twice")
        streams.unfollow("s")
        #expect(try told(after: .seconds(10)) == [])
    }

    @Test func `figures outlast the last viewer, also when nobody follows them any more`() throws {
        _ = streams.enter("s", Profile(userID: "alice"))
        _ = streams.follow("s")
        streams.unfollow("s")
        streams.leave("s", "alice")
        _ = try told(after: .seconds(10))
        #expect(streams.follow("s")["peak_viewers"] == 1)
        streams.unfollow("s")
        _ = try told(after: .seconds(400))
        #expect(streams.count == 0)
    }

    @Test func `a stream that was only followed is forgotten with its followers`() throws {
        _ = streams.follow("s")
        streams.unfollow("s")
        _ = try told(after: .seconds(6))
        #expect(streams.count == 0)
    }

    @Test func `a stream is forgotten some time after its last viewer, however often they come and go`() throws {
        for _ in 0..<100 {
            _ = streams.enter("s", Profile(userID: "alice"))
            streams.leave("s", "alice")
        }
        _ = try told(after: .milliseconds(100))
        #expect(streams.count == 1)
        _ = streams.enter("s", Profile(userID: "alice"))
        _ = try told(after: .seconds(301))
        #expect(streams.count == 1, "somebody is there")
        streams.leave("s", "alice")
        _ = try told(after: .seconds(301))
        #expect(streams.count == 0)
    }
}
