import Foundation
import NotificationDomain
import NotificationWebhook
import OutboundHTTP
import ServiceBootstrap

/// The settings of this service alone.
enum Settings {
    static let webhookURL = ConfigurationKey(
        optional: "WEBHOOK_URL",
        .webhookAddress,
        "Where webhooks go whose request names no URL in \"to\"."
    )
    static let webhookSecret = ConfigurationKey(
        optional: "WEBHOOK_SECRET",
        .webhookSecrets,
        secret: true,
        "Signs webhooks; several between blanks while one is changed. Without it no webhooks are sent."
    )
    static let webhookAllowsPrivate = ConfigurationKey(
        "WEBHOOK_ALLOW_PRIVATE",
        .bool,
        default: false,
        "Whether webhooks may go to private, loopback and link-local addresses."
    )
    static let webhookTimeout = ConfigurationKey(
        "WEBHOOK_TIMEOUT",
        .duration(in: .seconds(1)...(.seconds(30))),
        unit: "s",
        default: .seconds(15),
        "How long one try of a webhook may take."
    )
    static let webhookConcurrency = ConfigurationKey(
        "WEBHOOK_CONCURRENCY",
        .integer(in: 1...1000),
        default: 32,
        "How many webhooks are sent at once."
    )
    static let webhookAttempts = ConfigurationKey(
        "WEBHOOK_MAX_ATTEMPTS",
        .integer(in: 1...RetrySchedule.mostAttempts),
        default: RetrySchedule.mostAttempts,
        "Tries after which a webhook is given up: after 5 s, 30 s, 5 m, 30 m, 2 h and 12 h."
    )

    static let keys = [
        webhookURL.declaration, webhookSecret.declaration, webhookAllowsPrivate.declaration, webhookTimeout.declaration,
        webhookConcurrency.declaration, webhookAttempts.declaration,
    ]
}

extension ConfigurationType<String> {
    fileprivate static var webhookAddress: Self {
        Self(
            name: "url",
            expectation: "an http or https URL without user and password",
            read: { HTTPAddress($0)?.url },
            write: { $0 }
        )
    }
}

extension ConfigurationType<WebhookSigner> {
    fileprivate static var webhookSecrets: Self {
        Self(
            name: "base64",
            expectation: "whsec_ and the base64 of 24 to 64 bytes",
            read: { WebhookSigner(secrets: $0) },
            write: { _ in "***" }
        )
    }
}
