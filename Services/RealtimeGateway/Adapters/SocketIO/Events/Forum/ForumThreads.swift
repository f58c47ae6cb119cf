import NIOCore
package import RealtimeDomain
package import RealtimeHTTP
import ServiceLifecycle
import Synchronization

/// Tells the forum what happens in its threads: everybody of one that is open to all, else only who listens to it.
///
/// Whether it is open may have to be looked up; what happens is told in its order all the same.
package final class ForumThreads: Service {
    private struct Entry: Sendable {
        let threadID: String
        /// One of the two is told.
        let forum: TopicEvent
        let talk: TopicEvent
    }

    /// Events that wait to be told; of more the oldest are dropped, which only a store that stands still brings about.
    private static let capacity = 10_000

    private let hub: Hub
    private let conversations: Conversations
    private let entries: AsyncStream<Entry>
    private let waiting: AsyncStream<Entry>.Continuation
    /// How many wait, about.
    private let count = Atomic<Int>(0)

    package init(hub: Hub, conversations: Conversations) {
        self.hub = hub
        self.conversations = conversations
        (entries, waiting) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.capacity))
    }

    /// Tells `content` as the one argument of event `name`; returns without waiting.
    ///
    /// - Parameter speaker: The connection that said it, which is not told.
    func tell(
        _ name: String,
        _ content: EventContent,
        in threadID: String,
        policy: DeliveryPolicy = .mustArrive,
        except speaker: (any ClientConnection)? = nil
    ) {
        func event(_ topic: String) -> TopicEvent {
            TopicEvent(topic: topic, name: name, content: content, policy: policy, except: speaker)
        }
        // What passes quickly does not push out what has to arrive.
        guard policy == .mustArrive || count.load(ordering: .relaxed) < Self.capacity / 10 else { return }
        let entry = Entry(threadID: threadID, forum: event(SocketTopics.forum), talk: event(Self.talk(threadID)))
        if case .enqueued = waiting.yield(entry) { count.add(1, ordering: .relaxed) }
    }

    private static func talk(_ threadID: String) -> String { SocketTopics.talk(ConversationKey(.thread, threadID)) }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            for await entry in entries {
                count.subtract(1, ordering: .relaxed)
                let isOpen = await conversations.isOpenToAll(ConversationKey(.thread, entry.threadID))
                hub.publish(isOpen ? entry.forum : entry.talk)
            }
        }
    }
}
