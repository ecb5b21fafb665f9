import NIOCore

/// Hands what the connection reads to its pusher.
final class RedisPusherHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let pusher: RedisPusher

    init(pusher: RedisPusher) {
        self.pusher = pusher
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unwrapInboundIn(data).withUnsafeReadableBytes { pusher.received($0) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pusher.closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
