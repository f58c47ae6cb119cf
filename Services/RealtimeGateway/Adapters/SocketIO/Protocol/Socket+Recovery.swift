import EngineIO
import NIOCore
import RealtimeHTTP

/// How a client that loses its connection is kept, and put back.
extension Socket {
    /// Has the client stored anew at the end of this turn, after ``SocketHandler/storedState`` has changed.
    package func stateChanged() {
        guard let journal, !journal.isUnsaved, session?.recovery?.vault != nil, let loop = shard?.loop else { return }
        journal.isUnsaved = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.execute { bound.value.save() }
    }

    private func save() {
        guard let journal else { return }
        journal.isUnsaved = false
        guard let vault = session?.recovery?.vault, let state = handler.storedState else { return }
        vault.save(
            StoredSession(
                pid: journal.pid.text,
                sid: id,
                namespace: namespace,
                topics: topics,
                state: state
            )
        )
    }

    /// Takes the client off its topics, without a word to its handler.
    func withdraw(from shard: Shard) {
        for subscription in subscriptions { shard.unsubscribe(subscription) }
        subscriptions = []
        session = nil
    }

    /// Sends what was stored since the client was lost, and then what is published.
    func recover(stored events: [TopicEvent], after order: UInt64) {
        guard let engine = session?.engine else { return }
        let encoding = spelling.encoding(engine.framing)
        for event in events {
            let place = EventPosition(major: event.order ?? order, minor: 0)
            TopicEvent(event, at: place).frame(encoding).map(send)
        }
        let last = events.last?.order ?? order
        for subscription in subscriptions { subscription.skip(throughOrder: last) }
    }

    func releaseAll() {
        for subscription in subscriptions { subscription.release(after: nil) }
    }

    func kept(_ journal: SocketJournal) -> SocketRecovery.Kept {
        SocketRecovery.Kept(
            id: identifier,
            namespace: namespace,
            handler: handler,
            journal: journal,
            connection: connection.map { ObjectIdentifier($0) }
        )
    }

    /// Puts the client back on its topics and sends what it has missed; returns whether all of that was there.
    func recover(_ offset: SocketOffset, from connection: ObjectIdentifier?) -> Bool {
        guard let journal, let log = session?.recovery?.log, let engine = session?.engine else { return false }
        // From here on nothing is missed; what comes twice is skipped.
        for topic in journal.topics { _ = subscribe(topic.name, isHeld: false) }
        guard let emits = journal.missed(after: offset),
            let missed = log.missed(on: journal.topics, after: offset.position)
        else { return false }
        for subscription in subscriptions { subscription.skip(through: missed.through) }
        journal.baseline = missed.through
        var events = missed.events.filter { $0.exception == nil || $0.exception != connection }[...]
        let encoding = spelling.encoding(engine.framing)
        for emit in emits {
            while let event = events.first, let position = event.position, position <= emit.after {
                events.removeFirst()
                event.frame(encoding).map(send)
            }
            let offset = SocketOffset(position: emit.after, number: emit.number).text
            send(writer.event(emit.name, emit.arguments, attachments: emit.attachments, at: offset, spelling.offsets))
        }
        for event in events { event.frame(encoding).map(send) }
        return true
    }
}
