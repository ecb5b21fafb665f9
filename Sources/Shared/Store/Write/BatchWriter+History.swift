import GRDB
import Shared

extension BatchWriter {
    /// Keeps the state that a further message tells of an order that is known.
    ///
    /// An order of one message costs nothing: its row is its state, and is kept here before the second one
    /// changes it. The kept states are a set, so the order of arrival does not matter.
    func noteState(_ header: OrderHeader, at observedAt: Timestamp, ofOrder id: Int64) throws {
        if try !hasRow("SELECT 1 FROM growth_order_state WHERE order_id=?", id) {
            try run(
                """
                INSERT INTO growth_order_state(order_id, at, financial_status, fulfillment_status)
                SELECT id, provider_updated_at, coalesce(financial_status, ''),
                  CASE WHEN fulfilment_at IS NULL THEN coalesce(fulfillment_status, '') ELSE '' END
                FROM growth_order WHERE id=? AND provider_updated_at IS NOT NULL
                """,
                id
            )
        }
        guard header.financialStatus != nil || header.fulfillmentStatus != nil else { return }
        try run(
            """
            INSERT INTO growth_order_state(order_id, at, financial_status, fulfillment_status)
            VALUES (?,?,?,?) ON CONFLICT DO NOTHING
            """,
            id,
            observedAt.milliseconds,
            header.financialStatus ?? "",
            header.fulfillmentStatus ?? ""
        )
    }
}
