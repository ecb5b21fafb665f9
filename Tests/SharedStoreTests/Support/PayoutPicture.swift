/// What of payouts must not hang on the order of messages.
struct PayoutPicture: Equatable {
    /// Each is `payout line match matched_by account/order`.
    var lines: [String]
    /// Each is `account/order KIND reference date status sum`; VOID entries and sums of zero left out.
    var ledger: [String]
    /// Each is `payout state matched`.
    var payouts: [String]
    /// The cells of the daily cube that hold anything.
    var cube: [[String]]
    /// The days.
    var days: [[String]]

    init(of test: StoreUnderTest) throws {
        lines = try test.query(
            """
            SELECT p.external_id || ' ' || l.external_id || ' ' || l.match || ' '
              || coalesce(l.matched_by, '-') || ' ' || coalesce(o.account_ref || '/' || o.external_id, '-')
            FROM growth_payout_line l JOIN growth_payout p ON p.id=l.payout_id
              LEFT JOIN growth_order o ON o.id=l.order_id ORDER BY 1
            """
        ).map { $0[0] }
        ledger = try test.query(
            """
            SELECT coalesce(o.account_ref || '/' || o.external_id, '-') || ' ' || e.kind || ' '
              || CASE WHEN e.external_ref='' THEN '-' ELSE e.external_ref END || ' ' || e.business_date
              || ' ' || e.status || ' ' || sum(e.amount_minor)
            FROM growth_ledger_entry e LEFT JOIN growth_order o ON o.id=e.order_id
            WHERE e.status<>'VOID'
            GROUP BY e.order_id, e.kind, e.external_ref, e.business_date, e.status
            HAVING sum(e.amount_minor)<>0 ORDER BY 1
            """
        ).map { $0[0] }
        payouts = try test.query("SELECT external_id, recon, matched_minor FROM growth_payout ORDER BY 1")
            .map { $0.joined(separator: " ") }
        cube = try test.query(
            """
            SELECT business_date, source, currency, status, kind, amount_minor FROM growth_daily
            WHERE amount_minor<>0 ORDER BY 1, 2, 3, 4, 5
            """
        )
        days = try test.query(
            """
            SELECT business_date, scope, dnr_minor, cleared_minor, pending_minor FROM growth_dnr_day
            WHERE dnr_minor<>0 OR cleared_minor<>0 OR pending_minor<>0 ORDER BY 1, 2
            """
        )
    }
}
