import EventSchema
import Foundation
import Messaging
import RealtimeDomain
import Testing

@testable import RealtimeBus

/// What becomes of live streams, from the bus to the clients.
@Suite(.timeLimit(.minutes(1))) struct StreamEventsTests {
    private let live = #"{"stream_id":"s","title":"Speedrun","started_at":"2024-12-09T10:00:00Z"}"#

    @Test func `clients hear once of each thing that becomes of a stream`() async throws {
        try await ManagementBench.run { bench in
            let id = UUID()
            for _ in 0..<2 { #expect(await bench.receive("stream.live", live, id: id) == .acknowledge) }
            _ = await bench.receive("stream.error", #"{"stream_id":"s","error":"The encoder is gone"}"#)
            _ = await bench.receive(
                "stream.offline",
                #"{"stream_id":"s","duration":5400.5,"ended_at":"2024-12-09T11:30:00Z"}"#
            )
            for number in 1...4 { await bench.show(number) }
            await bench.show(2)
            #expect(
                bench.diary.published.map(\.destination.routingKey) == [
                    "conversation.changed", "stream.live", "stream.error", "stream.offline",
                ]
            )
            #expect(
                bench.diary.lines == [
                    "live s Speedrun 2024-12-09T10:00:00Z", "failed s The encoder is gone",
                    "offline s 5400.5 2024-12-09T11:30:00Z",
                ]
            )
        }
    }

    @Test func `a stream that nobody has described is described by its title, and no other`() async throws {
        try await ManagementBench.run { bench in
            _ = await bench.receive("stream.live", live)
            let described = #"{"conversation_id":"t","kind":"stream","name":"Mine","type":"private","owner_id":"o"}"#
            _ = await bench.receive("conversation.updated", described)
            _ = await bench.receive("stream.live", live.replacing(#""s""#, with: #""t""#))
            let overviews = try await bench.management.overviews(ofWorkspace: nil, after: "", limit: 9)
            #expect(overviews.map(\.conversation.name) == ["Speedrun", "Mine"])
            #expect(overviews.map(\.conversation.access) == [.public, .private])
            await bench.diary.untilPublished(4)
            #expect(
                bench.diary.published.map(\.destination.routingKey) == [
                    "conversation.changed", "stream.live", "conversation.changed", "stream.live",
                ]
            )
        }
    }

    @Test(arguments: [
        ("stream.live", #"{"stream_id":"s"}"#, "payload.started_at: expected string, but it is missing"),
        (
            "stream.offline", #"{"stream_id":"s","duration":-1,"ended_at":"2024-12-09T11:30:00Z"}"#,
            "payload.duration: expected seconds, at least 0"
        ),
        ("stream.error", #"{"stream_id":"s"}"#, "payload.error: expected string, but it is missing"),
        ("stream.error", #"{"stream_id":"a b","error":""}"#, "payload.stream_id: may not hold blanks"),
    ])
    func `what is no such event is parked with the reason`(
        _ type: String,
        _ payload: String,
        _ reason: String
    ) async throws {
        try await ManagementBench.run { bench in
            guard case .park(let parked) = await bench.receive(type, payload) else {
                Issue.record("not parked")
                return
            }
            #expect(parked.hasPrefix(reason))
        }
    }
}
