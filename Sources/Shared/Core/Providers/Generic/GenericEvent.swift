/// An event in the canonical shape, with the wrapper (if any) taken off.
struct GenericEvent {
    /// The types of the canonical shape.
    enum EventType: String, CaseIterable {
        case orderCreated = "order.created"
        case orderPaid = "order.paid"
        case orderUpdated = "order.updated"
        case orderCancelled = "order.cancelled"
        case refundCreated = "refund.created"
        case disputeOpened = "dispute.opened"
        case disputeWon = "dispute.won"
        case disputeLost = "dispute.lost"
        case productUpdated = "product.updated"
        case heartbeat

        /// Reads a type; a reverse-DNS prefix (CloudEvents) and the American `canceled` are allowed.
        init?(text: String) {
            let text = text == "order.canceled" ? "order.cancelled" : text
            guard
                let type = Self.allCases.first(where: {
                    text == $0.rawValue || text.hasSuffix("." + $0.rawValue)
                })
            else { return nil }
            self = type
        }

        /// The member without which the type says nothing.
        var subject: String? {
            switch self {
            case .orderCreated, .orderPaid, .orderUpdated, .orderCancelled, .refundCreated, .disputeOpened,
                .disputeWon, .disputeLost:
                "order"
            case .productUpdated: "product"
            case .heartbeat: nil
            }
        }
    }

    let type: EventType
    /// Where `order`, `refund`, `dispute` and `product` lie.
    let content: Field
    let envelope: Envelope
    /// When the event happened, where the message says so.
    let occurredAt: Timestamp?
    let isTest: Bool

    /// Finds type and content.
    ///
    /// - Parameters:
    ///   - root: The event in the canonical shape.
    ///   - envelope: Its envelope.
    ///   - isMarked: Whether the body as it was sent marks itself as a test.
    ///   - isMapped: Whether a mapping brought it into the canonical shape.
    /// - Throws: `unmapped-shape` when the message is not in the canonical shape, `missing-field` when it is
    ///   but lacks what its type is about.
    init(
        _ root: Field,
        _ envelope: Envelope,
        isMarked: Bool,
        isMapped: Bool = false
    ) throws(Rejection) {
        let data = root["data"]
        let isWrapped = ["order", "refund", "dispute", "product"].contains {
            data[$0].isObject && !root[$0].isObject
        }
        let content = isWrapped ? data : root
        let stated = content["type"].text ?? root["type"].text
        guard let type = EventType(text: stated ?? envelope.provenance.topic) else {
            throw Self.unmapped(isMapped, type: stated ?? envelope.provenance.topic)
        }
        if let subject = type.subject, !content[subject].isObject {
            guard stated != nil else { throw Self.unmapped(isMapped) }
            throw Rejection(.missingField(content[subject]["id"].path))
        }
        self.type = type
        self.content = content
        self.envelope = envelope
        isTest = isMarked || content["test"].isTrue || root["test"].isTrue
        var times: [Timestamp] = []
        for field in [content["occurred_at"], root["occurred_at"], root["timestamp"], root["time"]] {
            if let time = try field.time() { times.append(time) }
        }
        occurredAt = times.first ?? envelope.statedAt
    }

    /// Whether a body marks itself as a test, in the ways that the intake looks for.
    static func isMarked(_ body: Field) -> Bool {
        body["test"].isTrue || body["data"]["test"].isTrue || body["live"].isFalse
            || body["livemode"].isFalse || body["data"]["meta"]["mode"].text == "test"
    }

    /// Names the type where it could be a topic, which envelopes bear in clear.
    private static func unmapped(_ isMapped: Bool, type: String? = nil) -> Rejection {
        let name = ProvenanceText.topic(type).flatMap { $0 == "unknown" ? nil : " \($0)" } ?? ""
        let what =
            isMapped
            ? "The source's mapping makes no canonical event of it: it has no word for its type\(name)."
            : "The message is not in the canonical shape; it needs a mapping file for this source."
        let hint = isMapped || name.isEmpty ? "" : " No event has the type\(name)."
        return Rejection(.unmappedShape(what + hint))
    }

    /// The generic source as an account: the door's name and the name in its path.
    var account: AccountKey {
        AccountKey(source: SourceID(literal: "generic"), account: envelope.provenance.account)
    }
}
