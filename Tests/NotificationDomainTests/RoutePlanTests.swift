import EventSchema
import Foundation
import NotificationDomain
import Testing

struct RoutePlanTests {
    private let webhooks = WebhookRouting(defaultAddress: nil, canSign: true)

    private func notification(_ channels: [String], to address: String? = nil) -> UserNotification {
        UserNotification(
            id: UUID(),
            userID: "u",
            title: "t",
            body: "b",
            requestedChannels: channels,
            address: address,
            requestedAt: .now
        )
    }

    private func plan(
        _ channels: [String],
        to address: String? = nil,
        webhooks: WebhookRouting? = nil
    ) -> RoutePlan {
        RoutePlan(notification(channels, to: address), webhooks: webhooks ?? self.webhooks)
    }

    @Test func `a channel by name takes the notification`() {
        #expect(plan(["in_app"]).channels == [.inApp])
        #expect(plan(["webhook"], to: "https://example.com/hook").channels == [.webhook])
    }

    @Test func `auto is in-app, and a webhook where an address is known`() {
        #expect(plan(["auto"]).channels == [.inApp])
        #expect(plan(["auto"], to: "https://example.com/").channels == [.inApp, .webhook])
        #expect(plan(["auto"], to: "someone@example.com").channels == [.inApp])
        let preset = WebhookRouting(defaultAddress: "https://example.com/", canSign: true)
        #expect(plan(["auto"], webhooks: preset).channels == [.inApp, .webhook])
        #expect(plan(["auto"]).refusals.isEmpty)
    }

    @Test func `each channel is taken once, in the order asked for`() {
        let plan = plan(["webhook", "auto", "in_app", "webhook"], to: "http://example.com/")
        #expect(plan.channels == [.webhook, .inApp])
    }

    @Test(arguments: ["push", "email", "sms"])
    func `a channel without provider is refused, not pretended`(word: String) {
        let plan = plan([word, "in_app"])
        #expect(plan.channels == [.inApp])
        #expect(plan.refusals.map(\.channel) == [word])
        #expect(plan.refusals.first?.failure.reason == .channelUnavailable)
        #expect(plan.refusals.first?.failure.message.contains(word) == true)
    }

    @Test func `a channel that nobody knows is refused by name`() {
        let refusal = plan(["pigeon"]).refusals.first
        #expect(refusal?.failure.reason == .unknownChannel)
        #expect(refusal?.failure.message == "there is no channel \"pigeon\"; there are in_app, webhook, auto")
    }

    @Test func `a webhook without an address is refused and told what is missing`() {
        #expect(plan(["webhook"]).refusals.first?.failure.reason == .badAddress)
        let refusal = plan(["webhook"], to: "someone@example.com").refusals.first
        #expect(refusal?.failure.message.contains("someone@example.com") == true)
    }

    @Test func `without a secret no webhook is planned`() {
        let unsigned = WebhookRouting(defaultAddress: "https://example.com/", canSign: false)
        #expect(plan(["auto"], webhooks: unsigned).channels == [.inApp])
        #expect(plan(["webhook"], webhooks: unsigned).refusals.first?.failure.reason == .channelUnavailable)
    }

    @Test func `the request's own URL goes before the default one`() {
        let routing = WebhookRouting(defaultAddress: "https://default.example/", canSign: true)
        #expect(
            routing.route(for: notification(["webhook"], to: "HTTPS://own.example/"))
                == .address("HTTPS://own.example/")
        )
        #expect(
            routing.route(for: notification(["webhook"], to: "+15550100")) == .address("https://default.example/")
        )
    }
}
