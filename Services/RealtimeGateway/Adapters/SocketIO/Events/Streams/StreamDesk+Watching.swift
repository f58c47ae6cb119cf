import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// A stream's state, viewers, reactions and figures.
extension StreamDesk {
    func watch(_ call: SocketCall) throws(Refusal) {
        try come(to: SocketTopics.live, call) { [self] streamID, speaker in
            _ = startWatching(streamID, speaker, call)
            let answer: JSONObject = ["stream_id": .string(streamID)]
            call.emit("stream:subscribed", answer)
            call.accept(answer)
        }
    }

    func unwatch(_ call: SocketCall) throws(Refusal) {
        try countComing()
        let streamID = try call.fields().requiredID("stream_id")
        stopTalking(streamID, call.socket)
        stopWatching(streamID, call.socket, call.identity.userID)
        call.accept(["stream_id": .string(streamID)])
    }

    func followFigures(_ call: SocketCall) throws(Refusal) {
        try come(to: SocketTopics.analytics, call) { [self] streamID, speaker in
            if attendance(streamID)?.followsFigures != true {
                update(streamID) { $0.followsFigures = true }
                call.emit("analytics:update", services.streams.follow(streamID))
            }
            call.accept(["stream_id": .string(streamID)])
        }
    }

    func unfollowFigures(_ call: SocketCall) throws(Refusal) {
        try countComing()
        let streamID = try call.fields().requiredID("stream_id")
        stopFollowingFigures(streamID, call.socket)
        call.accept(["stream_id": .string(streamID)])
    }

    /// Has the client on a topic of a stream, if it may come to the stream.
    private func come(
        to topic: (String) -> String,
        _ call: SocketCall,
        _ body: @escaping (String, Identity) -> Void
    ) throws(Refusal) {
        try countComing()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let speaker = try fields.speaker(call.identity)
        try checkRoom(for: streamID)
        let (topic, socket) = (topic(streamID), call.socket)
        let isThere = socket.topics.contains(topic)
        socket.join(topic, isHeld: true)
        find(streamID, speaker, since: nil, call) { result in
            do throws(Refusal) {
                _ = try result.get()
                // It was sent away while it was looked into whether it may come.
                guard !socket.isRevoked(topic) else { throw .noAccess }
                body(streamID, speaker)
                socket.release(topic, after: nil)
            } catch {
                if !isThere { socket.leave(topic) }
                call.refuse(error)
            }
        }
    }

    /// Tells how many watch, to a client that may have missed it.
    func tellViewers(_ socket: Socket) {
        for attendance in attendances where attendance.watches {
            socket.tell("viewer.count.update", services.streams.viewers(of: attendance.streamID))
        }
    }

    // MARK: Reactions

    /// Bytes of an emoji: one may be made of many scalars.
    private static let maximumEmoji = 64

    func react(_ call: SocketCall) throws(Refusal) {
        try countReaction()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        guard let attendance = attendance(streamID) else { throw .notThere }
        let speaker = try fields.speaker(call.identity)
        guard let emoji = try fields.text("emoji", maximum: Self.maximumEmoji) else {
            throw Refusal(.invalidPayload, "can't be blank", field: "emoji")
        }
        let reaction = StreamReaction(
            emoji: emoji,
            userID: speaker.userID,
            x: try fields.share("x") ?? Self.anywhere,
            y: try fields.share("y") ?? Self.anywhere,
            at: services.now()
        )
        try whoMaySpeak(call, in: attendance.key ?? ConversationKey(.stream, streamID)) { [services] in
            services.streams.react(streamID, reaction)
            call.accept()
        }
    }

    /// A place for who does not say where, to the thousandth.
    private static var anywhere: Double { Double(Int.random(in: 0...1000)) / 1000 }
}
