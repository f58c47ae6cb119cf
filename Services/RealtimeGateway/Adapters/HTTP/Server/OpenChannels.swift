import HummingbirdCore
import NIOCore
import Synchronization

/// The channels that are no WebSockets, or not yet, so that they can be told when the server stops.
final class OpenChannels: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// Called when the last has gone, once the server stops.
        var onEmpty: (@Sendable () -> Void)?
        var isQuiescing = false
    }

    private let state = Mutex(State())

    /// Adds a channel; returns false, and does not, if the server stops already.
    func insert(_ channel: any Channel) -> Bool {
        state.withLock { state in
            if !state.isQuiescing { state.channels[ObjectIdentifier(channel)] = channel }
            return !state.isQuiescing
        }
    }

    /// The connection has closed, or become a WebSocket.
    func remove(_ channel: any Channel) {
        let onEmpty = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            return state.channels.isEmpty ? state.onEmpty : nil
        }
        onEmpty?()
    }

    /// Tells every connection to end when its request has been answered.
    func quiesce(_ onEmpty: @escaping @Sendable () -> Void) {
        let channels = state.withLock { state in
            state.isQuiescing = true
            state.onEmpty = onEmpty
            return Array(state.channels.values)
        }
        if channels.isEmpty { onEmpty() }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}
