import Foundation

/// Follows a transcode from a thread of its own: once something is stored, it tells the parts that are whole, and
/// publishes what can be watched so far.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked, but for what only its own thread uses.
final class TranscodeFollower: TranscodeListener, @unchecked Sendable {
    /// What has come since somebody last looked; few, since each stands for seconds of work.
    private struct News {
        var growing: GrowingPresentation?
        var parts: [StoredPart] = []
        var isEmpty: Bool { growing == nil && parts.isEmpty }
    }

    private let store: any ArtifactStore
    private let publisher: EarlyPublisher?
    private let events: BuildEvents
    private let checksums: StoredChecksums
    private let duration: Double
    private let condition = NSCondition()
    private var growing: GrowingPresentation
    private let plan: TranscodePlan
    private let prefix: String
    private var counter = PartCounter()
    private var news = News()
    private var isOver = false
    private var hasEnded = false
    private var failure: MediaError?

    /// Starts following.
    ///
    /// - Parameters:
    ///   - publisher: `nil` if nothing is to be seen before all is made.
    ///   - checksums: Of what the transcode stores; parts take theirs along.
    ///   - duration: Seconds of the source, 0 if unknown.
    init(
        plan: TranscodePlan,
        prefix: String,
        duration: Double,
        store: any ArtifactStore,
        publisher: EarlyPublisher?,
        checksums: StoredChecksums,
        events: BuildEvents
    ) {
        self.store = store
        self.publisher = publisher
        self.events = events
        self.checksums = checksums
        self.duration = duration
        growing = GrowingPresentation(plan: plan, prefix: prefix)
        self.plan = plan
        self.prefix = prefix
        let thread = Thread { self.follow() }
        thread.name = "follower"
        thread.start()
    }

    /// Waits until all that was heard is told.
    ///
    /// - Throws: what kept it from that.
    func finish() throws(MediaError) {
        condition.lock()
        defer { condition.unlock() }
        isOver = true
        condition.broadcast()
        while !hasEnded { condition.wait() }
        if let failure { throw failure }
    }

    // MARK: - Listening

    func planned(_ parts: [PartPlan], done: [PartResult], ahead: [PartResult]) {
        for part in done + ahead { checksums.add(part.checksums) }
        condition.withLock {
            growing = GrowingPresentation(plan: plan, prefix: prefix, done: done, shown: growing.visible)
            counter = PartCounter(planned: parts.count)
            for part in done + ahead { counter.add(part) }
        }
        if !parts.isEmpty { events.partsCounted(condition.withLock { counter.parts }) }
    }

    func progressed(to seconds: Double) {
        events.progressed(.transcoding, duration > 0 ? seconds / duration : 0)
    }

    func made(_ segment: SegmentResult, number: Int, of track: TrackID, _ head: TrackHead) {
        guard publisher != nil else { return }
        change { growing.append(segment, to: track, head) }
    }

    func made(_ part: PartResult, tilesFrom: Int) -> Bool {
        var part = part
        // Others that are made at the same time may have stored some of it: whoever takes the job up adds all up.
        part.checksums = checksums.takeNews()
        let hasFailed = change {
            news.parts.append(StoredPart(result: part, tilesFrom: tilesFrom))
            counter.add(part)
        }
        events.partsCounted(condition.withLock { counter.parts })
        return !hasFailed && !events.mustYield()
    }

    func joined(_ part: PartPlan) { change { growing.endPart() } }

    /// - Returns: Whether following has failed.
    @discardableResult
    private func change(_ body: () -> Void) -> Bool {
        condition.withLock {
            body()
            if publisher != nil { news.growing = growing }
            condition.broadcast()
            return failure != nil
        }
    }

    // MARK: - Telling

    private func follow() {
        var failure: MediaError?
        do throws(MediaError) {
            while let news = next() { try tell(news) }
        } catch {
            failure = error
        }
        condition.withLock {
            self.failure = failure
            hasEnded = true
            condition.broadcast()
        }
    }

    /// Waits for news; `nil` once there will be none.
    private func next() -> News? {
        condition.withLock {
            while news.isEmpty, !isOver { condition.wait() }
            guard !news.isEmpty else { return nil }
            defer { news = News() }
            return news
        }
    }

    private func tell(_ news: News) throws(MediaError) {
        // What the news are about was handed to the store before they came.
        try store.settle()
        // Nobody is shown what is behind a part that is not noted: who took the job up then would show less.
        for part in news.parts { events.partStored(part) }
        guard let publisher, let edition = news.growing?.edition else { return }
        if try publisher.publish(edition) { events.playable() }
    }
}
