import Foundation
import RealtimeHTTP
import ServiceBootstrap

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

    static let apiKey = ConfigurationKey(
        optional: "API_KEY",
        .string,
        secret: true,
        "What backends that send events over HTTP have to show; without it they cannot."
    )

    // MARK: Media

    static let objectStoreURL = ConfigurationKey(
        "OBJECT_STORE_URL",
        .url(schemes: ["file"]),
        default: URL(filePath: "var/media").absoluteURL,
        "Where media lie, as for media-processor; they are served below /media/."
    )
    static let cdnBaseURL = ConfigurationKey(
        "CDN_BASE_URL",
        .string,
        default: "/media",
        "Where browsers find media, for the page's content policy."
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
        default: 65536,
        "The largest message a client may send; a larger one closes with 1009."
    )
    static let outboundBytes = ConfigurationKey(
        "WS_MAX_OUTBOUND_BYTES",
        .integer(in: 65536...1_073_741_824),
        unit: "bytes",
        default: 1_048_576,
        "What may wait for a client that does not read; more closes with 1013."
    )
    static let idleTimeout = ConfigurationKey(
        "WS_IDLE_TIMEOUT",
        .duration(in: .seconds(1)...(.seconds(86400))),
        unit: "s",
        default: .seconds(60),
        "How long a client may be silent; Phoenix clients send a heartbeat every 30 s."
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

    static let keys = [
        host.declaration, port.declaration, environment.declaration, jwtSecret.declaration, jwtPublicKey.declaration,
        jwtRequiresExpiry.declaration, apiKey.declaration, objectStoreURL.declaration, cdnBaseURL.declaration,
        allowedOrigins.declaration,
        frameBytes.declaration, outboundBytes.declaration, idleTimeout.declaration, channelsPerConnection.declaration,
        presenceWindow.declaration,
    ]
}
