import EventSchema
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// Threads: who listens to a private one, and who is typing.
extension ForumDesk {
    /// How long somebody is typing who says nothing more of it.
    private static let typingTime = TimeAmount.seconds(10)

    /// Contract 3 has no event for it, since everybody hears of threads that are open to all.
    func listen(_ call: SocketCall) throws(Refusal) {
        try countEvent()
        try comeTo(call, toStay: true) { threadID in
            let payload: JSONObject = ["thread_id": ForumSpelling.id(threadID)]
            call.emit("thread_subscribed", payload)
            call.accept(payload)
        }
    }

    func stopListening(_ call: SocketCall) throws(Refusal) {
        try countEvent()
        let threadID = try call.fields().requiredID("thread_id")
        leave(threadID, call.socket)
        call.accept(["thread_id": ForumSpelling.id(threadID)])
    }

    private func leave(_ threadID: String, _ socket: Socket) {
        guard threads.remove(threadID) != nil else { return }
        socket.leave(SocketTopics.talk(ConversationKey(.thread, threadID)))
    }

    func expelled(from topic: String, _ socket: Socket) {
        guard let threadID = threads.first(where: { SocketTopics.talk(ConversationKey(.thread, $0)) == topic }) else {
            return
        }
        leave(threadID, socket)
        socket.tell("error", ErrorSpelling.payload(.noAccess, in: .forum, at: services.now()))
    }

    /// Does something for who may come to a thread, and has them listen to it if it is private, or if they mean to stay.
    private func comeTo(
        _ call: SocketCall,
        toStay: Bool = false,
        _ body: @escaping (String) -> Void
    ) throws(Refusal) {
        let threadID = try call.fields().requiredID("thread_id")
        guard !threads.contains(threadID) else { return body(threadID) }
        guard threads.count < Self.threadLimit else {
            throw Refusal(.forbidden, "A connection listens to \(Self.threadLimit) threads at most")
        }
        let key = ConversationKey(.thread, threadID)
        call.socket.join(SocketTopics.talk(key), isHeld: true)
        call.wait { [services, identity = call.identity] () async -> Result<Arrival, Refusal> in
            do throws(Refusal) {
                return .success(try await services.conversations.arrival(at: key, of: identity, since: nil))
            } catch {
                return .failure(error)
            }
        } _: { [self] result in
            came(to: threadID, result, toStay: toStay, call, body)
        }
    }

    private func came(
        to threadID: String,
        _ result: Result<Arrival, Refusal>,
        toStay: Bool,
        _ call: SocketCall,
        _ body: (String) -> Void
    ) {
        let topic = SocketTopics.talk(ConversationKey(.thread, threadID))
        do throws(Refusal) {
            let arrival = try result.get()
            guard !call.socket.isRevoked(topic) else { throw .noAccess }
            if toStay || arrival.conversation.access == .private {
                threads.insert(threadID)
                call.socket.release(topic, after: nil)
            } else {
                // The forum hears of it.
                call.socket.leave(topic)
            }
            body(threadID)
        } catch {
            call.socket.leave(topic)
            call.refuse(error)
        }
    }

    // MARK: Typing

    func startTyping(_ call: SocketCall) throws(Refusal) {
        try countTyping()
        try comeTo(call) { [self] threadID in
            guard let loop = call.socket.shard?.loop, typing.count < Self.threadLimit else { return }
            typing[threadID]?.cancel()
            typing[threadID] = loop.assumeIsolated().scheduleTask(in: Self.typingTime) { [self] in
                endTyping(threadID, call)
            }
            tell(threadID, true, call)
        }
    }

    func stopTyping(_ call: SocketCall) throws(Refusal) {
        try countTyping()
        let threadID = try call.fields().requiredID("thread_id")
        endTyping(threadID, call)
        call.accept()
    }

    private func endTyping(_ threadID: String, _ call: SocketCall) {
        guard let expiry = typing.removeValue(forKey: threadID) else { return }
        expiry.cancel()
        tell(threadID, false, call)
    }

    private func tell(_ threadID: String, _ isTyping: Bool, _ call: SocketCall) {
        services.tellTyping(call.identity.profile, in: threadID, isTyping, except: call.socket.connection)
        if isTyping { call.accept() }
    }
}

extension SocketServices {
    func tellTyping(
        _ profile: Profile,
        in threadID: String,
        _ isTyping: Bool,
        except speaker: (any ClientConnection)?
    ) {
        threads.tell(
            "user_typing",
            .object(ForumSpelling.typing(profile, in: threadID, isTyping)),
            in: threadID,
            policy: .mayDrop,
            except: speaker
        )
    }
}
