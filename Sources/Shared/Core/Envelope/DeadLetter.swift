/// Why a job can never be done as it is; the reason of its dead letter.
public struct DeadReason: Hashable, Sendable, CustomStringConvertible {
    /// A short name in kebab-case, stable over releases, such as `not-json`.
    public let code: String
    /// What is wrong, such as the path of the missing field, in words that hold no value of the message but
    /// a type, where it is a topic as envelopes bear it.
    public let detail: String

    /// Creates a reason.
    public init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Code and detail.
    public var description: String { "\(code): \(detail)" }

    /// The bytes on the list are no envelope of this version.
    public static func unreadableEnvelope(_ detail: String) -> DeadReason {
        DeadReason(code: "unreadable-envelope", detail: detail)
    }

    /// A field that the message cannot do without is absent or of another type.
    public static func missingField(_ path: String) -> DeadReason {
        DeadReason(code: "missing-field", detail: "The field \(path) is absent or has another type.")
    }

    /// A field holds an amount that is no number or does not fit.
    public static func invalidAmount(_ path: String) -> DeadReason {
        DeadReason(code: "invalid-amount", detail: "The field \(path) is no amount, or too large.")
    }

    /// A field holds a currency that is no ISO 4217 code.
    public static func invalidCurrency(_ path: String) -> DeadReason {
        DeadReason(code: "invalid-currency", detail: "The field \(path) is no ISO 4217 currency code.")
    }

    /// A field holds an amount in another currency than what it belongs to, and no rate is stated.
    public static func missingRate(_ path: String) -> DeadReason {
        DeadReason(
            code: "missing-rate",
            detail: "The field \(path) is in another currency than the order, and the message states no rate."
        )
    }

    /// A field holds a time in no known form.
    public static func invalidTime(_ path: String) -> DeadReason {
        DeadReason(code: "invalid-time", detail: "The field \(path) is no RFC 3339 time.")
    }

    /// No adapter is registered for the source.
    public static func unknownSource(_ source: String) -> DeadReason {
        DeadReason(code: "unknown-source", detail: "No adapter takes messages of the source \(source).")
    }

    /// The message has none of the shapes that its source is known to send.
    public static func unmappedShape(_ detail: String) -> DeadReason {
        DeadReason(code: "unmapped-shape", detail: detail)
    }

    /// The body held no document that could be redacted, for a reason of ``UnreadableBody``.
    ///
    /// It says what became of the body: sealed to a key, or dropped.
    public static func unreadableBody(_ code: String, sealed: SealedText?) -> DeadReason {
        let hasNoTopic = code == UnreadableBody.missingTopic.rawValue
        let what =
            hasNoTopic
            ? "The header that says what the body is did not come with it"
            : "The body held no readable document"
        guard let sealed else {
            return DeadReason(
                code: code,
                detail: "\(what); only its size and hash were kept, since it was "
                    + "not sealed: the intake had no seal key, or the delivery came out of quarantine."
            )
        }
        let next =
            hasNoTopic
            ? "growthctl sealed open shows it: send it again with the header."
            : "growthctl sealed open shows it, growthctl sealed resubmit puts it back on the queue."
        return DeadReason(code: code, detail: "\(what); it is sealed to the key \(sealed.keyID). \(next)")
    }
}
