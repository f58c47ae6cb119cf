import NIOCore
package import RealtimeDomain
package import RealtimeHTTP
import ServiceLifecycle

/// Tells the forum what happens in its threads: everybody of one that is open to all, else only who listens to it.
///
/// Whether it is open may have to be looked up; what happens is told in its order all the same.
package final class ForumThreads: Service {
    private struct Entry: Sendable {
        let threadID: String
        let event: TopicEvent
    }

    /// Events that wait to be told; of more the oldest are dropped, which only a store that stands still brings about.
    private static let capacity = 10_000

    private let hub: Hub
    private let conversations: Conversations
    private let entries: AsyncStream<Entry>
    private let waiting: AsyncStream<Entry>.Continuation

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
        waiting.yield(Entry(threadID: threadID, event: event(SocketTopics.forum)))
        hub.publish(event(SocketTopics.talk(ConversationKey(.thread, threadID))))
    }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            for await entry in entries where await conversations.isOpenToAll(ConversationKey(.thread, entry.threadID)) {
                hub.publish(entry.event)
            }
        }
    }
}
