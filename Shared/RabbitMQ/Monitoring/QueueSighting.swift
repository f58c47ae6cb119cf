/// What a look at a queue showed.
enum QueueSighting: Sendable, Hashable {
    /// Messages that wait, without those that consumers hold; and consumers, wherever they are.
    case seen(messages: Int, consumers: Int)
    /// It is not there, or not for us.
    case unseen(reason: String)
}
