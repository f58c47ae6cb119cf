import EventSchema
import Messaging
import Testing

struct SecondChanceTests {
    private let now = Timestamp(milliseconds: 1_704_067_200_000)
    private let source = Destination(exchange: "parking", routingKey: "q")
    private let parked = Message(
        body: [1, 2],
        messageID: "id",
        headers: [
            "x-attempt": 8, "x-first-failure": "f", "x-last-error": "e", "x-parked-from": "q", "x-parked-reason": "r",
            "x-parked-at": "t", "x-death": [["queue": "q"]], "x-delivery-count": 3, "traceparent": "00-1",
        ]
    )

    @Test func `a requeued message starts anew and says who wanted that`() {
        let copy = parked.requeued(source, from: "q.parking", by: "alice@host", at: now)
        #expect(
            copy.headers == [
                "traceparent": "00-1", "x-requeued-at": "2024-01-01T00:00:00Z", "x-requeued-by": "alice@host",
                "x-requeued-from": "q.parking",
            ]
        )
        #expect(copy.body == [1, 2] && copy.messageID == "id")
    }

    @Test func `a replayed message starts anew and says when`() {
        let copy = parked.replayed(source, at: now)
        #expect(copy.headers == ["traceparent": "00-1", "x-replayed-at": "2024-01-01T00:00:00Z"])
    }

    @Test func `both keep what their publisher said of the body, the answer and the priority`() {
        let message = Message(body: [1], contentEncoding: "gzip", replyTo: "answers", priority: 9)
        for copy in [
            message.requeued(source, from: "q.parking", by: "a", at: now), message.replayed(source, at: now),
        ] {
            #expect(copy.contentEncoding == "gzip" && copy.replyTo == "answers" && copy.priority == 9)
        }
        let direct = Message(body: [], replyTo: "amq.rabbitmq.reply-to")
        #expect(direct.requeued(source, from: "q.parking", by: "a", at: now).replyTo == nil)
    }

    @Test(
        arguments: [
            ([:], "q"), (["x-published-key": "first"], "first"),
            (["x-death": [["routing-keys": ["q"]], ["routing-keys": ["media.uploaded"]]]], "media.uploaded"),
        ] as [(JSONObject, String)]
    )
    func `a message without an id keeps the key that makes its event's id`(headers: JSONObject, key: String) {
        let copy = Message(body: [1], headers: headers).requeued(source, from: "q.parking", by: "a", at: now)
        #expect(copy.headers["x-published-key"]?.stringValue == key)
        #expect(copy.headers["x-death"] == nil)
    }
}
