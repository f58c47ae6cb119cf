import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP

/// What happens in the words of contract 4.
enum StreamSpelling {
    /// The id as clients see it: `msg_` and a UUID.
    static func id(_ message: UUID) -> String { "msg_\(message.lowercased)" }

    /// Written by hand, with the content as it came: a stream may hear thousands of these a second.
    static func message(_ message: StoredMessage) -> EventContent {
        var writer = JSONWriter(capacity: message.content.literal.utf8.count + 256)
        writer.write(literal: #"{"message":"#)
        writer.write(literal: message.content.literal)
        writer.write(literal: #","message_id":"#)
        writer.write(string: id(message.id))
        writer.write(literal: #","seq":"#)
        writer.write(literal: String(message.seq))
        writer.write(literal: #","stream_id":"#)
        writer.write(string: message.conversation.id)
        writer.write(literal: #","timestamp":"#)
        writer.write(string: message.insertedAt.description)
        writer.write(literal: #","user_id":"#)
        writer.write(string: message.author.userID)
        writer.write(literal: #","username":"#)
        writer.write(string: message.author.name)
        writer.write(literal: "}")
        return .json(ByteBuffer(bytes: writer.bytes))
    }

    static func deleted(_ message: UUID, in streamID: String) -> JSONObject {
        ["stream_id": .string(streamID), "message_id": .string(id(message))]
    }

    static func typing(_ profile: Profile, in streamID: String) -> JSONObject {
        ["stream_id": .string(streamID), "user_id": .string(profile.userID), "username": .string(profile.name)]
    }

    static func reaction(_ entry: ReactionBurst.Entry, in streamID: String) -> JSONObject {
        [
            "stream_id": .string(streamID),
            "emoji": .string(entry.reaction.emoji),
            "user_id": .string(entry.reaction.userID),
            "x": .double(entry.reaction.x),
            "y": .double(entry.reaction.y),
            "count": .integer(Int64(entry.count)),
            "timestamp": .string(entry.reaction.at.description),
        ]
    }

    static func viewer(_ profile: Profile, of streamID: String, at now: Timestamp) -> JSONObject {
        typing(profile, in: streamID).merging(["timestamp": .string(now.description)]) { $1 }
    }

    static func figures(_ figures: JSONObject, of streamID: String) -> JSONObject {
        figures.merging(["stream_id": .string(streamID)]) { $1 }
    }

    static func viewers(_ count: Int, of streamID: String, at now: Timestamp) -> JSONObject {
        ["stream_id": .string(streamID), "count": .integer(Int64(count)), "timestamp": .string(now.description)]
    }
}

extension EventContent {
    /// JSON of our own, read.
    var value: JSONValue? {
        guard case .json(let text) = self else { return nil }
        return try? JSONParser.parse(text.readableBytesUInt8Span)
    }

    static func object(_ members: JSONObject) -> EventContent {
        .json(ByteBuffer(bytes: JSONValue.object(members).encoded))
    }
}
