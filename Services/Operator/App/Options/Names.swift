import EventSchema
import Messaging

/// What a shell offers where a name is wanted.
enum Names {
    static let origins = Topology.workQueues + [Topology.Queue.unrouted]
    static let eventTypes = EventCatalog.eventTypes
    static let patterns = ["#", "media.#", "notification.#", "realtime.#"] + eventTypes
}
