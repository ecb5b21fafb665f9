/// The kept fields of each of Shopify's resources, as paths from the resource itself.
enum ShopifyFields {
    /// Amounts in shop and presentment currency below any `*_set`; one sample names the code `currency`.
    static let moneyBags = PolicyPaths.list(
        """
        *.presentment_money.amount *.presentment_money.currency *.presentment_money.currency_code
        *.shop_money.amount *.shop_money.currency *.shop_money.currency_code
        """
    )

    /// Names of the merchant's own goods.
    static let titles = PolicyPaths.list("name title variant_title")

    private static let taxLines = PolicyPaths.under("tax_lines[]", PolicyPaths.list("price rate") + moneyBags)

    private static let allocations = PolicyPaths.under(
        "discount_allocations[]",
        PolicyPaths.list("amount discount_application_index") + moneyBags
    )

    private static let duties = PolicyPaths.under(
        "duties[]",
        PolicyPaths.list(
            """
            amount duty_id id presentment_money.amount presentment_money.currency_code shop_money.amount
            shop_money.currency_code
            """
        ) + moneyBags
    )

    /// A line; the `tip_payment_*` fields are what marks a tip.
    static let line =
        PolicyPaths.list(
            """
            admin_graphql_api_id current_quantity fulfillable_quantity fulfillment_status gift_card id price
            product_exists product_id quantity requires_shipping sku taxable tip_payment_gateway
            tip_payment_method total_discount variant_id
            """
        ) + moneyBags + taxLines + allocations + duties

    /// A shipping line, without its free title, code and phone.
    static let shippingLine =
        PolicyPaths.list("discounted_price id is_removed price") + moneyBags + taxLines + allocations

    /// A transaction: cash.
    ///
    /// `receipt`, `payment_details`, `authorization`, `message`, `payment_id` are the payer's.
    static let transaction =
        PolicyPaths.list(
            """
            admin_graphql_api_id amount created_at currency error_code gateway id kind manual_payment_gateway
            order_id parent_id payment_method processed_at source_name status test
            currency_exchange_adjustment.adjustment currency_exchange_adjustment.currency
            currency_exchange_adjustment.final_amount currency_exchange_adjustment.id
            currency_exchange_adjustment.original_amount
            """
        ) + moneyBags

    /// A refund; its `note` is the merchant's words about a person.
    static let refund =
        PolicyPaths.list("admin_graphql_api_id created_at id order_id processed_at restock return.id")
        + moneyBags
        + PolicyPaths.under(
            "refund_line_items[]",
            PolicyPaths.list("id line_item_id quantity restock_type subtotal total_tax") + moneyBags
                + PolicyPaths.under("line_item", line)
        )
        + PolicyPaths.under("transactions[]", transaction)
        + PolicyPaths.under(
            "order_adjustments[]",
            PolicyPaths.list("amount id kind order_id refund_id tax_amount") + moneyBags
        )
        + PolicyPaths.under(
            "refund_shipping_lines[]",
            PolicyPaths.list("id subtotal_amount tax_amount total_tax") + moneyBags
                + PolicyPaths.under("shipping_line", shippingLine)
        )
        + PolicyPaths.under("additional_fees[]", PolicyPaths.list("id price") + moneyBags) + duties

    /// A fulfilment, a fulfilment event or a return: ids, states and dates, never where the parcel goes.
    static let fulfillment =
        PolicyPaths.list(
            """
            admin_graphql_api_id created_at estimated_delivery_at fulfillment_id happened_at id name
            order.id order.admin_graphql_api_id order_id shipment_status status total_return_line_items
            updated_at
            """
        )
        + PolicyPaths.under("line_items[]", line)
        + PolicyPaths.under(
            "return_line_items[]",
            PolicyPaths.list("admin_graphql_api_id id quantity")
                + PolicyPaths.under("fulfillment_line_item.line_item", line)
        )

    /// An order's own scalars.
    private static let orderScalars = PolicyPaths.list(
        """
        admin_graphql_api_id cancel_reason cancelled_at closed_at confirmed created_at currency
        current_subtotal_price current_total_discounts current_total_price current_total_tax
        duties_included estimated_taxes financial_status fulfillment_status id name number order_number
        payment_gateway_names[] presentment_currency processed_at source_name subtotal_price tax_exempt
        taxes_included test total_discounts total_line_items_price total_outstanding total_price
        total_tax total_tip_received updated_at billing_address.country_code
        shipping_address.country_code
        """
    )

    /// An order with its lines, discounts, shipping, taxes, refunds, payments and fulfilments.
    static let order =
        orderScalars + moneyBags + taxLines
        + PolicyPaths.under("line_items[]", line)
        + PolicyPaths.under("shipping_lines[]", shippingLine)
        + PolicyPaths.under("refunds[]", refund)
        + PolicyPaths.under("transactions[]", transaction)
        + PolicyPaths.under("fulfillments[]", fulfillment)
        + PolicyPaths.under("discount_codes[]", ["amount", "type"])
        + PolicyPaths.under(
            "discount_applications[]",
            PolicyPaths.list("allocation_method target_selection target_type type value value_type")
        )
        + PolicyPaths.under("additional_fees[]", PolicyPaths.list("id price") + moneyBags)
        + PolicyPaths.under("returns[]", PolicyPaths.list("admin_graphql_api_id id status"))

    /// Where an order holds the titles of goods; an order's own `name` is its number, `#1001`.
    static let orderTitles = PolicyPaths.under(
        ["line_items[]", "refunds[].refund_line_items[].line_item", "fulfillments[].line_items[]"],
        titles
    )

    /// `orders/edited`: ids and deltas, no money.
    static let orderEdit =
        PolicyPaths.list("app_id committed_at created_at id notify_customer order_id")
        + PolicyPaths.under(
            [
                "line_items.additions[]", "line_items.removals[]", "discounts.line_item.additions[]",
                "discounts.line_item.removals[]", "shipping_lines.additions[]", "shipping_lines.removals[]",
            ],
            ["delta", "id"]
        )

    /// A product and its variants.
    static let product =
        PolicyPaths.list(
            """
            admin_graphql_api_id available compare_at_price created_at deleted_at id inventory_item_id
            inventory_quantity location_id position price product_id published_at sku status taxable
            updated_at
            """
        )
        + PolicyPaths.under(
            "variants[]",
            PolicyPaths.list(
                """
                admin_graphql_api_id compare_at_price created_at id inventory_item_id inventory_quantity
                position price product_id requires_shipping sku taxable updated_at
                """
            )
        )
        + PolicyPaths.under("variant_gids[]", ["admin_graphql_api_id", "updated_at"])
}
