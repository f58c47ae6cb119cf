package import RealtimeDomain
import ServiceLifecycle

/// Writes what clients say for as long as the service runs, and on shutdown what they have said by then.
package struct ConversationWriter: Service {
    private let conversations: Conversations

    package init(_ conversations: Conversations) {
        self.conversations = conversations
    }

    package func run() async {
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await conversations.run()
            } onCancel: {
                conversations.finish()
            }
        } onGracefulShutdown: {
            conversations.finish()
        }
    }
}
