import RealtimeDomain
import RealtimeHTTP

/// `media:M`: the fate of one upload, for everybody with a token.
///
/// The join's reply tells the last that was heard, as `{"event": "media.ready", "payload": {...}}`, or is empty; so who
/// comes after the end still learns of it.
struct MediaFeed: TopicBehaviour {
    let id: String
    let feed: RealtimeFeed

    func join(_ payload: EventContent, _ context: ChannelContext) -> EventContent {
        feed.status(of: id).map { .encoded($0.json) } ?? .emptyObject
    }
}
