/// What of WooCommerce's resources is kept; its header names the resource, and a root `id` means three
/// things.
///
/// Evidence: woocommerce-rest-api-docs wp-api-v3 and hookdeck/webhook-samples at 84a3957.
enum WooCommercePolicy {
    private static let dates = PolicyPaths.list(
        """
        date_completed date_completed_gmt date_created date_created_gmt date_modified date_modified_gmt
        date_paid date_paid_gmt
        """
    )

    /// An order's fields; `meta_data`, `customer_note` and the addresses stay out.
    static let orderFields =
        dates
        + PolicyPaths.list(
            """
            billing.country cart_tax currency discount_tax discount_total id number parent_id payment_method
            prices_include_tax shipping_tax shipping_total status total total_tax
            coupon_lines[].discount coupon_lines[].discount_tax coupon_lines[].id
            fee_lines[].id fee_lines[].total fee_lines[].total_tax
            line_items[].id line_items[].price line_items[].product_id line_items[].quantity line_items[].sku
            line_items[].subtotal line_items[].subtotal_tax line_items[].total line_items[].total_tax
            line_items[].variation_id
            refunds[].id refunds[].total
            shipping_lines[].id shipping_lines[].total shipping_lines[].total_tax
            """
        )

    /// An order.
    static let order = make(
        keep: orderFields,
        text: ["line_items[].name"],
        identities: FieldPolicy.identities(
            emails: ["billing.email"],
            phones: ["billing.phone"],
            customerIDs: ["customer_id"]
        )
    )

    /// A product: its `name` is the title.
    static let product = make(
        keep: dates
            + PolicyPaths.list(
                "id parent_id price regular_price sale_price sku status stock_quantity stock_status type"
            ),
        text: ["name"]
    )

    /// A customer: there, the `id` is the person.
    static let customer = make(
        keep: dates,
        identities: FieldPolicy.identities(
            emails: ["email", "billing.email"],
            phones: ["billing.phone"],
            customerIDs: ["id"]
        )
    )

    /// A list that captures what the generic one does, as far as the resource has it.
    private static func make(
        keep: [String],
        text: [String] = [],
        identities: [(path: String, identity: FieldPolicy.Identity)] = []
    ) -> FieldPolicy {
        FieldPolicy(
            version: GenericPolicy.version,
            keep: keep,
            keepText: text,
            pseudonymise: identities,
            captures: GenericPolicy.Captured.paths
        )
    }
}
