extension PayoutsAdapter: WebhookNormalizing {
    /// It brings no orders.
    public var taxBasis: TaxBasis? { nil }

    /// Returns the payouts of a message, and the lines that it lists.
    ///
    /// Taken are the canonical payout, Shopify's payouts and balance transactions, Stripe's payouts, payout
    /// events and balance transactions, and the shapes in which SDKs show Shopier's payouts and
    /// transactions. Members tell them apart, so that one door serves every source.
    ///
    /// - Throws: The reason for which the webhook becomes a dead letter.
    public func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized {
        let root = Field(body)
        var reader = PayoutReader(envelope: envelope, root: root)
        if root["object"].word == "event" { return try reader.stripeEvent(root) }
        if root.isArray { return try reader.list(root.elements, of: root) }
        if root["payouts"].isArray { return try reader.list(root["payouts"].elements, of: root) }
        let lines = root.first("lines", "transactions", "data")
        if root["payout"].isObject {
            let own = root["payout"].first("lines", "transactions")
            return try reader.single(root["payout"], lines: own.isArray ? own : lines)
        }
        if root["transaction"].isObject { return try reader.lineList([root["transaction"]], of: root) }
        if !lines.isArray, PayoutReader.isLine(root) { return try reader.lineList([root], of: root) }
        let isList = root["object"].word == "list" || !root["id"].exists
        if !isList, root["status"].exists || root.first("amount", "total").exists {
            return try reader.single(root, lines: lines)
        }
        if lines.isArray { return try reader.list(lines.elements, of: root) }
        throw Rejection(.unmappedShape("The message is no payout and no list of payout lines."))
    }
}
