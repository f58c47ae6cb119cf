/// The exchanges, queues and bindings of the suite: names by which services find each other.
///
/// `deploy/rabbitmq/definitions.json` declares the same for brokers that load definitions; a test keeps the two equal.
package enum Topology {
    package enum Exchange {
        /// Every event, under its type as routing key.
        ///
        /// Topic.
        package static let events = "events"
        /// Notifications on their way to a channel: `webhook`, `inapp`.
        ///
        /// Topic.
        package static let notify = "notify"
        /// What handlers gave up on, under the name of its queue.
        ///
        /// Direct.
        package static let parking = "parking"
        /// What no queue wanted.
        ///
        /// Fanout.
        package static let unrouted = "events.unrouted"
        /// What every gateway node must hear, once each.
        ///
        /// Fanout.
        package static let realtimeNodes = "realtime.nodes"
    }

    package enum Queue {
        package static let mediaProcess = "media.process"
        package static let notifyDispatch = "notify.dispatch"
        package static let notifyPush = "notify.push"
        package static let notifyEmail = "notify.email"
        package static let notifySMS = "notify.sms"
        package static let notifyWebhook = "notify.webhook"
        package static let notifyInApp = "notify.inapp"
        package static let realtimeEvents = "realtime.events"
        package static let unrouted = "events.unrouted"
    }
}
