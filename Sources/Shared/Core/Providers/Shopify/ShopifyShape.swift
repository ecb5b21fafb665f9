/// What a Shopify body is.
enum ShopifyShape: Hashable {
    case order
    case refund
    case transaction
    case tenderTransaction
    case dispute
    case product
    case fulfilment
    case fulfilmentEvent
    case orderEdit
    case deletion
    /// A compliance request, with its topic.
    case privacy(String)
    case unused

    /// Whether it is a compliance request.
    var isPrivacy: Bool { if case .privacy = self { true } else { false } }

    /// Tells the shape by the body, and by the topic where the body does not tell.
    init(of body: Field, topic: String) {
        self = Self.told(by: body) ?? Self.drawn(from: body, topic: topic)
    }

    /// The shape that the body shows without doubt; nil when it shows none.
    private static func told(by body: Field) -> ShopifyShape? {
        if body["order_edit"].isObject { return .orderEdit }
        if body.has("financial_status"), body["line_items"].isArray || body.has("total_price") {
            return .order
        }
        if body["orders_to_redact"].isArray { return .privacy("customers/redact") }
        if body["orders_requested"].isArray || body["data_request"].isObject {
            return .privacy("customers/data_request")
        }
        // A customer, whose global id is a pseudonym by now.
        if body["addresses"].isArray, !body.has("line_items") { return .unused }
        switch body.shopifyType {
        case "Refund": return .refund
        case "OrderTransaction": return .transaction
        case "Fulfillment": return .fulfilment
        case "FulfillmentEvent": return .fulfilmentEvent
        case "Product" where body["variants"].isArray: return .product
        case "DraftOrder", "Return", "Company", "Collection": return .unused
        default: return toldByMembers(body)
        }
    }

    private static func toldByMembers(_ body: Field) -> ShopifyShape? {
        if body["type"].word == "chargeback" || body["type"].word == "inquiry", body.has("amount") {
            return .dispute
        }
        guard body.has("order_id") else { return nil }
        if body["refund_line_items"].isArray || body["order_adjustments"].isArray
            || body["refund_shipping_lines"].isArray
        {
            return .refund
        }
        if body["kind"].exists, body.has("gateway") { return .transaction }
        if body.has("initiated_at"), body.has("amount") { return .dispute }
        if body.has("fulfillment_id") { return .fulfilmentEvent }
        if body.has("shipment_status") { return .fulfilment }
        if body.has("remote_reference") || body.has("payment_method"), body.has("amount") {
            return .tenderTransaction
        }
        return nil
    }

    /// The shape that the topic promises, for a body that does not tell.
    private static func drawn(from body: Field, topic: String) -> ShopifyShape {
        switch topic {
        case "orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/fulfilled",
            "orders/partially_fulfilled":
            return .order
        case "orders/edited": return .orderEdit
        case "orders/delete", "products/delete": return .deletion
        case "refunds/create": return .refund
        case "order_transactions/create": return .transaction
        case "tender_transactions/create": return .tenderTransaction
        case "disputes/create", "disputes/update": return .dispute
        case "products/create", "products/update": return .product
        case "fulfillments/create", "fulfillments/update": return .fulfilment
        case "fulfillment_events/create": return .fulfilmentEvent
        case "customers/redact", "customers/data_request", "shop/redact": return .privacy(topic)
        default:
            let isBasket = ["checkouts/", "carts/", "draft_orders/"].contains { topic.hasPrefix($0) }
            let isOrder = body["line_items"].isArray && body.has("total_price") && body.has("order_number")
            return isOrder && !isBasket ? .order : .unused
        }
    }
}
