/// The fifth version of the schema: orders are indexed by the time at which they were first seen.
///
/// An index by customer is written all over, one by time at its end only. An erasure, which is rare, reads
/// all of it instead. Nothing ever asked for orders by the time at which they were placed.
enum Schema5 {
    static let migration = Migration(version: 5, name: "orders-by-time", sql: orders)

    private static let orders = """
        DROP INDEX growth_order_customer;
        DROP INDEX growth_order_placed;
        CREATE INDEX growth_order_seen ON growth_order(first_seen_at, customer_hash)
          WHERE customer_hash IS NOT NULL;

        """
}
