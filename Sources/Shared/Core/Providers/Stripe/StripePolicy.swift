/// What of Stripe's events is kept.
///
/// Evidence: stripe/openapi fixtures3.json at f6c2a48 and stripe-ruby-mock's webhook
/// fixtures; `metadata`, `description`, `client_reference_id` and card details are the merchant's or payer's
/// words.
enum StripePolicy {
    /// Grows with every change of a list.
    static let version = 1

    /// The captured fields, by name.
    struct Captured {
        static let paths = ["id", "type", "created", "livemode", "account"]
        let id, type, created, livemode, account: String?

        init(_ texts: [String?]) {
            (id, type, created, livemode, account) = (
                texts.text(at: 0), texts.text(at: 1), texts.text(at: 2), texts.text(at: 3), texts.text(at: 4)
            )
        }
    }

    /// The event around the object; `request` and `pending_webhooks` say nothing about money.
    private static let root = PolicyPaths.list(
        """
        account api_version created data.previous_attributes.amount_refunded
        data.previous_attributes.refunded data.previous_attributes.status id livemode object type
        """
    )

    private static let balanceTransaction = PolicyPaths.list(
        """
        amount available_on created currency exchange_rate fee fee_details[].amount fee_details[].currency
        fee_details[].type id net object reporting_category source status type
        """
    )

    private static let refund = PolicyPaths.list(
        """
        amount balance_transaction charge created currency failure_balance_transaction id object
        payment_intent reason status
        """
    )

    /// A charge's, payment intent's or session's own fields.
    private static let payment = PolicyPaths.list(
        """
        amount amount_capturable amount_captured amount_received amount_refunded amount_subtotal amount_total
        application_fee application_fee_amount balance_transaction canceled_at cancellation_reason captured
        charge created currency dispute disputed expires_at failure_code id invoice latest_charge livemode
        mode object paid payment_intent payment_method_types[] payment_status refunded status subscription
        currency_conversion.amount_subtotal currency_conversion.amount_total currency_conversion.fx_rate
        currency_conversion.source_currency shipping_cost.amount_subtotal shipping_cost.amount_tax
        shipping_cost.amount_total total_details.amount_discount total_details.amount_shipping
        total_details.amount_tax amount_details.tip.amount payment_method_details.type
        """
    )

    private static let dispute = PolicyPaths.list(
        """
        evidence_details.due_by evidence_details.has_evidence evidence_details.past_due is_charge_refundable
        network_reason_code payment_method_details.card.network_reason_code reason
        """
    )

    private static let payout = PolicyPaths.list(
        """
        arrival_date automatic failure_balance_transaction method original_payout reconciliation_status
        reversed_by source_type type
        """
    )

    private static let invoice = PolicyPaths.list(
        """
        amount_due amount_paid amount_remaining amount_shipping billing_reason due_date effective_at number
        period_end period_start status_transitions.finalized_at status_transitions.marked_uncollectible_at
        status_transitions.paid_at status_transitions.voided_at subtotal subtotal_excluding_tax tax total
        total_excluding_tax total_discount_amounts[].amount total_tax_amounts[].amount
        total_tax_amounts[].inclusive total_taxes[].amount lines.data[].amount lines.data[].currency
        lines.data[].id lines.data[].price.id lines.data[].price.product lines.data[].quantity
        lines.data[].type
        """
    )

    /// A product's or price's; the catalogue's own words, its `name` comes under the value rules.
    private static let product = PolicyPaths.list(
        "active default_price deleted product unit_amount unit_amount_decimal updated"
    )

    private static let balance = PolicyPaths.list(
        "available[].amount available[].currency pending[].amount pending[].currency"
    )

    /// The fields of an object of any of these kinds, each once.
    static let object: [String] = {
        var seen: Set<String> = []
        let all =
            payment + balanceTransaction + refund + dispute + payout + invoice + product + balance
            + PolicyPaths.under("balance_transaction", balanceTransaction)
            + PolicyPaths.under("balance_transactions[]", balanceTransaction)
            + PolicyPaths.under("refunds.data[]", refund)
            + PolicyPaths.under("charges.data[]", payment)
            + PolicyPaths.under("charges.data[].refunds.data[]", refund)
        return all.filter { seen.insert($0).inserted }
    }()

    private static let emails = PolicyPaths.list(
        """
        receipt_email billing_details.email customer_details.email customer_email
        charges.data[].billing_details.email charges.data[].receipt_email
        """
    )

    private static let phones = PolicyPaths.list(
        """
        billing_details.phone customer_details.phone customer_phone shipping.phone
        charges.data[].billing_details.phone
        """
    )

    private static let customerIDs = ["customer", "charges.data[].customer"]

    /// Every event but those about a customer.
    static let event = FieldPolicy(
        version: version,
        keep: root + PolicyPaths.under("data.object", object),
        keepText: [],
        pseudonymise: FieldPolicy.identities(
            emails: PolicyPaths.under("data.object", emails),
            phones: PolicyPaths.under("data.object", phones),
            customerIDs: PolicyPaths.under("data.object", customerIDs)
        ),
        captures: Captured.paths
    )

    /// An event whose object is the customer: there, the object's `id` is the person.
    static let customer = FieldPolicy(
        version: version,
        keep: root + ["data.object.created", "data.object.object"],
        keepText: [],
        pseudonymise: FieldPolicy.identities(
            emails: ["data.object.email"],
            phones: ["data.object.phone"],
            customerIDs: ["data.object.id", "data.object.customer"]
        ),
        captures: Captured.paths
    )

    /// Whether a member `"object"` of the document says `"customer"`, in Stripe's own spelling.
    static func isAboutCustomer(_ body: UnsafeRawBufferPointer) -> Bool {
        let key = Array("\"object\"".utf8)
        let value = Array("\"customer\"".utf8)
        var index = 0
        while index + key.count + value.count < body.count {
            guard body[index] == UInt8(ascii: "\""), body[index...].starts(with: key) else {
                index += 1
                continue
            }
            index += key.count
            let rest = body[index...].drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
            guard rest.first == UInt8(ascii: ":") else { continue }
            let text = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
            if text.starts(with: value) { return true }
        }
        return false
    }
}
