import NIOCore
import NIOHTTP1

/// Stands behind the HTTP decoder until that has read the head of a connection's first request.
final class FirstHeadHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let gateway: GatewayChannel
    /// It keeps the time, and answers what is no HTTP.
    private let upgrade: UpgradeHandler

    init(_ gateway: GatewayChannel, _ upgrade: UpgradeHandler) {
        self.gateway = gateway
        self.upgrade = upgrade
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try gateway.becomeHTTP(context.channel)
            upgrade.becameHTTP()
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        upgrade.foundNoHTTP()
    }
}
