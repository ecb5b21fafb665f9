public import Shared

/// Headers for tests; names are compared without regard to case.
public struct FixtureHeaders: HeaderLookup, Sendable {
    private let values: [String: String]

    /// Creates headers.
    public init(_ headers: [String: String] = [:]) {
        values = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    }

    /// The value, or nil.
    public func first(_ name: String) -> String? { values[name] }
}

/// Why a fixture did not become an envelope.
public enum EnvelopeFixtureError: Error {
    /// No door has the path.
    case noRoute(String)
    /// The pipeline refused it.
    case refused(Problem)
}

/// A request that went through the real intake pipeline: what the worker would find on the queue.
///
/// Key, clock and id are fixed, so that equal requests give equal envelopes.
public struct EnvelopeFixture: Sendable {
    /// When every fixture was received, unless it says otherwise: 2026-11-23T10:00:00Z.
    public static let receivedAt = Timestamp(milliseconds: 1_795_428_000_000)
    /// The ULID of every fixture.
    public static let id = "01KATQ0000000000000000TEST"

    /// The line of JSON that the intake would push.
    public let line: [UInt8]
    /// The envelope.
    public let envelope: Envelope
    /// Its body; the document `null` when it has none.
    public let document: JSONDocument
    /// What the pipeline decided.
    public let decision: IntakeDecision

    /// The body's value.
    public var body: JSONValue { document.root }

    /// Sends a body to a path such as `/webhooks/shopify`.
    ///
    /// A quarantined request gives its envelope too.
    public init(
        path: String,
        headers: [String: String] = [:],
        body: [UInt8],
        secrets: SourceSecrets = SourceSecrets(),
        receivedAt: Timestamp = EnvelopeFixture.receivedAt,
        sealer: Sealer? = nil
    ) throws {
        decision = try Self.decide(
            path: path,
            headers: headers,
            body: body,
            secrets: secrets,
            receivedAt: receivedAt,
            sealer: sealer
        )
        switch decision {
        case .enqueue(_, let envelope, _), .quarantine(_, let envelope, _): line = envelope
        case .refuse(let problem), .discard(let problem): throw EnvelopeFixtureError.refused(problem)
        }
        envelope = try Envelope(decoding: line)
        document = try JSONDocument(envelope.body.isEmpty ? Array("null".utf8) : envelope.body)
    }

    /// Sends text to a path.
    public init(path: String, headers: [String: String] = [:], json: String) throws {
        try self.init(path: path, headers: headers, body: Array(json.utf8))
    }

    /// Runs the pipeline over a request and returns its decision.
    public static func decide(
        path: String,
        headers: [String: String],
        body: [UInt8],
        secrets: SourceSecrets = SourceSecrets(),
        receivedAt: Timestamp = EnvelopeFixture.receivedAt,
        allowsUnsigned: Bool = true,
        sealer: Sealer? = nil
    ) throws -> IntakeDecision {
        guard let match = ProviderCatalog.route(for: path) else { throw EnvelopeFixtureError.noRoute(path) }
        let keyRing = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        let pipeline = IntakePipeline(
            redactor: Redactor(keyRing: keyRing),
            keyID: keyRing.activeKeyID,
            intake: "test-intake",
            sealer: sealer
        )
        return body.withUnsafeBytes { bytes in
            let request = WebhookRequest(
                variant: match.route.variant,
                pathSource: match.pathSource,
                headers: FixtureHeaders(headers),
                body: bytes,
                receivedAt: receivedAt
            )
            return pipeline.decide(
                request,
                match: match,
                secrets: secrets,
                allowsUnsigned: allowsUnsigned,
                id: Self.id
            )
        }
    }
}
