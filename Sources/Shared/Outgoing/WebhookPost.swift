import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
public import Shared

/// Posts a body over HTTP and waits for the head of the answer; what follows the head is not read.
///
/// Redirects are answers: a URL that an operator chose does not lead elsewhere. One request over one
/// connection needs no more of a client than SwiftNIO's parser; those that do more trap on odd answers.
public struct WebhookPost: Sendable {
    /// How long an attempt may take, in seconds.
    package static let timeLimit: Int64 = 10

    /// Nil where the authorities can't be read.
    private let tls: NIOSSLContext?

    /// Creates a client that trusts the certificates of the authorities that the system trusts.
    public init() {
        self.init(authorities: .default)
    }

    /// Creates a client that trusts the certificates of these authorities.
    package init(authorities: NIOSSLTrustRoots) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = authorities
        tls = try? NIOSSLContext(configuration: configuration)
    }

    /// Sends the body and returns what the receiver said.
    public func send(
        _ target: WebhookTarget,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> NotificationAttempt.Answer {
        let tls = target.isSecure ? tls : nil
        guard tls != nil || !target.isSecure else { return .failure(.tls) }
        var fields = HTTPHeaders(headers)
        fields.add(name: "host", value: target.authority)
        fields.add(name: "user-agent", value: "growth-engine")
        fields.add(name: "content-length", value: String(body.count))
        fields.add(name: "connection", value: "close")
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: fields)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: NotificationAttempt.Answer.self)
        let connection = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(Self.timeLimit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        let name = target.isAddress ? nil : target.host
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHandler(HTTPRequestEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
                    try pipeline.addHandler(RequestHandler(head, body, answer))
                }
            }
            .connect(host: target.host, port: target.port)
        connection.whenFailure { _ in answer.succeed(.failure(.connection)) }
        let limit = loop.scheduleTask(in: .seconds(Self.timeLimit)) { answer.succeed(.failure(.timeLimit)) }
        answer.futureResult.whenComplete { _ in
            limit.cancel()
            // Also of one that is made after the time limit.
            connection.whenSuccess { $0.close(promise: nil) }
        }
        return (try? answer.futureResult.wait()) ?? .failure(.noAnswer)
    }
}

/// Sends one request as soon as there is a connection, and takes the head of the answer.
private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let body: [UInt8]
    private let answer: EventLoopPromise<NotificationAttempt.Answer>

    init(_ head: HTTPRequestHead, _ body: [UInt8], _ answer: EventLoopPromise<NotificationAttempt.Answer>) {
        (self.head, self.body, self.answer) = (head, body, answer)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Of more than one head the first counts: whoever waits for the answer closes the connection.
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let retryAfter = head.headers.first(name: "retry-after")
        answer.succeed(.status(Int(head.status.code), retryAfter: retryAfter))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.succeed(.failure(Self.failure(error)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(.failure(.noAnswer))
    }

    private static func failure(_ error: any Error) -> NotificationAttempt.Failure {
        switch error {
        // It hung up, as it may without TLS.
        case NIOSSLError.uncleanShutdown: .noAnswer
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: .tls
        case is HTTPParserError: .notHTTP
        default: .noAnswer
        }
    }
}
