import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// Talk in streams and rooms.
extension StreamDesk {
    func join(_ call: SocketCall) throws(Refusal) {
        try countComing()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let speaker = try fields.speaker(call.identity)
        let resume = try fields.resumePoint()
        try checkRoom(for: streamID)
        stopTalking(streamID, call.socket)
        for key in ConversationKey.talks(of: streamID) { call.socket.join(SocketTopics.talk(key), isHeld: true) }
        find(streamID, speaker, since: resume, call) { [self] result in
            switch result {
            case .success(let arrival): joined(streamID, arrival, speaker, call)
            case .failure(let refusal): refuseJoin(streamID, refusal, call)
            }
        }
    }

    /// How the client finds what an id names: at once if nothing has to be looked up, else later.
    func find(
        _ streamID: String,
        _ speaker: Identity,
        since resume: ResumePoint?,
        _ call: SocketCall,
        _ body: @escaping (Result<Arrival, Refusal>) -> Void
    ) {
        if let key = services.knownKey(of: streamID),
            let arrival = services.conversations.arrival(at: key, since: resume, for: speaker)
        {
            return body(.success(arrival))
        }
        let lookup: @Sendable () async -> Result<Arrival, Refusal> = { [services] in
            do throws(Refusal) {
                let key = try await services.key(of: streamID)
                return .success(try await services.conversations.arrival(at: key, of: speaker, since: resume))
            } catch {
                return .failure(error)
            }
        }
        call.wait({ () throws(Refusal) in await lookup() }, body)
    }

    private func refuseJoin(_ streamID: String, _ refusal: Refusal, _ call: SocketCall) {
        for key in ConversationKey.talks(of: streamID) { call.socket.leave(SocketTopics.talk(key)) }
        call.refuse(refusal)
    }

    private func joined(
        _ streamID: String,
        _ arrival: Arrival,
        _ speaker: Identity,
        _ call: SocketCall
    ) {
        let (socket, key) = (call.socket, arrival.conversation.key)
        // It was sent away while it was looked into whether it may come.
        guard !ConversationKey.talks(of: streamID).contains(where: { socket.isRevoked(SocketTopics.talk($0)) }) else {
            return refuseJoin(streamID, .noAccess, call)
        }
        update(streamID) {
            $0.talk = key.kind
            $0.name = speaker.name == call.identity.name ? nil : speaker.name
        }
        for other in ConversationKey.talks(of: streamID) where other != key {
            // What may be either is open to all; else it is the one, and the other may be closed to this client.
            if !services.conversations.mayBeEither(streamID) { socket.leave(SocketTopics.talk(other)) }
        }
        let online = startWatching(streamID, speaker, call)
        let answer: JSONObject = [
            "stream_id": .string(streamID), "online_users": .integer(Int64(online)), "seq": .integer(arrival.seq),
            "recovered": .bool(arrival.recovered),
        ]
        call.emit("chat:joined", answer)
        call.accept(answer)
        for message in arrival.missed { socket.emit("chat:message", [StreamSpelling.message(message)]) }
        for talk in ConversationKey.talks(of: streamID) {
            socket.release(SocketTopics.talk(talk), after: talk == key ? arrival.seq : nil)
        }
    }

    func leave(_ call: SocketCall) throws(Refusal) {
        try countComing()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        _ = try fields.speaker(call.identity)
        stopTalking(streamID, call.socket)
        stopWatching(streamID, call.socket, call.identity.userID)
        call.accept(["stream_id": .string(streamID)])
    }

    // MARK: Saying something

    func say(_ call: SocketCall) throws(Refusal) {
        try countMessage()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let talk = try talk(streamID, call.identity)
        _ = try fields.speaker(call.identity)
        guard case .json(let text)? = call.event.content(0) else { return }
        let bytes = text.readableBytesUInt8Span
        let content = try PayloadFields(bytes).content("message", in: bytes)
        let draft = MessageDraft(content, in: talk.key, author: talk.speaker.profile, at: services.now())
        call.perform(.send(draft), in: talk.key, by: talk.speaker) { event in
            guard case .posted(let message) = event else { return }
            call.accept(["message_id": .string(StreamSpelling.id(message.id)), "seq": .integer(message.seq)])
        }
    }

    func type(_ call: SocketCall) throws(Refusal) {
        try countTyping()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let talk = try talk(streamID, call.identity)
        _ = try fields.speaker(call.identity)
        try whoMaySpeak(call, in: talk.key) { [services] in
            services.hub.publish(
                TopicEvent(
                    topic: SocketTopics.talk(talk.key),
                    name: "chat:typing",
                    content: .object(StreamSpelling.typing(talk.speaker.profile, in: streamID)),
                    policy: .mayDrop,
                    except: call.socket.connection
                )
            )
        }
    }

    /// Does for who is neither banned nor muted what is told without being stored.
    func whoMaySpeak(_ call: SocketCall, in key: ConversationKey, _ body: @escaping () -> Void) throws(Refusal) {
        if try services.conversations.isKnownToMaySpeak(call.identity, in: key) { return body() }
        call.wait { [services, identity = call.identity] () throws(Refusal) in
            try await services.conversations.checkMaySpeak(identity, in: key)
        } _: { _ in
            body()
        }
    }

    // MARK: What was said before

    func showHistory(_ call: SocketCall) throws(Refusal) {
        try countMessage()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let key = try talk(streamID, call.identity).key
        let before = try fields.message("before_id")
        call.follow { [services] () throws(Refusal) in
            guard let before else { return try await services.conversations.page(of: key) }
            return try await services.conversations.page(of: key, before: before)
        } _: { page in
            let messages = page.map(StreamSpelling.message).compactMap(\.value)
            let answer: JSONObject = ["stream_id": .string(streamID), "messages": .array(messages)]
            call.event.acknowledge == nil ? call.emit("chat:history", answer) : call.accept(answer)
        }
    }
}
