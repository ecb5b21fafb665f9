/// Ids, amounts, states, dates and currencies of shapes that generic sources are known to send.
///
/// Evidence: hookdeck/webhook-samples at 84a3957 (BigCommerce 2025-04, PayPal 1.0, Adyen 1, Commerce Layer).
enum ForeignShapes {
    /// BigCommerce: ids only; the money must be fetched.
    private static let bigCommerce = PolicyPaths.list(
        "data.id data.orderId data.refund.refund_id data.type hash scope store_id"
    )

    private static let payPalAmount = PolicyPaths.list("currency currency_code total value")

    private static let payPalPayment =
        PolicyPaths.list("create_time final_capture id invoice_id status update_time")
        + PolicyPaths.under("amount", payPalAmount)
        + PolicyPaths.under(
            [
                "seller_receivable_breakdown.gross_amount", "seller_receivable_breakdown.net_amount",
                "seller_receivable_breakdown.paypal_fee", "seller_payable_breakdown.gross_amount",
                "seller_payable_breakdown.net_amount", "seller_payable_breakdown.paypal_fee",
            ],
            payPalAmount
        )

    /// PayPal: `custom_id`, `summary`, `links` and everything about payer and payee stay out.
    private static let payPal =
        PolicyPaths.list("create_time event_type event_version resource_type resource_version")
        + PolicyPaths.under(
            "resource",
            payPalPayment
                + PolicyPaths.list(
                    """
                    dispute_id dispute_life_cycle_stage intent payout_status.status reason
                    disputed_transactions[].seller_transaction_id
                    """
                )
                + PolicyPaths.under(
                    ["dispute_amount", "gross_amount", "purchase_units[].amount"],
                    payPalAmount
                )
                + PolicyPaths.under(
                    ["purchase_units[].payments.captures[]", "purchase_units[].payments.refunds[]"],
                    payPalPayment
                )
        )

    /// Adyen: `additionalData` and `reason` stay out.
    private static let adyen =
        ["live"]
        + PolicyPaths.under(
            "notificationItems[].NotificationRequestItem",
            PolicyPaths.list(
                """
                amount.currency amount.value eventCode eventDate merchantAccountCode merchantReference
                originalReference paymentMethod pspReference success
                """
            )
        )

    /// Commerce Layer: amounts in minor units; its formatted and floating copies are not needed.
    private static let commerceLayer =
        PolicyPaths.list("data.id data.meta.mode data.type")
        + PolicyPaths.under(
            "data.attributes",
            PolicyPaths.list(
                """
                adjustment_amount_cents approved_at cancelled_at country_code created_at currency_code
                discount_amount_cents duty_amount_cents fees_amount_cents fulfillment_status
                gift_card_amount_cents number payment_status placed_at shipping_amount_cents status
                subtotal_amount_cents tax_included total_amount_cents total_amount_with_taxes_cents
                total_tax_amount_cents updated_at
                """
            )
        )

    /// All kept paths.
    static let all = bigCommerce + payPal + adyen + commerceLayer + WooCommercePolicy.orderFields

    /// Where these shapes hold the customer's e-mail.
    static let emails = PolicyPaths.list(
        """
        resource.payer.email_address data.attributes.customer_email billing.email
        notificationItems[].NotificationRequestItem.additionalData.shopperEmail
        """
    )

    /// Where these shapes hold their id of the customer.
    static let customerIDs = ["resource.payer.payer_id"]
}
