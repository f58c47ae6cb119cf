import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// Contract 4 for one client: the streams and rooms that it takes part in, and what it does there.
final class StreamDesk {
    let services: SocketServices
    /// Few, so that a list beats a dictionary in bytes.
    private(set) var attendances: [StreamAttendance] = []
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

    func attendance(_ streamID: String) -> StreamAttendance? { attendances.first { $0.streamID == streamID } }

    /// The conversation in which the client talks, and how it is shown there, with the rights that it has now.
    func talk(_ streamID: String, _ identity: Identity) throws(Refusal) -> (key: ConversationKey, speaker: Identity) {
        guard let attendance = attendance(streamID), let key = attendance.key else { throw .notThere }
        let speaker = attendance.speaker(identity)
        // It may have become another since the client came; one that is described would have had to be come to.
        guard services.conversations.mayBeEither(streamID) else { return (key, speaker) }
        return (services.knownKey(of: streamID) ?? key, speaker)
    }

    func checkRoom(for streamID: String) throws(Refusal) {
        guard attendance(streamID) != nil || attendances.count < services.limits.streamsPerConnection else {
            throw Refusal(
                .forbidden,
                "A connection takes part in \(services.limits.streamsPerConnection) streams at most"
            )
        }
    }

    func update(_ streamID: String, _ change: (inout StreamAttendance) -> Void) {
        let index = attendances.firstIndex { $0.streamID == streamID }
        var attendance = index.map { attendances[$0] } ?? StreamAttendance(streamID: streamID)
        change(&attendance)
        switch (index, attendance.isEmpty) {
        case (let index?, false): attendances[index] = attendance
        case (let index?, true): attendances.remove(at: index)
        case (nil, false): attendances.append(attendance)
        case (nil, true): break
        }
    }

    /// Makes the client a viewer, if it is none; returns how many there are.
    func startWatching(_ streamID: String, _ speaker: Identity, _ call: SocketCall) -> Int {
        guard attendance(streamID)?.watches != true else { return services.streams.viewerCount(of: streamID) }
        call.socket.join(SocketTopics.live(streamID))
        update(streamID) {
            $0.name = speaker.name == call.identity.name ? nil : speaker.name
            $0.watches = true
        }
        return services.streams.enter(streamID, speaker.profile)
    }

    func stopWatching(_ streamID: String, _ socket: Socket, _ userID: String) {
        guard attendance(streamID)?.watches == true else { return }
        socket.leave(SocketTopics.live(streamID))
        services.streams.leave(streamID, userID)
        update(streamID) { $0.watches = false }
    }

    func stopTalking(_ streamID: String, _ socket: Socket) {
        guard attendance(streamID)?.talk != nil else { return }
        for key in ConversationKey.talks(of: streamID) { socket.leave(SocketTopics.talk(key)) }
        update(streamID) { $0.talk = nil }
    }

    func stopFollowingFigures(_ streamID: String, _ socket: Socket) {
        guard attendance(streamID)?.followsFigures == true else { return }
        socket.leave(SocketTopics.analytics(streamID))
        services.streams.unfollow(streamID)
        update(streamID) { $0.followsFigures = false }
    }

    /// The client may not be on a topic any more, nor on the others of the same stream.
    func expelled(from topic: String, _ socket: Socket, _ userID: String) {
        let streamIDs = attendances.map(\.streamID)
        guard let streamID = streamIDs.first(where: { SocketTopics.all(of: $0).contains(topic) }) else { return }
        stopTalking(streamID, socket)
        stopWatching(streamID, socket, userID)
        stopFollowingFigures(streamID, socket)
        socket.tell("error", ErrorSpelling.payload(.noAccess, in: .streams, at: services.now()))
        socket.tell("chat:left", ["stream_id": .string(streamID)])
    }

    // MARK: Going and coming back

    /// The client has gone, and may come back.
    func suspend(_ identity: Identity) {
        for attendance in attendances {
            if attendance.watches { services.streams.leave(attendance.streamID, identity.userID) }
            if attendance.followsFigures { services.streams.unfollow(attendance.streamID) }
        }
    }

    func resume(_ identity: Identity) {
        for attendance in attendances {
            let streamID = attendance.streamID
            if attendance.watches { _ = services.streams.enter(streamID, attendance.speaker(identity).profile) }
            if attendance.followsFigures { _ = services.streams.follow(streamID) }
        }
    }

    /// Puts back what was stored.
    func restore(_ attendances: [StreamAttendance]) { self.attendances = attendances }

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
