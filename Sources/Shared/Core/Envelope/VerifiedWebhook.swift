/// A webhook whose signature was looked at; ``check(_:receiver:secrets:)`` makes one.
///
/// One that was sealed is made anew with what the check found then. The types keep the order: an
/// ``Envelope`` needs a verified webhook and a ``RedactedPayload``, and the latter comes out of
/// ``Redactor`` alone. Like the request, it lives for one call.
public struct VerifiedWebhook {
    /// The request, raw.
    public let request: WebhookRequest
    /// The door.
    public let source: SourceID
    /// What the check found.
    public let verdict: SignatureVerdict
    /// SHA-256 of the raw body, after content decoding, 64 lower-case hex digits.
    public let bodySHA256: String
    let receiver: any WebhookReceiving

    /// Makes a webhook of what ``verdict(of:receiver:secrets:)`` found of the same request.
    init(_ request: WebhookRequest, receiver: any WebhookReceiving, verdict: SignatureVerdict) {
        self.request = request
        self.receiver = receiver
        self.verdict = verdict
        source = receiver.source
        bodySHA256 = request.hashes.sha256
    }

    /// Makes a webhook that was sealed anew: what the check of its signature found stands on its envelope.
    init(_ request: WebhookRequest, receiver: any WebhookReceiving, checkedAs envelope: Envelope) {
        self.request = request
        self.receiver = receiver
        source = receiver.source
        bodySHA256 = envelope.bodySHA256
        verdict =
            switch envelope.signature {
            case .verified: .verified(secret: envelope.secretIndex ?? 0)
            case .unsigned: .unsigned
            case .failed: .failed(.mismatch)
            }
    }

    /// Checks the signature over the raw bytes, before anything else reads them.
    public static func check(
        _ request: WebhookRequest,
        receiver: any WebhookReceiving,
        secrets: SourceSecrets
    ) -> VerifiedWebhook {
        let verdict = verdict(of: request, receiver: receiver, secrets: secrets)
        return VerifiedWebhook(request, receiver: receiver, verdict: verdict)
    }

    /// Returns what the check of the signature finds.
    ///
    /// Of a compressed body that is the content, which is what senders that compress sign; a signature over
    /// the bytes as sent counts too, for it proves no less: the content follows from them.
    static func verdict(
        of request: WebhookRequest,
        receiver: any WebhookReceiving,
        secrets: SourceSecrets
    ) -> SignatureVerdict {
        var verdict = receiver.verify(request, secrets: secrets)
        if case .failed = verdict, let asSent = request.asSent,
            case .verified(let secret) = receiver.verify(asSent, secrets: secrets)
        {
            verdict = .verified(secret: secret)
        }
        return verdict
    }

    /// How the signature was found.
    public var signature: Envelope.Signature {
        switch verdict {
        case .verified: .verified
        case .unsigned: .unsigned
        case .failed: .failed
        }
    }

    /// Why the signature did not verify; nil when it did, or none was asked for.
    var failure: SignatureFailure? {
        guard case .failed(let failure) = verdict else { return nil }
        return failure
    }

    /// The index of the secret that verified it, or nil.
    public var secretIndex: Int? {
        guard case .verified(let secret) = verdict else { return nil }
        return secret
    }

    /// Takes the personal data out of the webhook's document.
    ///
    /// - Throws: The reason why there is no document.
    func redacted(by redactor: Redactor) throws(UnreadableBody) -> RedactedPayload {
        let policy = receiver.policy(for: request)
        let account = receiver.account(of: request)
        do {
            switch try receiver.document(of: request) {
            case .body:
                return try redactor.redact(request.body, policy: policy, source: source, account: account)
            case .carried(let bytes):
                return try bytes.withUnsafeBytes { document throws(JSONError) in
                    try redactor.redact(document, policy: policy, source: source, account: account)
                }
            }
        } catch let error as JSONError {
            throw error.code == .tooDeep ? .tooDeep : .notJSON
        } catch let error as UnreadableBody {
            throw error
        } catch {
            throw .notJSON
        }
    }
}
