/// What the intake is to do with a request.
public enum IntakeDecision: Sendable {
    /// Make the envelope durable on the source's queue, then answer 2xx, with `successText` where it is
    /// given.
    case enqueue(source: SourceID, envelope: [UInt8], successText: String?)
    /// Keep the envelope on the source's bounded quarantine list, and answer with the problem.
    case quarantine(source: SourceID, envelope: [UInt8], problem: Problem)
    /// Answer with the problem and keep nothing: the signature did not verify, and the sender's share of the
    /// quarantine is used up.
    case discard(Problem)
    /// Answer with the problem and keep nothing.
    case refuse(Problem)
}

/// What the intake found out about a request on its way to the decision; it holds no value of the message.
public struct IntakeFinding: Sendable {
    /// What to do.
    public let decision: IntakeDecision
    /// How the signature was found.
    public let verdict: SignatureVerdict
    /// How many values were pseudonymised.
    public let pseudonymisedCount: Int
    /// How many values were dropped.
    public let droppedCount: Int
    /// The sender's trace; nil when it named none, or was refused.
    public let traceParent: TraceParent?

    /// Whether the webhook is taken.
    public var isAccepted: Bool { if case .enqueue = decision { true } else { false } }
}

extension IntakeFinding {
    /// Of a request whose document nobody looked at.
    fileprivate init(_ decision: IntakeDecision, verdict: SignatureVerdict, traceParent: TraceParent? = nil) {
        self.init(
            decision: decision,
            verdict: verdict,
            pseudonymisedCount: 0,
            droppedCount: 0,
            traceParent: traceParent
        )
    }
}

/// The intake's whole decision: verify over the raw bytes, redact, find the provenance, make the envelope.
///
/// What can't be redacted is sealed whole. Pure but for that: see ``Sealer``.
public struct IntakePipeline: Sendable {
    /// The largest envelope that is kept in quarantine, in bytes: with at most 1,000 of them, what strangers
    /// can make us keep is 64 MB per source.
    public static let quarantinedBytesMax = 65_536
    /// The largest body without a valid signature that is redacted, to be kept in quarantine: of what is
    /// larger next to nothing fits there, and strangers could have the intake work for nothing.
    public static let unverifiedBodyMax = 2 * quarantinedBytesMax

    private let redactor: Redactor
    /// The id of the pseudonym key that is in use.
    public let keyID: String
    private let intake: String
    private let sealer: Sealer?

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - redactor: What takes the personal data out.
    ///   - keyID: The id of the pseudonym key that the redactor uses.
    ///   - intake: The name of this intake, for envelopes.
    ///   - sealer: What seals bodies that can't be redacted; without one they are dropped.
    public init(redactor: Redactor, keyID: String, intake: String, sealer: Sealer? = nil) {
        self.redactor = redactor
        self.keyID = keyID
        self.intake = intake
        self.sealer = sealer
    }

    /// Decides about one request, as ``examine(_:match:secrets:allowsUnsigned:id:)`` does.
    ///
    /// - Parameters:
    ///   - request: The request; it is not kept.
    ///   - match: The door that the path names.
    ///   - secrets: The secrets of the source.
    ///   - allowsUnsigned: Whether a source without secrets is taken.
    ///   - id: The ULID for the envelope.
    /// - Returns: What to do. Problems echo nothing of the request.
    public func decide(
        _ request: WebhookRequest,
        match: RouteMatch,
        secrets: SourceSecrets,
        allowsUnsigned: Bool,
        id: String
    ) -> IntakeDecision {
        examine(request, match: match, secrets: secrets, allowsUnsigned: allowsUnsigned, id: id).decision
    }

    /// Decides about one request, and tells what was found on the way.
    ///
    /// - Parameters:
    ///   - request: The request; it is not kept.
    ///   - match: The door that the path names.
    ///   - secrets: The secrets of the source.
    ///   - allowsUnsigned: Whether a source without secrets is taken.
    ///   - id: The ULID for the envelope.
    ///   - keepsUnverified: Asked once where the signature did not verify and the body is no larger than
    ///     ``unverifiedBodyMax``, before anything is done to keep the delivery: whether it is to be kept.
    /// - Returns: What to do, and why.
    public func examine(
        _ request: WebhookRequest,
        match: RouteMatch,
        secrets: SourceSecrets,
        allowsUnsigned: Bool,
        id: String,
        keepsUnverified: () -> Bool = { true }
    ) -> IntakeFinding {
        let verdict = VerifiedWebhook.verdict(of: request, receiver: match.receiver, secrets: secrets)
        switch verdict {
        case .unsigned where !allowsUnsigned:
            return IntakeFinding(.refuse(.unsignedNotAccepted), verdict: verdict)
        case .failed(let failure)
        where request.body.count > Self.unverifiedBodyMax || !keepsUnverified():
            let trace = request.traceParent
            let problem = Problem.signatureNotVerified(failure)
            return IntakeFinding(.discard(problem), verdict: verdict, traceParent: trace)
        default: break
        }
        let webhook = VerifiedWebhook(request, receiver: match.receiver, verdict: verdict)
        let envelope: Envelope
        let decision: IntakeDecision
        if case .failed(let failure) = webhook.verdict {
            let (kept, line) = quarantined(webhook, id: id)
            envelope = kept
            decision = .quarantine(
                source: webhook.source,
                envelope: line,
                problem: .signatureNotVerified(failure)
            )
        } else {
            envelope = self.envelope(of: webhook, id: id)
            decision = .enqueue(
                source: webhook.source,
                envelope: envelope.encoded(),
                successText: match.route.successText
            )
        }
        return IntakeFinding(
            decision: decision,
            verdict: webhook.verdict,
            pseudonymisedCount: envelope.pseudonymisedCount,
            droppedCount: envelope.droppedCount,
            traceParent: envelope.traceParent
        )
    }

    /// The envelope for the quarantine, whose bound it keeps: a large body that can't be redacted is dropped.
    private func quarantined(_ webhook: VerifiedWebhook, id: String) -> (Envelope, line: [UInt8]) {
        let isSmall = webhook.request.body.count <= Self.quarantinedBytesMax / 2
        var envelope = envelope(of: webhook, id: id, mayBeSealed: isSmall)
        let line = envelope.encoded()
        guard line.count > Self.quarantinedBytesMax, envelope.sealed != nil else { return (envelope, line) }
        envelope.sealed = nil
        return (envelope, envelope.encoded())
    }

    /// Redacts the webhook, then asks what the redacted document says about where it came from.
    private func envelope(of webhook: VerifiedWebhook, id: String, mayBeSealed: Bool = true) -> Envelope {
        let stamp = EnvelopeStamp(id: id, intake: intake, keyID: keyID)
        func provenance(_ captured: [String?]) -> Provenance {
            var provenance = webhook.receiver.provenance(
                of: webhook.request,
                captured: captured,
                bodySHA256: webhook.bodySHA256
            )
            let account = provenance.account
            if !account.isEmpty, ProvenanceText.token(account) == nil {
                provenance.account = redactor.pseudonym(ofAccount: account, source: webhook.source)
            }
            return provenance
        }
        do {
            let payload = try webhook.redacted(by: redactor)
            return Envelope(
                webhook,
                stamp: stamp,
                provenance: provenance(payload.captured),
                payload: payload
            )
        } catch {
            return Envelope(
                webhook,
                stamp: stamp,
                provenance: provenance([]),
                unreadable: error,
                sealed: mayBeSealed ? sealed(webhook, id: id) : nil
            )
        }
    }

    private func sealed(_ webhook: VerifiedWebhook, id: String) -> SealedText? {
        let binding = SealBinding(envelopeID: id, source: webhook.source, bodySHA256: webhook.bodySHA256)
        // The key was tried when it was read; should sealing fail all the same, the dead letter says so.
        return sealer.flatMap { try? $0.seal(SealedRequest(webhook), for: binding) }
    }
}
