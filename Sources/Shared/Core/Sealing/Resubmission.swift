/// Why a sealed request did not become an envelope that can be read.
public enum ResubmissionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No adapter receives the source.
    case unknownSource(SourceID)
    /// The body still can't be redacted.
    case unreadable(UnreadableBody)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .unknownSource(let source): "No adapter takes messages of the source \(source.name)."
        case .unreadable(.missingTopic):
            "The topic's header did not come with it (missing-topic): open it, and send it again with one."
        case .unreadable(let reason):
            "The body still can't be redacted (\(reason.rawValue)): mend it, and name it with --body."
        }
    }
}

/// Makes the envelope that the intake would have made, had the body been readable; pure.
///
/// The same adapter, allow-list and redactor look at it, with the headers that were sealed with the body. The
/// delivery keeps its id, its digest and size, its time of receipt and what was found of its signature, so
/// that the inbox knows it as the delivery that it noted; the envelope's id is new.
public struct Resubmission: Sendable {
    private let receivers: [any WebhookReceiving]
    private let redactor: Redactor
    private let keyID: String

    /// Creates a resubmission.
    ///
    /// - Parameters:
    ///   - receivers: The adapters, one per source.
    ///   - redactor: What takes the personal data out.
    ///   - keyID: The id of the pseudonym key that the redactor uses.
    public init(receivers: [any WebhookReceiving], redactor: Redactor, keyID: String) {
        self.receivers = receivers
        self.redactor = redactor
        self.keyID = keyID
    }

    /// Redacts a request that was sealed.
    ///
    /// - Parameters:
    ///   - sealed: What the sealed text held.
    ///   - original: The envelope that carried it.
    ///   - body: The mended body, in the form in which the provider sends; nil for the one that was sealed.
    ///   - id: The ULID for the new envelope.
    /// - Returns: The new envelope.
    /// - Throws: ``ResubmissionError``.
    public func envelope(
        of sealed: SealedRequest,
        from original: Envelope,
        body: [UInt8]? = nil,
        id: String
    ) throws(ResubmissionError) -> Envelope {
        guard let receiver = receivers.first(where: { $0.source == original.source }) else {
            throw .unknownSource(original.source)
        }
        return try (body ?? sealed.body).withUnsafeBufferPointer { bytes throws(ResubmissionError) in
            let request = WebhookRequest(
                variant: sealed.variant,
                pathSource: sealed.pathSource,
                headers: sealed,
                body: UnsafeRawBufferPointer(bytes),
                receivedAt: original.receivedAt
            )
            let webhook = VerifiedWebhook(request, receiver: receiver, checkedAs: original)
            return try envelope(of: webhook, from: original, id: id)
        }
    }

    private func envelope(
        of webhook: VerifiedWebhook,
        from original: Envelope,
        id: String
    ) throws(ResubmissionError) -> Envelope {
        let payload: RedactedPayload
        do {
            payload = try webhook.redacted(by: redactor)
        } catch {
            throw .unreadable(error)
        }
        var provenance = webhook.receiver.provenance(
            of: webhook.request,
            captured: payload.captured,
            bodySHA256: original.bodySHA256
        )
        provenance.deliveryID = original.provenance.deliveryID
        var envelope = Envelope(
            webhook,
            stamp: EnvelopeStamp(id: id, intake: original.intake, keyID: keyID),
            provenance: provenance,
            payload: payload
        )
        envelope.byteCount = original.byteCount
        return envelope
    }
}
