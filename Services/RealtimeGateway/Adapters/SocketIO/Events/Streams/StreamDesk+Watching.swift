import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// A stream's state, viewers, reactions and figures.
extension StreamDesk {
    func watch(_ call: SocketCall) throws(Refusal) {
        try comeTo(call) { [self] streamID, speaker in
            _ = startWatching(streamID, speaker, call.socket)
            let answer: JSONObject = ["stream_id": .string(streamID)]
            call.emit("stream:subscribed", answer)
            call.accept(answer)
        }
    }

    func unwatch(_ call: SocketCall) throws(Refusal) {
        let streamID = try call.fields().requiredID("stream_id")
        stopTalking(streamID, call.socket)
        stopWatching(streamID, call.socket)
        call.accept(["stream_id": .string(streamID)])
    }

    func followFigures(_ call: SocketCall) throws(Refusal) {
        try comeTo(call) { [self] streamID, speaker in
            if attendances[streamID]?.followsFigures != true {
                call.socket.join(SocketTopics.analytics(streamID))
                update(streamID, speaker) { $0.followsFigures = true }
                call.emit("analytics:update", services.streams.follow(streamID))
            }
            call.accept(["stream_id": .string(streamID)])
        }
    }

    func unfollowFigures(_ call: SocketCall) throws(Refusal) {
        let streamID = try call.fields().requiredID("stream_id")
        if attendances[streamID]?.followsFigures == true {
            call.socket.leave(SocketTopics.analytics(streamID))
            update(streamID, call.identity) { $0.followsFigures = false }
            services.streams.unfollow(streamID)
        }
        call.accept(["stream_id": .string(streamID)])
    }

    /// Does something for who may come to a stream.
    private func comeTo(_ call: SocketCall, _ body: @escaping (String, Identity) -> Void) throws(Refusal) {
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let speaker = try fields.speaker(call.identity)
        try checkRoom(for: streamID)
        find(streamID, speaker, since: nil, call) { result in
            switch result {
            case .success: body(streamID, speaker)
            case .failure(let refusal): call.refuse(refusal)
            }
        }
    }

    // MARK: Reactions

    /// Bytes of an emoji: one may be made of many scalars.
    private static let maximumEmoji = 64

    func react(_ call: SocketCall) throws(Refusal) {
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        try countReaction()
        _ = try attendance(streamID)
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
        services.streams.react(streamID, reaction)
        call.accept()
    }

    /// A place for who does not say where, to the thousandth.
    private static var anywhere: Double { Double(Int.random(in: 0...1000)) / 1000 }
}
