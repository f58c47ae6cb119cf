import EventSchema
import Foundation
import Messaging
import Testing

/// Bodies and properties as real PHP puts them on the wire.
struct DecodingPublishersTests {
    private let decoder = EventDecoder()
    private let payload: JSONObject = [
        "topic": "chat:room:1", "event": "sale", "payload": ["name": "Größe", "left": 3],
    ]

    @Test(arguments: ["amqplib", "ext-amqp"])
    func `an envelope is read whatever its content type`(name: String) throws {
        let envelope = try decoder.envelope(of: CapturedMessage.read(name))
        #expect(envelope.eventType == "realtime.broadcast")
        #expect(envelope.eventID.lowercased == "7f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01")
        #expect(envelope.source == "php-backend")
        #expect(envelope.payload == payload)
    }

    @Test func `Symfony's JSON is the payload and its class the type`() throws {
        let message = try CapturedMessage.read("symfony-json-broadcast")
        let envelope = try decoder.envelope(of: message)
        #expect(envelope.eventType == "realtime.broadcast")
        #expect(envelope.payload == payload)
        #expect(envelope.source == "symfony")
        #expect(envelope.timestamp == message.timestamp)
        #expect(try decoder.envelope(of: message).eventID == envelope.eventID)
    }

    @Test func `a class may be called a message, and is read as its event`() throws {
        let envelope = try decoder.envelope(of: CapturedMessage.read("symfony-json-notification"))
        #expect(try envelope.decode(NotificationRequested.self).userID == "user-7")
    }

    @Test func `a class that nobody knows is refused with the setting that maps it`() throws {
        let message = try CapturedMessage.read("symfony-json-unmapped")
        let error = try #require(decoder.problem(with: message))
        #expect(error.code == .unknownEventType)
        #expect(error.message.contains(#"MESSAGE_TYPES=App\Message\InvoicePaid="#))
        let mapped = EventDecoder(types: [#"App\Message\InvoicePaid"#: "media.uploaded"])
        #expect(try mapped.envelope(of: message).eventType == "media.uploaded")
    }

    @Test(arguments: ["symfony-php", "symfony-php-latin1"])
    func `Symfony's default is refused with the setting that changes it`(name: String) throws {
        let error = try #require(decoder.problem(with: CapturedMessage.read(name)))
        #expect(error.code == .unsupportedFormat)
        #expect(error.message.contains("messenger.transport.symfony_serializer"))
        #expect(error.message.utf8.count <= 512)
    }

    @Test func `an array that Laravel pushed is the payload, and the job's name the type`() throws {
        let envelope = try decoder.envelope(of: CapturedMessage.read("laravel-array"))
        #expect(envelope.eventType == "realtime.broadcast")
        #expect(envelope.eventID.lowercased == "1dde4a5d-a7ba-4a01-a4db-ecfb3aa40cff")
        #expect(envelope.payload == payload)
        #expect(envelope.source == "laravel")
    }

    @Test func `a Laravel job object is refused with what to push instead`() throws {
        let message = try CapturedMessage.read("laravel-object")
        let error = try #require(decoder.problem(with: message))
        #expect(error.code == .unsupportedFormat)
        #expect(error.message.hasPrefix("data.command: "))
        #expect(error.message.contains(#"App\Jobs\BroadcastRealtime"#) && error.message.contains("pushRaw"))
        // Mapped or not: what is in there is for PHP alone.
        let mapped = EventDecoder(types: [#"App\Jobs\BroadcastRealtime"#: "realtime.broadcast"])
        #expect(mapped.problem(with: message) == error)
    }

    // MARK: Names

    @Test(arguments: [
        (#"App\Message\MediaUploaded"#, "media.uploaded"), (#"\App\Message\MediaUploadedEvent"#, "media.uploaded"),
        (#"App\Command\NotificationRequestedCommand"#, "notification.requested"),
        (#"App\NotificationInApp"#, "notification.in_app"), ("notification.in_app", "notification.in_app"),
        ("realtime_broadcast", "realtime.broadcast"), ("com.acme.RealtimeBroadcast", "realtime.broadcast"),
    ])
    func `a class is known by its letters`(name: String, type: String) throws {
        #expect(try decoder.envelope(of: Message("{}", headers: ["type": .string(name)])).eventType == type)
    }

    @Test(arguments: ["Event", "", #"App\"#, #"App\Message\Uploaded"#, #"App\MediaUploaded\Handler"#])
    func `a class that only resembles one is not`(name: String) {
        let message = Message("{}", headers: ["type": .string(name)])
        #expect(decoder.problem(with: message)?.code == .unknownEventType)
    }

    @Test func `the map wins over the letters, with or without a leading backslash`() throws {
        let decoder = EventDecoder(types: [#"\App\MediaUploaded"#: "media.cancel"])
        let message = Message("{}", headers: ["type": #"App\MediaUploaded"#])
        #expect(try decoder.envelope(of: message).eventType == "media.cancel")
    }

    @Test func `the program that publishes may name itself`() throws {
        var message = Message("{}", headers: ["type": #"App\MediaUploaded"#])
        message.appID = "shop"
        #expect(try decoder.envelope(of: message).source == "shop")
    }

    @Test func `a Laravel job pushed under the event's own name needs no map`() throws {
        let body = #"{"uuid":"x-1","displayName":"media.uploaded","job":"media.uploaded","data":[]}"#
        let envelope = try decoder.envelope(of: Message(body))
        #expect(envelope.eventType == "media.uploaded")
        #expect(envelope.payload == [:])
        #expect(try decoder.envelope(of: Message(body, messageID: "other")).eventID == envelope.eventID)
    }

    @Test(arguments: [
        (#"{"displayName":"A\\B","job":"A\\B@c","data":{}}"#, #"no event type is known for "A\B""#),
        (#"{"displayName":"media.uploaded","job":7,"data":{}}"#, "job: expected string, got integer"),
        (#"{"displayName":"media.uploaded","data":"text"}"#, "data: expected object, got string"),
        (
            #"{"displayName":"media.uploaded","data":{"commandName":"A","command":"eyJpdiI6"}}"#,
            "data.command: a Laravel job object"
        ),
    ])
    func `a Laravel job that is no event says why`(body: String, reason: String) throws {
        #expect(try #require(decoder.problem(with: Message(body))).message.contains(reason))
    }
}
