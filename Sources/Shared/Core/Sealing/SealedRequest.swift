/// A request as it is sealed: the raw body, and what the adapter needs to read a mended one as the intake
/// would have.
///
/// The sealed bytes are one line of JSON, `{"variant","path_source","headers":{…}}`, a line feed, and the
/// body. The headers are those that the adapter asks for when it redacts and tells the provenance, no others.
public struct SealedRequest: Hashable, Sendable {
    /// The adapter's variant that the path named.
    public let variant: String
    /// The `{source}` of the path, for routes that have one.
    public let pathSource: SourceID?
    /// Headers by their names in lower case.
    public let headers: [String: String]
    /// The raw body, after content decoding.
    public let body: [UInt8]

    /// Creates a request.
    public init(variant: String, pathSource: SourceID?, headers: [String: String], body: [UInt8]) {
        self.variant = variant
        self.pathSource = pathSource
        self.headers = headers
        self.body = body
    }

    /// Takes from a request what its adapter looks at when it redacts and tells where it came from.
    init(_ webhook: VerifiedWebhook) {
        let receiver = webhook.receiver
        let original = webhook.request
        let recorder = HeaderRecorder(original.headers)
        let request = WebhookRequest(
            variant: original.variant,
            pathSource: original.pathSource,
            headers: recorder,
            body: original.body,
            receivedAt: original.receivedAt
        )
        _ = receiver.policy(for: request)
        _ = receiver.account(of: request)
        _ = try? receiver.document(of: request)
        _ = receiver.provenance(of: request, captured: [], bodySHA256: webhook.bodySHA256)
        self.init(
            variant: original.variant,
            pathSource: original.pathSource,
            headers: recorder.seen,
            body: Array(original.body)
        )
    }

    /// The bytes to seal.
    func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: body.count + 256)
        writer.object { writer in
            writer.key("variant")
            writer.append(string: variant[...])
            writer.key("path_source")
            writer.append(string: pathSource?.name)
            writer.key("headers")
            writer.object { writer in
                for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    writer.append(string: value[...])
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")] + body
    }

    /// Reads what was sealed; nil when it is none.
    init?(decoding bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let root = try? JSONDocument(Array(bytes[..<end])).root,
            let variant = root["variant"].string, root["headers"].kind == .object
        else { return nil }
        var headers: [String: String] = [:]
        for member in root["headers"].members { headers[member.key] = member.value.string }
        self.init(
            variant: variant,
            pathSource: root["path_source"].string.flatMap { SourceID($0) },
            headers: headers,
            body: Array(bytes[(end + 1)...])
        )
    }
}

extension SealedRequest: HeaderLookup {
    /// Returns the value of the header, or nil.
    public func first(_ name: String) -> String? { headers[name] }
}

/// Remembers which headers were asked for.
private final class HeaderRecorder: HeaderLookup {
    private let headers: any HeaderLookup
    private(set) var seen: [String: String] = [:]

    init(_ headers: any HeaderLookup) {
        self.headers = headers
    }

    func first(_ name: String) -> String? {
        let value = headers.first(name)
        if let value { seen[name] = value }
        return value
    }
}
