package import NIOCore

/// Where the request that the current task answers has come in.
package enum RequestChannel {
    @TaskLocal package static var current: (any Channel)?

    /// Calls `onAbort` once, on the channel's event loop, if its client goes away or sends no more, unless the request has
    /// been answered by then and another is watched.
    package static func watch(_ channel: any Channel, _ onAbort: @escaping @Sendable () -> Void) {
        channel.eventLoop.execute {
            guard channel.isActive else { return onAbort() }
            let pipeline = channel.pipeline.syncOperations
            if let watcher = try? pipeline.handler(type: AbortWatcher.self) {
                watcher.onAbort = onAbort
            } else {
                try? pipeline.addHandler(AbortWatcher(onAbort), position: .first)
            }
        }
    }
}

/// Sees the end of what a client sends before hummingbird does, which looks only when it has answered.
final class AbortWatcher: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    var onAbort: (() -> Void)?

    init(_ onAbort: @escaping () -> Void) {
        self.onAbort = onAbort
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
        onAbort?()
        onAbort = nil
    }
}
