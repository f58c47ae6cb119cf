/// Which channels take a notification, and which do not and why: decided once, before anything is sent.
package struct RoutePlan: Sendable, Hashable {
    /// A channel that was asked for and will not deliver.
    package struct Refusal: Sendable, Hashable {
        /// The word that the request used.
        package let channel: String
        package let failure: Failure

        package init(channel: String, failure: Failure) {
            self.channel = channel
            self.failure = failure
        }
    }

    /// Each at most once, in the order in which they were asked for.
    package private(set) var channels: [Channel] = []
    package private(set) var refusals: [Refusal] = []

    package init(_ notification: UserNotification, webhooks: WebhookRouting) {
        for word in notification.requestedChannels {
            if word == ChannelWord.auto {
                add(.inApp)
                if case .address = webhooks.route(for: notification) { add(.webhook) }
            } else {
                add(word, webhooks.route(for: notification))
            }
        }
    }

    private mutating func add(_ word: String, _ webhook: WebhookRouting.Route) {
        switch Channel(rawValue: word) {
        case .inApp: add(.inApp)
        case .webhook:
            switch webhook {
            case .address: add(.webhook)
            case .none(let failure): refuse(word, failure)
            }
        case nil: refuse(word, Self.failure(for: word))
        }
    }

    private mutating func add(_ channel: Channel) {
        if !channels.contains(channel) { channels.append(channel) }
    }

    private mutating func refuse(_ word: String, _ failure: Failure) {
        let refusal = Refusal(channel: word, failure: failure)
        if !refusals.contains(refusal) { refusals.append(refusal) }
    }

    private static func failure(for word: String) -> Failure {
        if ChannelWord.withoutProvider.contains(word) {
            return Failure(.channelUnavailable, "no provider for \(word) is part of this dispatcher yet")
        }
        let known = Channel.allCases.map(\.rawValue) + [ChannelWord.auto]
        return Failure(
            .unknownChannel,
            "there is no channel \"\(word.prefix(64))\"; there are \(known.joined(separator: ", "))"
        )
    }
}

/// Knows where webhooks go.
package struct WebhookRouting: Sendable, Hashable {
    /// Where the webhook of a notification goes.
    package enum Route: Sendable, Hashable {
        case address(String)
        case none(Failure)
    }

    /// For notifications that name no URL of their own.
    private let defaultAddress: String?
    /// Whether there is a secret to sign with; unsigned webhooks are not sent.
    private let canSign: Bool

    package init(defaultAddress: String?, canSign: Bool) {
        self.defaultAddress = defaultAddress
        self.canSign = canSign
    }

    /// The request's own URL goes before the default one.
    package func route(for notification: UserNotification) -> Route {
        guard canSign else {
            return .none(Failure(.channelUnavailable, "webhooks are off: WEBHOOK_SECRET, which signs them, is not set"))
        }
        if let own = notification.address, Self.isWebAddress(own) { return .address(own) }
        if let defaultAddress { return .address(defaultAddress) }
        let given = notification.address.map { ", and \"\($0.prefix(64))\" is none" } ?? ""
        return .none(Failure(.badAddress, "a webhook needs an http or https URL in \"to\" or WEBHOOK_URL\(given)"))
    }

    /// Other addresses in `to` are meant for other channels.
    private static func isWebAddress(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.hasPrefix("https://") || text.hasPrefix("http://")
    }
}
