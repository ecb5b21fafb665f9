/// What stands of an order's ledger: a kind and day from which all was taken back is as if it never was.
enum StandingSums {
    /// Returns the query of the sum of each kind and day that stands.
    ///
    /// - Parameters:
    ///   - tables: Where the entries come from, which are named `s`.
    ///   - condition: Which of them count.
    /// - Returns: SQL; its columns are those of a sum's order, reference, currency and account, `amount`, and
    ///   the first instant, `at`.
    static func query(from tables: String = "growth_ledger_entry s", where condition: String) -> String {
        """
        SELECT s.order_id, s.external_ref, s.currency, s.account_ref, sum(s.amount_minor) amount,
          min(s.effective_at) at
        FROM \(tables) WHERE s.status<>'VOID' AND \(condition)
        GROUP BY s.order_id, s.external_ref, s.currency, s.kind, s.business_date
        HAVING sum(s.amount_minor)<>0
        """
    }
}
