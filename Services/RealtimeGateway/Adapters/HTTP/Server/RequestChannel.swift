package import NIOCore

/// Where the request that the current task answers has come in.
package enum RequestChannel {
    @TaskLocal package static var current: (any Channel)?

    /// Calls `onAbort` once, on the channel's event loop, if its client goes away or sends no more, unless the request has
    /// been answered by then and another is watched.
    package static func watch(_ channel: any Channel, _ onAbort: @escaping @Sendable () -> Void) {
        channel.eventLoop.execute {
            let watcher = try? channel.pipeline.syncOperations.handler(type: AbortWatcher.self)
            guard channel.isActive, let watcher else { return onAbort() }
            watcher.watch(onAbort)
        }
    }
}

/// Sees the end of what a client sends before hummingbird does, which looks only when it has answered.
///
/// It is there from the beginning: the end may come before a request is watched.
final class AbortWatcher: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private var onAbort: (() -> Void)?
    private var hasEnded = false

    /// Calls `onAbort` when the client has said all, in the place of what was to be called before.
    func watch(_ onAbort: @escaping () -> Void) {
        if hasEnded { onAbort() } else { self.onAbort = onAbort }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { abort() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        abort()
        context.fireChannelInactive()
    }

    private func abort() {
        hasEnded = true
        onAbort?()
        onAbort = nil
    }
}
