/// What every metric of the suite means: for `HELP` lines, and for `Shared/Contracts/METRICS.md`.
///
/// A test keeps it equal to that table and to what the sources measure.
package enum MetricCatalogue {
    /// A metric as it is exposed.
    package struct Entry: Sendable {
        package let name: String
        package let kind: String
        package let labels: [String]
        package let meaning: String

        fileprivate init(_ name: String, _ kind: MetricFamily.Kind, by labels: [String] = [], _ meaning: String) {
            self.name = name
            self.kind = kind.rawValue
            self.labels = labels
            self.meaning = meaning
        }
    }

    /// In order of their names.
    package static let entries = (messaging + media + notification + realtime + suite).sorted { $0.name < $1.name }

    /// The table, one row per metric.
    package static var table: String {
        let rows = entries.map { entry in
            let labels = entry.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(entry.name)` | \(entry.kind) | \(labels) | \(entry.meaning) |\n"
        }
        return "| metric | type | labels | meaning |\n|---|---|---|---|\n" + rows.joined()
    }

    private static let suite: [Entry] = [
        Entry(
            "martlet_build_info",
            .gauge,
            by: ["service", "version"],
            "Which build of which service this is; always 1."
        ),
        Entry("tracing_spans_dropped_total", .counter, "Spans lost: too many waited, or the file did not take them."),
        Entry("tracing_spans_written_total", .counter, "Spans written to `TRACES_FILE`."),
    ]
}

// MARK: - The bus

extension MetricCatalogue {
    private static let messaging: [Entry] = publishing + consuming + queues + outbox

    private static let publishing: [Entry] = [
        Entry("messaging_published_total", .counter, "Messages sent, repeats included."),
        Entry("messaging_confirmed_total", .counter, "Messages that the broker confirmed."),
        Entry("messaging_confirm_seconds", .histogram, "From the call to publish to the broker's confirmation."),
        Entry("messaging_returned_total", .counter, "Messages that came back because no queue took them."),
        Entry("messaging_nacked_total", .counter, "Messages that the broker refused."),
        Entry(
            "messaging_best_effort_dropped_total",
            .counter,
            "Best-effort messages dropped for want of a connection."
        ),
        Entry("messaging_publishes_in_flight", .gauge, "Messages sent and not yet confirmed."),
        Entry("messaging_blocked_seconds_total", .counter, "Seconds for which the broker took no messages."),
        Entry("messaging_reconnects_total", .counter, "Connections lost, and tries to connect that failed."),
    ]

    private static let consuming: [Entry] = [
        Entry("messaging_deliveries_total", .counter, by: ["queue"], "Deliveries taken, repeats included."),
        Entry("messaging_redeliveries_total", .counter, by: ["queue"], "Deliveries that the broker handed out before."),
        Entry("messaging_deliveries_in_flight", .gauge, by: ["queue"], "Deliveries that are out and not settled."),
        Entry(
            "messaging_backlog_age_seconds",
            .gauge,
            by: ["queue"],
            "How long a message had waited when it came for the first time; 0 when none wait."
        ),
        Entry("messaging_retried_total", .counter, by: ["queue", "tier"], "Deliveries sent to a retry tier."),
        Entry("messaging_parked_total", .counter, by: ["queue"], "Deliveries parked for an operator."),
        Entry(
            "messaging_duplicates_total",
            .counter,
            by: ["kind", "queue"],
            "Events skipped because one of their id is done: `same`, or `conflicting` if its body was another."
        ),
    ]

    private static let queues: [Entry] = [
        Entry(
            "messaging_queue_messages",
            .gauge,
            by: ["queue"],
            "Messages that wait in a work queue, in its parking, or in `events.unrouted`; not those with consumers."
        ),
        Entry("messaging_queue_consumers", .gauge, by: ["queue"], "Consumers of a queue, of all services."),
        Entry(
            "messaging_work_pending",
            .gauge,
            by: ["queue"],
            "Messages that wait in a work queue, and those that this process works on: for autoscalers."
        ),
    ]
}

extension MetricCatalogue {
    private static let outbox: [Entry] = [
        Entry("outbox_pending", .gauge, "Messages that wait for the broker, or for the note that it has them."),
        Entry(
            "outbox_oldest_age_seconds",
            .gauge,
            "How long the oldest message of the service's outbox has waited, whichever process wrote it."
        ),
        Entry("outbox_published_total", .counter, "Messages of the outbox that the broker confirmed."),
        Entry("outbox_refused_total", .counter, "Tries to publish from the outbox that failed."),
        Entry("outbox_adopted_total", .counter, "Messages taken over from a process that died."),
    ]
}

// MARK: - The services

extension MetricCatalogue {
    private static let media: [Entry] = [
        Entry("media_jobs_in_flight", .gauge, "Uploads that are worked on."),
        Entry("media_jobs_pending", .gauge, "Uploads that wait or are worked on, by every processor of the database."),
        Entry("media_lease_takeovers_total", .counter, "Jobs taken over from a worker that fell silent."),
        Entry(
            "media_jobs_total",
            .counter,
            by: ["outcome"],
            "Jobs ended: `made`, `replaced`, `interrupted`, or why they failed."
        ),
        Entry("media_seconds_total", .counter, "Seconds of media made playable."),
        Entry("media_work_seconds_total", .counter, "Seconds that jobs took."),
        Entry("media_cpu_seconds_total", .counter, "Seconds of processor time that workers used."),
        Entry("media_seconds_per_second", .histogram, "Seconds of media made playable in a second, by job."),
        Entry(
            "media_worker_confinement",
            .gauge,
            by: ["by"],
            "What keeps workers to their work: the version of `landlock`, 1 for `seccomp`; 0 for what the kernel lacks."
        ),
    ]

    private static let notification: [Entry] = [
        Entry(
            "notification_delivery_duration_seconds",
            .histogram,
            by: ["channel"],
            "How long one try to deliver took."
        ),
        Entry(
            "notification_ambiguous_total",
            .counter,
            by: ["channel"],
            "Tries made again because a process died before it noted how the first one ended."
        ),
        Entry(
            "notification_outcomes_total",
            .counter,
            by: ["channel", "outcome"],
            "Tries to deliver, by what came of them: `delivered`, `failed`, `retried`, `refused`."
        ),
    ]

    private static let realtime: [Entry] = [
        Entry("http_requests_total", .counter, by: ["method", "status"], "Requests answered by plain HTTP."),
        Entry("websocket_connections_total", .counter, "Clients that have connected, by whatever transport."),
        Entry("websocket_connections_active", .gauge, "Clients that are connected, by whatever transport."),
        Entry("realtime_events_published_total", .counter, "Events handed to the hub."),
        Entry("realtime_encodings_total", .counter, by: ["topics"], "Events spelled for one wire protocol."),
        Entry("realtime_deliveries_due_total", .counter, by: ["topics"], "Events times their subscribers."),
        Entry("realtime_deliveries_total", .counter, by: ["topics"], "Frames written to subscribers."),
        Entry(
            "realtime_delivered_bytes_total",
            .counter,
            by: ["topics"],
            "Bytes of the frames written to subscribers."
        ),
        Entry("realtime_dropped_total", .counter, by: ["topics", "reason"], "Frames that did not reach a subscriber."),
        Entry("realtime_frames_received_total", .counter, "Frames that clients sent."),
        Entry("realtime_bytes_received_total", .counter, "Bytes of the frames that clients sent."),
        Entry("realtime_protocol_violations_total", .counter, "Connections closed for breaking their protocol."),
        Entry("realtime_slow_consumers_closed_total", .counter, "Connections closed because the client did not read."),
        Entry("realtime_idle_timeouts_total", .counter, "Connections closed because the client said nothing."),
        Entry("realtime_upgrades_refused_total", .counter, by: ["status"], "WebSockets refused, by HTTP status."),
        Entry("realtime_connects_refused_total", .counter, by: ["reason"], "Clients that were not let in."),
        Entry("realtime_phoenix_joins_total", .counter, "Channels joined."),
        Entry("realtime_phoenix_joins_refused_total", .counter, "Joins refused."),
        Entry("realtime_phoenix_channel_crashes_total", .counter, "Channels that failed."),
        Entry("realtime_phoenix_malformed_frames_total", .counter, "Frames that are no Phoenix messages."),
        Entry(
            "realtime_phoenix_token_refreshes_total",
            .counter,
            by: ["result"],
            "New tokens sent over open connections."
        ),
    ]
}
