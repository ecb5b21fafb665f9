@testable import Shared

extension FuzzTarget {
    /// A request from the door to the facts: whatever the body, there is an envelope of one line, without an
    /// e-mail address, and then facts, a note or a reason.
    ///
    /// The first byte of an input chooses the door, the second the topic; the rest is the body.
    static let pipeline = FuzzTarget(
        name: "pipeline",
        seeds: { try PipelineUnderFuzz.seeds() },
        words: FuzzWords.json + FuzzWords.personal + FuzzWords.amounts,
        run: { try fuzzPipeline($0) }
    )
}

/// What the pipeline target works with.
enum PipelineUnderFuzz {
    static let paths = [
        "/webhooks/shopify", "/webhooks/shopier", "/webhooks/shopier/osb", "/webhooks/shopier/callback",
        "/webhooks/stripe", "/webhooks/generic/own", "/payouts/shopify", "/payouts/stripe",
        "/payouts/shopier",
        "/fulfilment/monolith",
    ]
    static let topics = [
        "orders/updated", "refunds/create", "order_transactions/create", "tender_transactions/create",
        "disputes/update", "products/update", "fulfillments/create", "checkouts/update", "customers/redact",
        "order.created", "refund.updated", "product.updated", "order", "product", "customer", "other",
    ]
    static let adapters = ProviderCatalog.adapters
    static let pipeline = IntakePipeline(
        redactor: RedactorUnderFuzz.redactor,
        keyID: RedactorUnderFuzz.keyRing.activeKeyID,
        intake: "fuzz"
    )

    /// The fixtures at the doors where they belong.
    static func seeds() throws -> [[UInt8]] {
        try FuzzSeeds.fixtures().flatMap { source, name, bytes -> [[UInt8]] in
            let doors = paths.indices.filter { paths[$0].contains(source) }
            let kind = name.prefix { $0 != "-" && $0 != "." }.prefix(6)
            let topic = topics.firstIndex { $0.hasPrefix(kind) } ?? topics.count - 1
            return bytes.count > 6_000 ? [] : doors.map { [UInt8($0), UInt8(topic)] + bytes }
        }
    }
}

/// Sends the input through the intake's decision and, as a worker would, through the adapter.
func fuzzPipeline(_ input: UnsafeRawBufferPointer) throws -> Int {
    guard input.count >= 2 else { return -1 }
    let path = PipelineUnderFuzz.paths[Int(input[0]) % PipelineUnderFuzz.paths.count]
    let topic = PipelineUnderFuzz.topics[Int(input[1]) % PipelineUnderFuzz.topics.count]
    guard let match = ProviderCatalog.route(for: path) else { throw Finding("\(path) is no door") }
    let headers = FuzzHeaders(values: [
        "x-shopify-topic": topic, "shopier-event": topic, "x-wc-webhook-resource": topic,
        "x-shopify-shop-domain": "own.myshopify.com",
    ])
    let request = WebhookRequest(
        variant: match.route.variant,
        pathSource: match.pathSource,
        headers: headers,
        body: UnsafeRawBufferPointer(rebasing: input[2...]),
        receivedAt: Timestamp(milliseconds: 1_795_428_000_000)
    )
    let decision = PipelineUnderFuzz.pipeline.decide(
        request,
        match: match,
        secrets: SourceSecrets(),
        allowsUnsigned: true,
        id: "01KATQ0000000000000000TEST"
    )
    guard case .enqueue(_, let line, _) = decision else { throw Finding("an unsigned webhook is refused") }
    try require(!line.contains(0x0A), "an envelope of two lines")
    let decoded: DecodedEnvelope
    do {
        decoded = try DecodedEnvelope(decoding: line)
    } catch {
        throw Finding("the envelope is unreadable: \(error)")
    }
    try require(decoded.envelope.encoded() == line, "the envelope reads as another")
    return Int(input[0]) % PipelineUnderFuzz.paths.count * 4 + (try normalize(decoded))
}

private func normalize(_ decoded: DecodedEnvelope) throws -> Int {
    let source = decoded.envelope.source
    guard let adapter = PipelineUnderFuzz.adapters.first(where: { $0.source == source }) else {
        throw Finding("no adapter takes \(source)")
    }
    do {
        let result = try adapter.normalize(decoded.envelope, body: decoded.body)
        try require(!result.facts.isEmpty || result.note != nil, "neither facts nor a note")
        return result.facts.isEmpty ? 1 : 2
    } catch let rejection as Rejection {
        try require(!rejection.reason.code.isEmpty && !rejection.reason.detail.isEmpty, "no reason")
        return 3
    }
}
