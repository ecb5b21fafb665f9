import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Shared

/// Posts a body over HTTP and waits for the head of the answer; what follows the head is not read.
///
/// Redirects are answers: a URL that an operator chose does not lead elsewhere. One request over one
/// connection needs no more of a client than SwiftNIO's parser; those that do more trap on odd answers.
struct WebhookPost {
    /// How long an attempt may take, in seconds.
    static let timeLimit: Int64 = 10

    /// TLS with the system's certificates; nil where they can't be read.
    private static let tls = try? NIOSSLContext(configuration: .makeClientConfiguration())

    /// Sends the body and returns what the receiver said.
    func send(
        _ url: Secret,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> NotificationAttempt.Answer {
        guard let target = WebhookTarget(url), !target.isSecure || Self.tls != nil else { return .nothing }
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
                    if target.isSecure, let tls = Self.tls {
                        let name = target.certificateName
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHandler(HTTPRequestEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
                    try pipeline.addHandler(RequestHandler(head, body, answer))
                }
            }
            .connect(host: target.host, port: target.port)
        connection.whenFailure { _ in answer.succeed(.nothing) }
        let limit = loop.scheduleTask(in: .seconds(Self.timeLimit)) { answer.succeed(.nothing) }
        answer.futureResult.whenComplete { _ in
            limit.cancel()
            // Also of one that is made after the time limit.
            connection.whenSuccess { $0.close(promise: nil) }
        }
        return (try? answer.futureResult.wait()) ?? .nothing
    }
}

/// Where a webhook's URL leads.
private struct WebhookTarget {
    let isSecure: Bool
    /// A name, or an address without brackets.
    let host: String
    let port: Int
    /// Host and port as the URL has them.
    let authority: String
    /// Path and query.
    let path: String

    init?(_ url: Secret) {
        guard let parts = URLComponents(string: String(decoding: url.bytes, as: UTF8.self)),
            let name = parts.percentEncodedHost, !name.isEmpty, let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http"
        else { return nil }
        isSecure = scheme == "https"
        host = name.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? (isSecure ? 443 : 80)
        guard (1...65_535).contains(port) else { return nil }
        authority = parts.port.map { "\(name):\($0)" } ?? name
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        self.path = parts.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
    }

    /// The name that the certificate must bear; nil for an address, which TLS does not name (RFC 6066).
    var certificateName: String? {
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        return isAddress ? nil : host
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
        answer.succeed(.nothing)
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(.nothing)
    }
}
