import RealtimeHTTP
import ServiceBootstrap

/// The settings of Socket.IO; the limits are those of contracts 3 and 4.
extension Settings {
    static let pingInterval = ConfigurationKey(
        "SOCKETIO_PING_INTERVAL",
        .duration(in: .seconds(1)...(.seconds(3600))),
        unit: "s",
        default: .seconds(25),
        "How often Socket.IO clients are pinged."
    )
    static let pingTimeout = ConfigurationKey(
        "SOCKETIO_PING_TIMEOUT",
        .duration(in: .seconds(1)...(.seconds(3600))),
        unit: "s",
        default: .seconds(20),
        "How long they may take to answer a ping."
    )
    static let socketPayload = ConfigurationKey(
        "SOCKETIO_MAX_PAYLOAD",
        .integer(in: 1024...16_777_216),
        unit: "bytes",
        default: 1_000_000,
        "The largest message or request of a Socket.IO client."
    )
    static let authenticationTimeout = ConfigurationKey(
        "SOCKETIO_AUTH_TIMEOUT",
        .duration(in: .seconds(1)...(.seconds(3600))),
        unit: "s",
        default: .seconds(45),
        "How long a Socket.IO client may be connected without saying who it is."
    )
    static let recoveryWindow = ConfigurationKey(
        "SOCKETIO_RECOVERY_WINDOW",
        .duration(in: .seconds(1)...(.seconds(3600))),
        unit: "s",
        default: .seconds(120),
        "How long a Socket.IO client that loses its connection may come back for what it has missed."
    )
    static let recoveryBytes = ConfigurationKey(
        "SOCKETIO_RECOVERY_BYTES",
        .integer(in: 65536...1_073_741_824),
        unit: "bytes",
        default: 16_777_216,
        "What is kept for them in memory; who has missed more connects anew."
    )
    static let trustedProxies = ConfigurationKey(
        "TRUSTED_PROXIES",
        .proxies,
        default: .none,
        "Addresses and networks, between commas, of proxies whose X-Forwarded-For counts: 10.0.0.0/8."
    )

    static let authenticationFailures = count(
        "SOCKETIO_AUTH_FAILURES_PER_MINUTE",
        default: 60,
        "Tokens of one address that do not hold, in a minute, after which it is not listened to"
    )

    // MARK: Contract 3

    static let socketConnectionsPerUser = count(
        "SOCKETIO_CONNECTIONS_PER_USER",
        default: 5,
        "Connections of one user of the forum on one node"
    )
    static let socketConnectionsPerAddress = count(
        "SOCKETIO_CONNECTIONS_PER_ADDRESS",
        default: 10,
        "Connections of users of the forum from one address on one node"
    )
    static let socketConnectsPerMinute = count(
        "SOCKETIO_CONNECTS_PER_MINUTE",
        default: 5,
        "New connections of users of the forum from one address in a minute"
    )
    static let socketEvents = count(
        "SOCKETIO_EVENTS_PER_MINUTE",
        default: 60,
        "Events of the forum that one connection may send in a minute, but for those below"
    )
    static let socketNotifications = count(
        "SOCKETIO_NOTIFICATIONS_PER_MINUTE",
        default: 30,
        "Notifications that one connection may mark as read in a minute"
    )
    static let socketTyping = count(
        "SOCKETIO_TYPING_PER_MINUTE",
        default: 120,
        "Typing indicators of one connection in a minute"
    )

    // MARK: Contract 4

    static let chatMessagesPerSecond = count(
        "CHAT_MESSAGES_PER_SECOND",
        default: 5,
        "Chat messages of one Socket.IO connection in a second"
    )
    static let chatMessagesPerMinute = count(
        "CHAT_MESSAGES_PER_MINUTE",
        default: 100,
        "Chat messages of one Socket.IO connection in a minute"
    )
    static let streamJoins = count(
        "STREAM_JOINS_PER_MINUTE",
        default: 120,
        "How often one Socket.IO connection may join, leave, subscribe in a minute"
    )
    static let reactionsPerSecond = count(
        "REACTIONS_PER_SECOND",
        default: 10,
        "Reactions of one Socket.IO connection in a second"
    )
    static let reactionsPerMinute = count(
        "REACTIONS_PER_MINUTE",
        default: 300,
        "Reactions of one Socket.IO connection in a minute"
    )
    static let moderationPerMinute = count(
        "MODERATION_PER_MINUTE",
        default: 20,
        "What a moderator may do over one Socket.IO connection in a minute"
    )

    private static func count(
        _ name: String,
        default value: Int,
        _ meaning: String
    ) -> ConfigurationKey<Int> {
        ConfigurationKey(name, .integer(in: 0...1_000_000), default: value, "\(meaning); 0 for no limit.")
    }

    static let socketKeys = [
        pingInterval.declaration, pingTimeout.declaration, socketPayload.declaration,
        authenticationTimeout.declaration, recoveryWindow.declaration, recoveryBytes.declaration,
        trustedProxies.declaration, socketConnectionsPerUser.declaration,
        socketConnectionsPerAddress.declaration, socketConnectsPerMinute.declaration, socketEvents.declaration,
        socketNotifications.declaration, socketTyping.declaration, chatMessagesPerSecond.declaration,
        chatMessagesPerMinute.declaration, streamJoins.declaration, authenticationFailures.declaration,
        reactionsPerSecond.declaration, reactionsPerMinute.declaration,
        moderationPerMinute.declaration,
    ]
}

extension ConfigurationType<TrustedProxies> {
    /// The empty text is nobody.
    fileprivate static var proxies: Self {
        Self(
            name: "networks",
            expectation: "addresses or networks between commas, such as 10.0.0.0/8",
            read: { TrustedProxies($0) },
            write: { $0.description }
        )
    }
}
