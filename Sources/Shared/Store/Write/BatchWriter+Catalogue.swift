import GRDB
import Shared

extension BatchWriter {
    /// Lets the catalogue's newest word win; an order line only fills what nobody said, but for its title.
    func apply(_ fact: SkuFact) throws -> Bool {
        if !fact.isCatalogue {
            noteTitle(of: fact)
            // In all else its own time does not matter.
            var line = fact
            line.observedAt = Timestamp(milliseconds: 0)
            guard !completeProducts.contains(fact.product), knownLines.insert(line).inserted else {
                return false
            }
            if fact.isComplete { completeProducts.insert(fact.product) }
        }
        try db.run(
            fact.isCatalogue ? Self.catalogueSku : Self.lineSku,
            fact.account.source.name,
            fact.account.account,
            fact.productID,
            fact.variantID,
            fact.sku,
            fact.title,
            fact.currency?.code,
            fact.priceMinor,
            fact.costMinor,
            fact.isGiftCard,
            fact.isActive,
            fact.isCatalogue ? fact.observedAt.milliseconds : nil,
            (fact.isCatalogue ? now : fact.observedAt).milliseconds
        )
        return db.changesCount > 0
    }

    private func noteTitle(of line: SkuFact) {
        guard let title = line.title else { return }
        let told = ToldTitle(at: line.observedAt, text: title)
        if let known = titles[line.product], !told.outranks(known) { return }
        titles[line.product] = told
    }

    /// Gives products the newest title that order lines state, until the catalogue speaks.
    ///
    /// Once a batch: a product may be on hundreds of its lines.
    func flushTitles() throws {
        for (product, told) in titles {
            try run(
                """
                UPDATE growth_sku SET title=?1, updated_at=?2
                WHERE source=?3 AND account_ref=?4 AND external_product_id=?5 AND external_variant_id=?6
                  AND provider_updated_at IS NULL AND (title IS NULL OR (updated_at, title)<(?2, ?1))
                """,
                told.text,
                told.at.milliseconds,
                product.account.source.name,
                product.account.account,
                product.productID,
                product.variantID
            )
        }
    }

    /// Until the catalogue speaks, `updated_at` is the time of the message that told the title.
    private static let insertSku = """
        INSERT INTO growth_sku(source, account_ref, external_product_id, external_variant_id, sku, title,
          currency,
          price_minor, cost_minor, is_gift_card, active, provider_updated_at, updated_at)
        VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
        ON CONFLICT(source, account_ref, external_product_id, external_variant_id) DO UPDATE SET
        """

    /// Two states of one instant are told apart by their content, so that every order of arrival ends the
    /// same.
    private static let catalogueSku =
        insertSku + """
             sku=coalesce(excluded.sku, sku), title=coalesce(excluded.title, title),
              currency=coalesce(excluded.currency, currency),
              price_minor=coalesce(excluded.price_minor, price_minor),
              cost_minor=coalesce(excluded.cost_minor, cost_minor), is_gift_card=excluded.is_gift_card,
              active=excluded.active, provider_updated_at=excluded.provider_updated_at,
              updated_at=excluded.updated_at
            WHERE provider_updated_at IS NULL
              OR (excluded.provider_updated_at, excluded.active, coalesce(excluded.price_minor, 0),
                  coalesce(excluded.cost_minor, 0), coalesce(excluded.title, ''), coalesce(excluded.sku, ''))
                > (provider_updated_at, active, coalesce(price_minor, 0), coalesce(cost_minor, 0),
                  coalesce(title, ''), coalesce(sku, ''))
            """

    private static let lineSku =
        insertSku + """
             sku=coalesce(sku, excluded.sku), title=coalesce(title, excluded.title),
              currency=coalesce(currency, excluded.currency),
              price_minor=coalesce(price_minor, excluded.price_minor),
              updated_at=CASE WHEN title IS NULL THEN excluded.updated_at ELSE updated_at END
            WHERE sku IS NULL AND excluded.sku IS NOT NULL OR title IS NULL AND excluded.title IS NOT NULL
              OR currency IS NULL AND excluded.currency IS NOT NULL
              OR price_minor IS NULL AND excluded.price_minor IS NOT NULL
            """

    /// Keeps how far an order is; only a replay may read one update in another way.
    func apply(_ fact: FulfilmentFact, inboxID: Int64) throws -> Bool {
        let key = fact.order
        try db.run(
            """
            INSERT INTO growth_fulfilment(source, account_ref, order_external_id, event_id, status, at,
              inbox_id)
            VALUES (?,?,?,?,?,?,?)
            ON CONFLICT(source, order_external_id, account_ref, event_id) DO UPDATE SET
              status=excluded.status, at=excluded.at, inbox_id=excluded.inbox_id
            WHERE ?8 AND coalesce(inbox_id, excluded.inbox_id)=excluded.inbox_id
              AND (excluded.status, excluded.at)<>(status, at)
            """,
            key.account.source.name,
            key.account.account,
            key.externalID,
            fact.eventID,
            fact.status.rawValue,
            fact.at.milliseconds,
            inboxID,
            replayNumber != nil
        )
        guard db.changesCount == 1 else { return false }
        if let order = try matchingOrders(of: key.account, externalID: key.externalID).onlyElement {
            try takeFulfilment(of: order.key, orderID: order.id)
        }
        return true
    }

    /// Gives an order the latest fulfilment status that was reported for it, which outranks the provider's
    /// own.
    func takeFulfilment(of key: OrderKey, orderID: Int64) throws {
        guard
            try hasRow(
                "SELECT 1 FROM growth_fulfilment WHERE source=? AND order_external_id=?",
                key.account.source.name,
                key.externalID
            )
        else { return }
        let latest = try db.row(
            """
            SELECT status, at FROM growth_fulfilment
            WHERE source=?1 AND order_external_id=?2 AND (account_ref IN (?3, '') OR ?3='')
            ORDER BY at DESC, event_id DESC LIMIT 1
            """,
            key.account.source.name,
            key.externalID,
            key.account.account
        )
        guard let latest else { return }
        try db.run(
            "UPDATE growth_order SET fulfillment_status=?, fulfilment_at=? WHERE id=?",
            latest[0] as String,
            latest[1] as Int64,
            orderID
        )
    }

    /// Orders that a message which may not know the account can mean, at most two: the one of the same
    /// account alone where there is one.
    func matchingOrders(of account: AccountKey, externalID: String) throws -> [(id: Int64, key: OrderKey)] {
        let rows = try db.rows(
            """
            SELECT id, account_ref FROM growth_order
            WHERE source=?1 AND external_id=?2 AND (?3='' OR account_ref IN (?3, ''))
            ORDER BY account_ref=?3 DESC, id LIMIT 2
            """,
            account.source.name,
            externalID,
            account.account
        )
        var orders: [(id: Int64, key: OrderKey)] = []
        while let row = try rows.next() {
            let owner = AccountKey(source: account.source, account: row[1])
            orders.append((id: row[0], key: OrderKey(account: owner, externalID: externalID)))
        }
        if let first = orders.first, first.key.account == account, !account.account.isEmpty { return [first] }
        return orders
    }
}

/// A variant of a product of an account.
struct ProductKey: Hashable {
    var account: AccountKey
    var productID: String
    var variantID: String
}

/// A title that an order line states.
struct ToldTitle {
    var at: Timestamp
    var text: String

    /// Whether it is the newer one; at one instant the bytes decide, as in the database.
    fileprivate func outranks(_ other: ToldTitle) -> Bool {
        at == other.at ? other.text.utf8.lexicographicallyPrecedes(text.utf8) : at > other.at
    }
}

extension SkuFact {
    fileprivate var product: ProductKey {
        ProductKey(account: account, productID: productID, variantID: variantID)
    }

    /// Whether it states all that an order line can fill: after it, no line has anything to add.
    fileprivate var isComplete: Bool {
        sku != nil && title != nil && currency != nil && priceMinor != nil
    }
}

extension Collection {
    /// The element of a collection that has exactly one.
    var onlyElement: Element? { count == 1 ? first : nil }
}
