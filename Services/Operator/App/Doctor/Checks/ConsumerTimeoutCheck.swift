import EventSchema
import Messaging

/// Whether the broker waits for the longest job: one that outlasts its consumer timeout is handed out again, for ever.
struct ConsumerTimeoutCheck: Check {
    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let longest = context.longestJob.components.seconds * 1000
        let setting = "consumer_timeout = \(longest)"
        guard let timeout = try await timeout(context) else {
            return [
                .warn(
                    .consumerTimeout,
                    "how long a message may be worked on is to be seen by rabbitmqctl only; RabbitMQ's default is 30 minutes",
                    mend: "set \(setting) in rabbitmq.conf; --rabbitmqctl COMMAND has it looked at"
                )
            ]
        }
        // `undefined` is how an operator turns it off.
        guard let milliseconds = Int64(timeout) else {
            return [.ok(.consumerTimeout, "a message may be worked on without limit (\(timeout))")]
        }
        let limit = Age.spell(.milliseconds(milliseconds))
        guard milliseconds >= longest else {
            let what = "a message may be worked on for \(limit), the longest job takes \(Age.spell(context.longestJob))"
            return [.fail(.consumerTimeout, what, mend: "set \(setting) in rabbitmq.conf and restart the broker")]
        }
        return [.ok(.consumerTimeout, "a message may be worked on for \(limit)")]
    }

    /// In milliseconds: what the queue has of its own, else the broker's; `nil` if nobody tells.
    private func timeout(_ context: DoctorContext) async throws(ManagementError) -> String? {
        let columns = ["arguments", "effective_policy_definition"]
        let path = ["queues", context.virtualHost, Topology.Queue.mediaProcess]
        do throws(ManagementError) {
            let queue = try await context.management.answer(path, columns: columns).value
            let own =
                queue["arguments"]?["x-consumer-timeout"]
                ?? queue["effective_policy_definition"]?["consumer-timeout"]
            if let own = own?.integerValue { return String(own) }
        } catch  where error.code == .notFound {
            // A missing queue is the topology's finding.
        }
        return await context.rabbitmqctl?.setting("consumer_timeout")
    }
}
