package import EventSchema
import NIOCore
import RealtimeDomain
package import RealtimeHTTP
import Synchronization

/// What goes on around streams besides talk: who watches, reactions, figures.
///
/// News gathers for a moment, so that a crowd that comes at once, or a storm of reactions, is a few events for everybody.
package final class LiveStreams: Sendable {
    package struct Settings: Sendable {
        /// How long news gathers.
        package var window: Duration
        /// How often figures are told.
        package var figuresInterval: Duration
        /// How long a stream's figures outlast its last viewer.
        package var retention: Duration

        package init(
            window: Duration = .milliseconds(100),
            figuresInterval: Duration = .seconds(5),
            retention: Duration = .seconds(300)
        ) {
            self.window = window
            self.figuresInterval = figuresInterval
            self.retention = retention
        }
    }

    private struct Stream {
        var activity = StreamActivity()
        var reactions = ReactionBurst()
        /// Whether news will be told soon.
        var isTelling = false
        /// Clients that follow the figures.
        var followers = 0
        /// Whether figures will be told soon.
        var isFollowed = false

        /// Whether it is to be forgotten soon, if nothing happens.
        var isEnding = false

        var isIdle: Bool {
            activity.viewers.count == 0 && !activity.viewers.hasChanges && reactions.isEmpty && !isFollowed
        }
    }

    /// Viewers who are named one by one as they come and go; of a larger crowd only the count is told.
    private static let namedViewers = 20

    private let hub: Hub
    private let settings: Settings
    private let now: @Sendable () -> Timestamp
    private let streams = Mutex<[String: Stream]>([:])

    package init(
        hub: Hub,
        settings: Settings = Settings(),
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.hub = hub
        self.settings = settings
        self.now = now
    }

    /// Streams of which something is known.
    var count: Int { streams.withLock(\.count) }

    func viewerCount(of streamID: String) -> Int { streams.withLock { $0[streamID]?.activity.viewers.count ?? 0 } }

    // MARK: What happens

    /// A device has come; returns how many viewers there are with it.
    func enter(_ streamID: String, _ profile: Profile) -> Int {
        change(streamID) {
            $0.activity.viewers.enter(profile, at: now())
            return $0.activity.viewers.count
        }
    }

    func leave(_ streamID: String, _ userID: String) {
        let mustEnd = change(streamID) {
            $0.activity.viewers.leave(userID, at: now())
            guard $0.activity.viewers.count == 0, !$0.isEnding else { return false }
            $0.isEnding = true
            return true
        }
        guard mustEnd else { return }
        hub.loop(of: streamID).scheduleTask(in: TimeAmount(settings.retention)) { [self] in forgetIdle(streamID) }
    }

    func react(_ streamID: String, _ reaction: StreamReaction) {
        change(streamID) {
            $0.activity.reactions.add(at: reaction.at)
            $0.reactions.add(reaction)
        }
    }

    /// Somebody has said something; nothing of it is told here.
    func posted(_ streamID: String) {
        streams.withLock { $0[streamID]?.activity.messages.add(at: now()) }
    }

    private func change<Value: Sendable>(_ streamID: String, _ body: (inout Stream) -> Value) -> Value {
        let (value, mustTell) = streams.withLock { streams in
            var stream = streams.removeValue(forKey: streamID) ?? Stream()
            let value = body(&stream)
            let mustTell = !stream.isTelling
            stream.isTelling = true
            streams[streamID] = stream
            return (value, mustTell)
        }
        if mustTell {
            hub.loop(of: streamID).scheduleTask(in: TimeAmount(settings.window)) { [self] in tell(streamID) }
        }
        return value
    }

    private func forgetIdle(_ streamID: String) {
        streams.withLock { streams in
            streams[streamID]?.isEnding = false
            if streams[streamID]?.isIdle == true { streams[streamID] = nil }
        }
    }

    // MARK: Telling

    private func tell(_ streamID: String) {
        let news = streams.withLock { streams in
            streams[streamID]?.isTelling = false
            let viewers = streams[streamID]?.activity.viewers.takeChanges() ?? []
            let reactions = streams[streamID]?.reactions.take() ?? []
            return (viewers: viewers, reactions: reactions, count: streams[streamID]?.activity.viewers.count ?? 0)
        }
        if !news.viewers.isEmpty { tell(news.viewers, news.count, streamID) }
        for entry in news.reactions { publish("reaction.sent", StreamSpelling.reaction(entry, in: streamID), streamID) }
    }

    private func tell(_ changes: [StreamViewers.Change], _ count: Int, _ streamID: String) {
        let now = now()
        for change in changes where changes.count <= Self.namedViewers {
            let name = change.hasCome ? "viewer.joined" : "viewer.left"
            publish(name, StreamSpelling.viewer(change.profile, of: streamID, at: now), streamID)
        }
        publish("viewer.count.update", StreamSpelling.viewers(count, of: streamID, at: now), streamID)
    }

    private func publish(_ name: String, _ payload: JSONObject, _ streamID: String) {
        hub.publish(
            TopicEvent(topic: SocketTopics.live(streamID), name: name, content: .object(payload), policy: .mayDrop)
        )
    }

    /// What is told of viewers, for a client that may have missed it.
    func viewers(of streamID: String) -> JSONObject {
        StreamSpelling.viewers(viewerCount(of: streamID), of: streamID, at: now())
    }

    // MARK: Figures

    /// A client follows a stream's figures from now on; returns what they are.
    func follow(_ streamID: String) -> JSONObject {
        let (figures, mustStart) = streams.withLock { streams in
            var stream = streams.removeValue(forKey: streamID) ?? Stream()
            stream.followers += 1
            let mustStart = !stream.isFollowed
            stream.isFollowed = true
            let figures = stream.activity.figures(at: now())
            streams[streamID] = stream
            return (figures, mustStart)
        }
        if mustStart { tellFiguresLater(streamID) }
        return StreamSpelling.figures(figures, of: streamID)
    }

    func unfollow(_ streamID: String) {
        streams.withLock { $0[streamID]?.followers -= 1 }
    }

    private func tellFiguresLater(_ streamID: String) {
        hub.loop(of: streamID).scheduleTask(in: TimeAmount(settings.figuresInterval)) { [self] in
            guard let figures = takeFigures(streamID) else { return }
            let payload = StreamSpelling.figures(figures, of: streamID)
            hub.publish(
                TopicEvent(
                    topic: SocketTopics.analytics(streamID),
                    name: "analytics:update",
                    content: .object(payload),
                    policy: .mayDrop
                )
            )
            tellFiguresLater(streamID)
        }
    }

    /// The figures; `nil` once nobody follows them.
    private func takeFigures(_ streamID: String) -> JSONObject? {
        streams.withLock { streams in
            guard streams[streamID]?.followers ?? 0 > 0 else {
                streams[streamID]?.isFollowed = false
                // One that had viewers is kept for its time.
                if let stream = streams[streamID], stream.isIdle, !stream.isEnding { streams[streamID] = nil }
                return nil
            }
            return streams[streamID]?.activity.figures(at: now())
        }
    }
}
