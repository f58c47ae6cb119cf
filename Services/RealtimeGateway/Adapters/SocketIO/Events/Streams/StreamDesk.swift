import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// Contract 4 for one client: the streams and rooms that it takes part in, and what it does there.
final class StreamDesk {
    /// What a client is to one stream or room.
    struct Attendance {
        /// Where what it says goes; `nil` while it does not take part in the talk.
        var talk: ConversationKey?
        /// How it is shown there.
        var speaker: Identity
        /// Whether it is told of the stream's state, viewers and reactions; then it is a viewer.
        var watches = false
        var followsFigures = false

        var isEmpty: Bool { talk == nil && !watches && !followsFigures }
    }

    let services: SocketServices
    private(set) var attendances: [String: Attendance] = [:]
    private var comings = RateMeter()
    private var chat = RateMeter()
    private var typing = RateMeter()
    private var reactions = RateMeter()
    private var moderation = RateMeter()

    init(_ services: SocketServices) {
        self.services = services
    }

    func handle(_ call: SocketCall) throws(Refusal) {
        switch call.event.name {
        case "chat:join": try join(call)
        case "chat:leave": try leave(call)
        case "chat:message": try say(call)
        case "chat:typing": try type(call)
        case "chat:history": try showHistory(call)
        case "stream:subscribe": try watch(call)
        case "stream:unsubscribe": try unwatch(call)
        case "reaction:send": try react(call)
        case "analytics:subscribe": try followFigures(call)
        case "analytics:unsubscribe": try unfollowFigures(call)
        case "moderation:delete-message": try delete(call)
        default: try moderate(call)
        }
    }

    // MARK: Where the client is

    func attendance(_ streamID: String) throws(Refusal) -> Attendance {
        guard let attendance = attendances[streamID] else { throw .notThere }
        return attendance
    }

    /// The conversation in which the client talks, and how it is shown there, with the rights that it has now.
    func talk(_ streamID: String, _ identity: Identity) throws(Refusal) -> (key: ConversationKey, speaker: Identity) {
        guard let attendance = attendances[streamID], let key = attendance.talk else { throw .notThere }
        var speaker = identity
        speaker.name = attendance.speaker.name
        // It may have become another since the client came; one that is described would have had to be come to.
        guard services.conversations.mayBeEither(streamID) else { return (key, speaker) }
        return (services.knownKey(of: streamID) ?? key, speaker)
    }

    func checkRoom(for streamID: String) throws(Refusal) {
        guard attendances[streamID] != nil || attendances.count < services.limits.streamsPerConnection else {
            throw Refusal(
                .forbidden,
                "A connection takes part in \(services.limits.streamsPerConnection) streams at most"
            )
        }
    }

    func update(_ streamID: String, _ identity: Identity, _ change: (inout Attendance) -> Void) {
        var attendance = attendances[streamID] ?? Attendance(speaker: identity)
        change(&attendance)
        attendances[streamID] = attendance.isEmpty ? nil : attendance
    }

    /// Makes the client a viewer, if it is none; returns how many there are.
    func startWatching(_ streamID: String, _ speaker: Identity, _ socket: Socket) -> Int {
        guard attendances[streamID]?.watches != true else { return services.streams.viewerCount(of: streamID) }
        socket.join(SocketTopics.live(streamID))
        update(streamID, speaker) {
            $0.speaker = speaker
            $0.watches = true
        }
        return services.streams.enter(streamID, speaker.profile)
    }

    func stopWatching(_ streamID: String, _ socket: Socket) {
        guard let attendance = attendances[streamID], attendance.watches else { return }
        socket.leave(SocketTopics.live(streamID))
        services.streams.leave(streamID, attendance.speaker.userID)
        update(streamID, attendance.speaker) { $0.watches = false }
    }

    func stopTalking(_ streamID: String, _ socket: Socket) {
        guard let attendance = attendances[streamID], attendance.talk != nil else { return }
        for key in ConversationKey.talks(of: streamID) { socket.leave(SocketTopics.talk(key)) }
        update(streamID, attendance.speaker) { $0.talk = nil }
    }

    func stopFollowingFigures(_ streamID: String, _ socket: Socket) {
        guard let attendance = attendances[streamID], attendance.followsFigures else { return }
        socket.leave(SocketTopics.analytics(streamID))
        services.streams.unfollow(streamID)
        update(streamID, attendance.speaker) { $0.followsFigures = false }
    }

    /// The client may not be on a topic any more, nor on the others of the same stream.
    func expelled(from topic: String, _ socket: Socket) {
        guard let streamID = attendances.keys.first(where: { SocketTopics.all(of: $0).contains(topic) }) else { return }
        stopTalking(streamID, socket)
        stopWatching(streamID, socket)
        stopFollowingFigures(streamID, socket)
        socket.emit("error", [.object(ErrorSpelling.payload(.noAccess, in: .streams, at: services.now()))])
        socket.emit("chat:left", [.object(["stream_id": .string(streamID)])])
    }

    // MARK: Going and coming back

    /// The client has gone, and may come back.
    func suspend() {
        for (streamID, attendance) in attendances {
            if attendance.watches { services.streams.leave(streamID, attendance.speaker.userID) }
            if attendance.followsFigures { services.streams.unfollow(streamID) }
        }
    }

    func resume() {
        for (streamID, attendance) in attendances {
            if attendance.watches { _ = services.streams.enter(streamID, attendance.speaker.profile) }
            if attendance.followsFigures { _ = services.streams.follow(streamID) }
        }
    }

    /// Puts back what was stored.
    func restore(_ attendances: [String: Attendance]) { self.attendances = attendances }

    // MARK: Limits

    func countComing() throws(Refusal) { try comings.take([services.limits.comings]) }
    func countMessage() throws(Refusal) { try chat.take(services.limits.chat) }
    func countTyping() throws(Refusal) { try typing.take([services.limits.typing]) }
    func countReaction() throws(Refusal) { try reactions.take(services.limits.reactions) }
    func countModeration() throws(Refusal) { try moderation.take(services.limits.moderation) }
}

extension ConversationKey {
    /// What an id of contract 4 may name: a stream or a room.
    static func talks(of streamID: String) -> [ConversationKey] {
        [ConversationKey(.stream, streamID), ConversationKey(.room, streamID)]
    }
}

extension Refusal {
    static let notThere = Refusal(.forbidden, "has to be joined first", field: "stream_id")
}
