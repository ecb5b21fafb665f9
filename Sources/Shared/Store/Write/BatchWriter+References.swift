import GRDB
import Shared

extension BatchWriter {
    /// Keeps the names under which payout lines may mean the order.
    func noteReferences(of fact: OrderFact) throws {
        let references = fact.references
        guard !references.isEmpty, let place = orders.place(of: fact.key) else { return }
        let order = orders[place]
        for reference in references {
            try run(
                """
                INSERT INTO growth_order_reference(source, reference, account_ref, order_id)
                VALUES (?,?,?,?) ON CONFLICT DO NOTHING
                """,
                fact.key.account.source.name,
                reference,
                fact.key.account.account,
                order.id
            )
            if db.changesCount == 1 { newReferences.append((fact.key.account, reference)) }
        }
    }

    /// Orders that a reference can mean, at most two: those of the same account alone where there are any.
    func matchingOrders(of account: AccountKey, reference: String) throws -> [(id: Int64, key: OrderKey)] {
        let rows = try db.rows(
            """
            SELECT o.id, o.account_ref, o.external_id
            FROM growth_order_reference r JOIN growth_order o ON o.id=r.order_id
            WHERE r.source=?1 AND r.reference=?2 AND (?3='' OR r.account_ref IN (?3, ''))
            ORDER BY r.account_ref=?3 DESC, o.id LIMIT 2
            """,
            account.source.name,
            reference,
            account.account
        )
        var orders: [(id: Int64, key: OrderKey)] = []
        while let row = try rows.next() {
            let owner = AccountKey(source: account.source, account: row[1])
            orders.append((id: row[0], key: OrderKey(account: owner, externalID: row[2])))
        }
        guard let first = orders.first, first.key.account == account, !account.account.isEmpty else {
            return orders
        }
        return orders.filter { $0.key.account == account }
    }
}
