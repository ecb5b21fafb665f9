/// What a payout line says it is about.
enum PayoutLineNames {
    /// Returns the order that the line names, and the payment, refund or dispute.
    ///
    /// Stripe's lines name a source, expanded or not (Stripe API, "Balance transaction": `source`). The id's
    /// prefix tells what it is: `ch_` and `py_` a charge, `pi_` a payment intent, `re_` and `pyr_` a refund,
    /// `dp_` and `du_` a dispute.
    static func read(_ item: Field, isStripe: Bool) -> (order: String?, subject: String?) {
        var order = item.first("order_id", "source_order_id", "orderId").text
        var subject = item["refund_id"].text.map { "refund/" + $0 }
        guard isStripe else { return (order, subject) }
        let source = item["source"]
        let id = source.stripeReference
        if source.isObject, order == nil { order = source.first("payment_intent", "charge").text }
        guard let id else { return (order, subject) }
        switch id.prefix(while: { $0 != "_" }) {
        case "pi": order = order ?? id
        case "ch", "py":
            order = order ?? id
            subject = subject ?? "charge/" + id
        case "re", "pyr": subject = subject ?? "refund/" + id
        case "dp", "du": subject = subject ?? "dispute/" + id
        default: if source.isObject { order = order ?? id }
        }
        return (order, subject)
    }
}
