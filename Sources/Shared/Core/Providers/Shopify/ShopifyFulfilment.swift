/// The bodies of `fulfillments/*` and `fulfillment_events/create`.
struct ShopifyFulfilment {
    private let message: ShopifyMessage
    private var body: Field { message.body }

    init(_ message: ShopifyMessage) {
        self.message = message
    }

    /// Returns where a fulfilment stands: the carrier's word where there is one, else Shopify's.
    func normalized() throws(Rejection) -> Normalized {
        let id = body.shopifyID("Fulfillment")
        let words = [body["shipment_status"].word, body["status"].word].compactMap(\.self)
        let status: FulfilmentFact.Status? =
            switch body["status"].word {
            case "cancelled", "error", "failure": nil
            default: words.lazy.compactMap(Self.status).first
            }
        let at = try body.first("updated_at", "created_at").time()
        return normalized(id: id, status: status, at: at, event: words.joined(separator: "/"))
    }

    /// Returns what a carrier's event says.
    func normalizedEvent() throws(Rejection) -> Normalized {
        let id = body.shopifyID("FulfillmentEvent")
        let status = body["status"].word.flatMap(Self.status)
        let at = try body.first("happened_at", "created_at").time()
        return normalized(id: id, status: status, at: at, event: "event")
    }

    private func normalized(
        id: String?,
        status: FulfilmentFact.Status?,
        at: Timestamp?,
        event: String
    ) -> Normalized {
        guard let id, let order = body["order_id"].text, let status else {
            return Normalized(
                facts: [],
                note: "The fulfilment names no order, or a status that changes nothing.",
                objectID: id
            )
        }
        let fact = FulfilmentFact(
            order: message.orderKey(order),
            status: status,
            at: at ?? message.sentAt,
            eventID: "\(id)/\(event)"
        )
        return Normalized(facts: [.fulfilment(fact)], objectID: order)
    }

    /// Shopify's words in ours (REST Fulfillment and FulfillmentEvent resources).
    private static func status(_ word: String) -> FulfilmentFact.Status? {
        switch word {
        case "pending", "open", "confirmed", "label_purchased", "label_printed", "ready_for_pickup":
            .inProgress
        case "success", "in_transit", "out_for_delivery", "attempted_delivery", "delayed",
            "carrier_picked_up":
            .shipped
        case "delivered", "picked_up": .delivered
        default: nil
        }
    }
}
