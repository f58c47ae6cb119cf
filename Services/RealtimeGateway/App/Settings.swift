import Foundation
import ObjectStorage
import RealtimeHTTP
import ServiceBootstrap

/// Who may join a conversation that no backend has described.
enum ConversationPolicy: String, CaseIterable, Sendable {
    case open, managed
}

/// The settings of this service alone.
enum Settings {
    static let host = ConfigurationKey("HOST", .string, default: "0.0.0.0", "The address on which clients are served.")
    static let port = ConfigurationKey("PORT", .port, default: 4000, "The port on which clients are served.")
    static let environment = ConfigurationKey(
        "ENVIRONMENT",
        .string,
        default: "production",
        "What GET / says about where it runs."
    )

    // MARK: Tokens

    static let jwtSecret = ConfigurationKey(
        optional: "JWT_SECRET",
        .string,
        secret: true,
        "The HS256 secret of clients' tokens, 32 bytes or more; this or JWT_PUBLIC_KEY has to be set."
    )
    static let jwtPublicKey = ConfigurationKey(
        optional: "JWT_PUBLIC_KEY",
        .string,
        secret: true,
        "The PEM of the RS256, ES256 or EdDSA public key of clients' tokens."
    )
    static let jwtRequiresExpiry = ConfigurationKey(
        "JWT_REQUIRE_EXPIRY",
        .bool,
        default: true,
        "Whether tokens without exp are refused."
    )

    static let introspectionURL = ConfigurationKey(
        optional: "TOKEN_INTROSPECTION_URL",
        .url(schemes: ["http", "https"]),
        "Asked by POST whose a token is that no key of ours has signed (RFC 7662), such as Laravel Sanctum's."
    )
    static let introspectionCache = ConfigurationKey(
        "TOKEN_INTROSPECTION_CACHE",
        .duration(in: .zero...(.seconds(3600))),
        unit: "s",
        default: .seconds(30),
        "How long its answers hold that have no Cache-Control: max-age; none outlasts the token."
    )

    static let apiKey = ConfigurationKey(
        optional: "API_KEY",
        .string,
        secret: true,
        "What backends that send events over HTTP have to show; without it they cannot."
    )

    // MARK: Media

    static let objectStoreURL = ConfigurationKey(
        "OBJECT_STORE_URL",
        .objectStore,
        default: ObjectStoreLocation.local(path: URL(filePath: "var/media").path),
        "Where media lie, as for media-processor; those of a folder are served below /media/, S3 serves its own."
    )
    static let cdnBaseURL = ConfigurationKey(
        "CDN_BASE_URL",
        .string,
        default: "/media",
        "Where browsers find media, for the page's content policy."
    )

    // MARK: Conversations

    static let conversations = ConfigurationKey(
        "CONVERSATIONS",
        .choice,
        default: ConversationPolicy.open,
        "Who may join a conversation that no backend has described: open (everybody with a token) or managed (nobody)."
    )
    static let authorizationURL = ConfigurationKey(
        optional: "AUTHORIZATION_URL",
        .url(schemes: ["http", "https"]),
        "Asked by POST who may join which conversation, in place of the lists of members; see REALTIME.md."
    )
    static let authorizationCache = ConfigurationKey(
        "AUTHORIZATION_CACHE",
        .duration(in: .zero...(.seconds(3600))),
        unit: "s",
        default: .seconds(30),
        "How long its answers hold that have no Cache-Control: max-age."
    )
    static let editWindow = ConfigurationKey(
        "EDIT_WINDOW",
        .duration(in: .zero...(.seconds(31_536_000))),
        unit: "s",
        default: .seconds(900),
        "How long authors may edit what they have said."
    )
    static let recoveryLimit = ConfigurationKey(
        "RECOVERY_LIMIT",
        .integer(in: 0...10_000),
        default: 1000,
        "Missed messages that a client which comes back is sent; who missed more has to load them anew."
    )
    static let channelMessages = ConfigurationKey(
        "CHANNEL_MESSAGES_PER_MINUTE",
        .integer(in: 0...1_000_000),
        default: 60,
        "Messages of one user in one workspace channel; 0 for no limit."
    )
    static let channelJoins = ConfigurationKey(
        "CHANNEL_JOINS_PER_MINUTE",
        .integer(in: 0...1_000_000),
        default: 30,
        "Joins of one user to workspaces and their channels; 0 for no limit."
    )
    static let channelTyping = ConfigurationKey(
        "CHANNEL_TYPING_PER_MINUTE",
        .integer(in: 0...1_000_000),
        default: 10,
        "Typing indicators of one user in one workspace channel; 0 for no limit."
    )

    // MARK: Limits

    static let allowedOrigins = ConfigurationKey(
        "ALLOWED_ORIGINS",
        .string,
        default: "*",
        "Origins of the pages that may open WebSockets, separated by commas; * for any."
    )
    static let frameBytes = ConfigurationKey(
        "WS_MAX_MESSAGE_BYTES",
        .integer(in: 1024...16_777_216),
        unit: "bytes",
        default: 131_072,
        "The largest message a client may send; a larger one closes with 1009."
    )
    static let outboundBytes = ConfigurationKey(
        "WS_MAX_OUTBOUND_BYTES",
        .integer(in: 65536...1_073_741_824),
        unit: "bytes",
        default: 1_048_576,
        "What may wait for a client that does not read, or does not poll; more closes with 1013."
    )
    static let idleTimeout = ConfigurationKey(
        "WS_IDLE_TIMEOUT",
        .duration(in: .seconds(1)...(.seconds(86400))),
        unit: "s",
        default: .seconds(60),
        "How long a client may be silent; Phoenix clients send a heartbeat every 30 s."
    )
    static let connectionsPerUser = ConfigurationKey(
        "CONNECTIONS_PER_USER",
        .integer(in: 0...1_000_000),
        default: 100,
        "Connections that one user may have at once on one node; 0 for no limit."
    )
    static let pollingSessions = ConfigurationKey(
        "LONGPOLL_MAX_SESSIONS",
        .integer(in: 0...1_000_000),
        default: 10_000,
        "Long-poll clients of one node; 0 turns the transport off."
    )
    static let channelsPerConnection = ConfigurationKey(
        "PHOENIX_MAX_CHANNELS",
        .integer(in: 1...10_000),
        default: 100,
        "Topics that one connection may have joined at once."
    )
    static let presenceWindow = ConfigurationKey(
        "PRESENCE_WINDOW",
        .duration(in: .milliseconds(1)...(.seconds(5))),
        unit: "s",
        default: .milliseconds(50),
        "How long joins and leaves gather before a topic is told."
    )

    private static let ownKeys = [
        host.declaration, port.declaration, environment.declaration, jwtSecret.declaration, jwtPublicKey.declaration,
        jwtRequiresExpiry.declaration, introspectionURL.declaration, introspectionCache.declaration, apiKey.declaration,
        objectStoreURL.declaration, cdnBaseURL.declaration,
        allowedOrigins.declaration,
        frameBytes.declaration, outboundBytes.declaration, idleTimeout.declaration, connectionsPerUser.declaration,
        channelsPerConnection.declaration, pollingSessions.declaration,
        presenceWindow.declaration, conversations.declaration, editWindow.declaration, recoveryLimit.declaration,
        authorizationURL.declaration, authorizationCache.declaration,
        channelMessages.declaration, channelJoins.declaration, channelTyping.declaration,
    ]

    static let keys = ownKeys + socketKeys
}

extension ConfigurationType<ObjectStoreLocation> {
    fileprivate static var objectStore: Self {
        Self(
            name: "url",
            expectation: ObjectStoreLocation.shape,
            read: { try? ObjectStoreLocation(parsing: $0) },
            write: { $0.url }
        )
    }
}
