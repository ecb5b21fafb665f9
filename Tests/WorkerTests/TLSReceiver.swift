import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TestSupport

/// An authority of one test, by openssl, that issues certificates which nobody else trusts.
final class CertificateAuthority {
    /// The files of a certificate and its key.
    struct Issued {
        let certificate: String
        let key: String
    }

    /// The file of its own certificate.
    var certificate: String { folder.file("authority.pem") }
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        try openssl(
            ["-subj", "/CN=Authority"],
            Issued(certificate: certificate, key: folder.file("authority.key"))
        )
    }

    /// Issues a certificate for `DNS:name` or `IP:address`.
    func issue(_ name: String) throws -> Issued {
        let issued = Issued(certificate: folder.file("server.pem"), key: folder.file("server.key"))
        let authority = ["-CA", certificate, "-CAkey", folder.file("authority.key")]
        try openssl(authority + ["-subj", "/CN=Server", "-addext", "subjectAltName=\(name)"], issued)
        return issued
    }

    private func openssl(_ words: [String], _ files: Issued) throws {
        let kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        let output = ["-days", "2", "-keyout", files.key, "-out", files.certificate]
        let result = try ProcessRunner.run("openssl", kind + output + words)
        guard result.isSuccess else { throw TestSupportError("openssl failed: \(result.errors)") }
    }
}

/// A server on 127.0.0.1 that speaks TLS, and answers every request with 204 or hangs up on it.
final class TLSReceiver: Sendable {
    let port: Int
    private let seen = Monitor<[String]>([])
    private let channel: any Channel

    /// The paths of the requests so far.
    var requests: [String] { seen.withLock { $0 } }

    init(certificate: CertificateAuthority.Issued, hangsUp: Bool = false) throws {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificate).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem))
        )
        let tls = try NIOSSLContext(configuration: configuration)
        let seen = seen
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Answerer(seen, hangsUp: hangsUp))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        channel.close(promise: nil)
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let seen: Monitor<[String]>

        private let hangsUp: Bool

        init(_ seen: Monitor<[String]>, hangsUp: Bool) {
            self.seen = seen
            self.hangsUp = hangsUp
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): seen.withLock { $0.append(head.uri) }
            case .body: break
            case .end where hangsUp:
                // Behind the back of TLS, which would say goodbye.
                let pipeline = context.pipeline.syncOperations
                try? pipeline.context(handlerType: NIOSSLServerHandler.self).close(promise: nil)
            case .end:
                let head = HTTPResponseHead(version: .http1_1, status: .noContent)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // Whoever refuses the certificate ends the handshake.
            context.close(promise: nil)
        }
    }
}
