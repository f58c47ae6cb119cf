import EventSchema
import Foundation
import NIOCore
import RealtimeDomain
import RealtimeHTTP
import SocketIO

/// Contract 3 for one client: notifications, who is online, threads.
final class ForumDesk {
    /// Unread notifications that somebody is sent who comes.
    private static let unreadLimit = 100
    /// Bytes that these may have together: much less than may wait for a client that reads slowly.
    private static let unreadBytes = 262_144
    /// Threads that one client listens to, or types in, at once.
    static let threadLimit = 100

    let services: SocketServices
    /// Who is in the forum with this client; `nil` before and for clients of contract 4.
    private var resident: Identity?
    var threads: Set<String> = []
    var typing: [String: Scheduled<Void>] = [:]
    private var debug: DebugFeed?
    private var events = RateMeter()
    private var notifications = RateMeter()
    private var typingMeter = RateMeter()

    init(_ services: SocketServices) {
        self.services = services
    }

    /// Somebody has come.
    func enter(_ identity: Identity, _ socket: Socket, _ client: GatewaySocket) {
        resident = identity
        socket.join(SocketTopics.user(identity.userID), isHeld: true)
        socket.join(SocketTopics.forum)
        services.presence.arrived(identity.profile)
        tellUnread(socket, client)
    }

    func handle(_ call: SocketCall) throws(Refusal) {
        switch call.event.name {
        case "notification_read": try markRead(call)
        case "typing_start": try startTyping(call)
        case "typing_stop": try stopTyping(call)
        case "thread_subscribe": try listen(call)
        case "thread_unsubscribe": try stopListening(call)
        case "debug_mode": try debug(call)
        default:
            try countEvent()
            throw Refusal(.unknownEvent, "'\(call.event.name.prefix(100))' is not an event of this server")
        }
    }

    /// The client has gone, and may come back.
    func suspend() {
        for (threadID, expiry) in typing {
            expiry.cancel()
            if let resident { services.tellTyping(resident.profile, in: threadID, false, except: nil) }
        }
        typing = [:]
        debug?.stop()
        debug = nil
        if let resident { services.presence.left(resident.profile) }
    }

    func resume() {
        if let resident { services.presence.arrived(resident.profile) }
    }

    /// Puts back what was stored; what came meanwhile is found unread.
    func restore(_ identity: Identity?, _ threads: Set<String>) {
        resident = identity
        self.threads = threads
    }

    /// Sends what is unread, and then what comes.
    ///
    /// What comes while it is looked up may be among both.
    func tellUnread(_ socket: Socket, _ client: GatewaySocket) {
        guard let loop = socket.shard?.loop, let userID = resident?.userID else { return }
        let unread = loop.makeFutureWithTask { [services] in
            try await services.inbox.unread(of: userID, limit: Self.unreadLimit)
        }
        client.follow(unread) { result in
            guard socket.isConnected else { return }
            // Who cannot be told now finds them unread the next time.
            for notification in Self.newest((try? result.get()) ?? []) {
                socket.emit("notification", [.object(NotificationSpelling.notification(notification))])
            }
            socket.release(SocketTopics.user(userID), after: nil)
        }
    }

    /// The newest that a client is sent at once, and one at least.
    private static func newest(_ unread: [UserNotification]) -> [UserNotification] {
        var bytes = 0
        return unread.reversed().prefix { notification in
            defer { bytes += notification.weight }
            return bytes == 0 || bytes + notification.weight <= unreadBytes
        }.reversed()
    }

    func countEvent() throws(Refusal) { try events.take([services.limits.events]) }
    func countTyping() throws(Refusal) { try typingMeter.take([services.limits.typing]) }

    // MARK: Notifications

    private func markRead(_ call: SocketCall) throws(Refusal) {
        try notifications.take([services.limits.notifications])
        guard let id = try call.fields().message("notification_id") else {
            throw Refusal(.invalidPayload, "can't be blank", field: "notification_id")
        }
        let (userID, now) = (call.identity.userID, services.now())
        call.follow { [services] () throws(Refusal) in
            guard let read = try await services.inbox.markRead(id, of: userID, at: now) else {
                throw Refusal(.notFound, "is no notification of yours", field: "notification_id")
            }
            return read
        } _: { read in
            let payload = NotificationSpelling.read(id, at: read.readAt)
            // All devices hear of news; who repeats it is told alone.
            if !read.isNews { call.emit("notification_updated", payload) }
            call.accept(payload)
        }
    }

    // MARK: Debugging

    private func debug(_ call: SocketCall) throws(Refusal) {
        try countEvent()
        guard let isEnabled = try call.fields().bool("enabled") else {
            throw Refusal(.invalidPayload, "must be true or false", field: "enabled")
        }
        guard call.identity.isModerator || call.identity.permissions.contains("debug") else {
            throw Refusal(.forbidden, "Insufficient permissions")
        }
        debug?.stop()
        debug = isEnabled ? DebugFeed(services.hub, call.socket) : nil
        call.accept(["enabled": .bool(isEnabled)])
    }
}
