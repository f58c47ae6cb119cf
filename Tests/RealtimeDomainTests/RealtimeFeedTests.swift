import EventSchema
import Foundation
import Synchronization
import Testing

@testable import RealtimeDomain

struct RealtimeFeedTests {
    private final class Recorder: EventBroadcaster, UserAudience {
        private let lines = Mutex<[String]>([])
        private let fleeting = Mutex<Set<String>>([])

        func broadcast(topic: String, event: String, payload: [UInt8], isFleeting: Bool) {
            lines.withLock { $0.append("\(topic) \(event) \(String(decoding: payload, as: UTF8.self))") }
            if isFleeting { fleeting.withLock { _ = $0.insert(event) } }
        }

        func tell(_ event: UserEvent, of userID: String) {
            guard case .notified(let notification) = event else { return }
            lines.withLock { $0.append("\(userID) notified \(notification.id.lowercased) \(notification.title)") }
        }

        /// The events that may be dropped.
        var mayDrop: Set<String> { fleeting.withLock { $0 } }

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private let recorder = Recorder()
    private let feed: RealtimeFeed
    private let media = "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01"

    init() {
        feed = RealtimeFeed(broadcaster: recorder, users: recorder, capacity: 4)
    }

    private func accept(
        _ type: String,
        _ payload: String,
        id: UUID = UUID(),
        at time: String = "2024-01-01T00:00:00Z"
    ) throws {
        let body =
            #"{"event_type":"\#(type)","event_id":"\#(id)","timestamp":"\#(time)","source":"t","payload":\#(payload)}"#
        try feed.accept(Array(body.utf8))
    }

    private func ready(owner: String? = "u1", media: String? = nil) -> String {
        let user = owner.map { #""user_id":"\#($0)","# } ?? ""
        return #"{"media_id":"\#(media ?? self.media)",\#(user)"playback_urls":{"hls":"h","dash":"d"},"#
            + #""thumbnail_urls":[],"duration":2.50,"resolutions":[]}"#
    }

    private func progress(_ percent: Int, owner: String? = nil) -> String {
        let user = owner.map { #""user_id":"\#($0)","# } ?? ""
        return #"{"media_id":"\#(media)",\#(user)"stage":"transcoding","percent":\#(percent)}"#
    }

    @Test func `what becomes of media is told to the media's topic and to its owner, as it was spelled`() throws {
        try accept("media.ready", ready())
        #expect(recorder.take() == ["media:\(media) media.ready \(ready())", "user:u1 media.ready \(ready())"])
    }

    @Test func `the owner is remembered from earlier events`() throws {
        try accept("media.progress", progress(1, owner: "u1"))
        _ = recorder.take()
        try accept("media.ready", ready(owner: nil), at: "2024-01-01T00:00:01Z")
        #expect(recorder.take().map { $0.prefix(7) } == ["media:7", "user:u1"])
    }

    @Test func `progress may be dropped for who reads slowly, and nothing else`() throws {
        try accept("media.progress", progress(1, owner: "u1"))
        try accept("media.ready", ready(), at: "2024-01-01T00:00:01Z")
        try accept("realtime.broadcast", #"{"event":"e","payload":{},"topic":"chat:room:1"}"#)
        #expect(recorder.mayDrop == ["media.progress"])
    }

    @Test func `a media id in capitals is the same upload`() throws {
        try accept("media.ready", ready(media: media.uppercased()))
        #expect(recorder.take().first?.hasPrefix("media:\(media) ") == true)
        #expect(feed.status(of: media)?.event == "media.ready")
    }

    @Test func `an event that comes twice is shown once`() throws {
        let id = UUID()
        try accept("media.ready", ready(), id: id)
        try accept("media.ready", ready(), id: id)
        #expect(recorder.take().count == 2)
    }

    @Test func `progress that was overtaken is not shown`() throws {
        try accept("media.ready", ready(), at: "2024-01-01T00:00:10Z")
        _ = recorder.take()
        try accept("media.progress", progress(99), at: "2024-01-01T00:00:09Z")
        #expect(recorder.take() == [])
        #expect(feed.status(of: media)?.event == "media.ready")
    }

    @Test func `progress of a repeated job does not undo that media is ready`() throws {
        let id = UUID()
        try accept("media.ready", ready(), id: id)
        _ = recorder.take()
        try accept("media.progress", progress(5), at: "2024-01-01T00:00:11Z")
        try accept("media.ready", ready(), id: id, at: "2024-01-01T00:00:12Z")
        #expect(recorder.take() == [])
        #expect(feed.status(of: media)?.event == "media.ready")
    }

    @Test func `the next attempt's progress is shown, but late joiners learn of the failure until it ends`() throws {
        let failed = #"{"media_id":"\#(media)","user_id":"u1","reason":"r","message":"m","retryable":true}"#
        try accept("media.failed", failed)
        _ = recorder.take()
        try accept("media.progress", progress(5), at: "2024-01-01T00:00:11Z")
        #expect(recorder.take().count == 2)
        #expect(feed.status(of: media)?.event == "media.failed")
        try accept("media.ready", ready(), at: "2024-01-01T00:00:12Z")
        #expect(feed.status(of: media)?.event == "media.ready")
    }

    @Test func `a repeated end is noted again if the first was forgotten, and does not undo a later one`() throws {
        let id = UUID()
        try accept("media.ready", ready(), id: id)
        for _ in 0..<3 { try accept("media.ready", ready(media: UUID().lowercased)) }
        for _ in 0..<2 { try accept("media.progress", progress(9).replacing(media, with: UUID().lowercased)) }
        #expect(feed.status(of: media) == nil)
        _ = recorder.take()
        try accept("media.ready", ready(), id: id)
        #expect(recorder.take() == [])
        #expect(feed.status(of: media)?.event == "media.ready")
        let failed = #"{"media_id":"\#(media)","reason":"r","message":"m","retryable":true}"#
        try accept("media.failed", failed, at: "2023-01-01T00:00:00Z")
        #expect(feed.status(of: media)?.event == "media.ready")
    }

    @Test func `a late joiner learns the last that was heard`() throws {
        #expect(feed.status(of: media) == nil)
        try accept("media.progress", progress(42))
        let status = try #require(feed.status(of: media))
        #expect(
            String(decoding: status.json, as: UTF8.self) == #"{"event":"media.progress","payload":\#(progress(42))}"#
        )
    }

    @Test func `only the latest uploads are remembered`() throws {
        let ids = (0..<6).map { _ in UUID().lowercased }
        for id in ids { try accept("media.ready", ready(media: id)) }
        #expect(ids.map { feed.status(of: $0) != nil } == [false, false, true, true, true, true])
    }

    @Test func `a notification goes to its user`() throws {
        try accept(
            "notification.in_app",
            #"{"notification_id":"\#(media)","user_id":"u1","title":"t","body":"b","data":[],"created_at":"2024-01-01T00:00:00Z"}"#
        )
        #expect(
            recorder.take() == [
                "u1 notified \(media) t"
            ]
        )
    }

    @Test func `a backend's broadcast keeps the spelling of its payload`() throws {
        try accept("realtime.broadcast", #"{"event":"e","payload":{"b":1.0, "a":[1E2]},"topic":"chat:room:1"}"#)
        #expect(recorder.take() == [#"chat:room:1 e {"b":1.0, "a":[1E2]}"#])
    }

    @Test func `types that concern nobody are ignored and broken ones are named`() throws {
        try accept("media.uploaded", "{}")
        #expect(recorder.take() == [])
        #expect(throws: SchemaError.self) { try accept("media.ready", "{}") }
        #expect(throws: SchemaError.self) { try feed.accept(Array("not json".utf8)) }
    }

    @Test func `a value set again and again takes no further room`() {
        var values = RecentValues<Int, Int>(capacity: 3)
        for turn in 0..<1000 { values.set(7, turn) }
        values.set(8, 0)
        values.set(9, 0)
        values.set(7, 1)
        values.set(10, 0)
        #expect([7, 8, 9, 10].map { values[$0] } == [1, nil, 0, 0])
        #expect(values.count == 3)
    }
}
