/// What of payouts and their lines is kept; bank data (`destination`, `iban`) and descriptions are on no
/// list.
///
/// Evidence: our canonical shape; Shopify/shopify_python_api's payout fixtures at 307fa92; stripe/openapi at
/// f6c2a48; three Shopier SDKs whose shapes disagree.
enum PayoutsPolicy {
    /// Grows with every change of a list.
    static let version = 1

    /// The captured fields, by name.
    struct Captured {
        static let paths = ["id", "type", "created", "updated_at", "occurred_at", "test", "livemode"]
        private let texts: [String?]

        init(_ texts: [String?]) {
            self.texts = texts
        }

        /// The id of a Stripe event; a payout's own id comes again with every change of its status.
        var eventID: String? {
            guard let type = texts.text(at: 1), type.hasPrefix("payout."),
                texts.text(at: 0)?.hasPrefix("evt_") ?? false
            else { return nil }
            return ProvenanceText.token(texts.text(at: 0))
        }

        var time: String? { texts.text(at: 4) ?? texts.text(at: 3) ?? texts.text(at: 2) }
        var test: String? { texts.text(at: 5) }
        var livemode: String? { texts.text(at: 6) }
    }

    /// A payout in our canonical shape and in Shopify's, Stripe's and Shopier's.
    private static let payout =
        PolicyPaths.list(
            """
            account amount arrival_date automatic balance_transaction created created_at currency date
            dateCreated datePaid failure_code fee gross has_more id issued_at livemode method net object
            original_payout paid_at reconciliation_status reversed_by shop_domain source_type status
            test total type updated_at
            """
        )
        + PolicyPaths.under(
            "summary",
            PolicyPaths.list(
                """
                adjustments_fee_amount adjustments_gross_amount charges_fee_amount charges_gross_amount
                refunds_fee_amount refunds_gross_amount reserved_funds_fee_amount
                reserved_funds_gross_amount retried_payouts_fee_amount retried_payouts_gross_amount
                """
            )
        )

    private static let shopierMoney = PolicyPaths.list(
        "amount currency exchangeRate originAmount originCurrency payoutAmount payoutCurrency"
    )

    /// A line: a canonical one, a balance transaction of Shopify or Stripe, or a transaction of Shopier.
    private static let line =
        PolicyPaths.list(
            """
            amount at available_on created created_at currency dateCreated exchange_rate fee gross id
            net object occurred_at orderId order_id payout payoutId payoutStatus payout_id payout_status
            processed_at refund_id reporting_category source source.charge source.id source.object
            source.payment_intent source_id source_order_id source_order_transaction_id source_type
            status test type fee_details[].amount fee_details[].currency fee_details[].type
            feeDetails[].amount feeDetails[].currency feeDetails[].type installments.costBearer
            installments.currency installments.interestCost installments.term
            """
        )
        + PolicyPaths.under(["gross", "fee", "fee[]", "net", "net[]"], shopierMoney)

    /// Where a payout may stand, and where its lines.
    private static let payoutPlaces = ["", "payout", "payouts[]", "[]", "data.object", "data[]"]
    private static let linePlaces =
        ["", "[]", "data[]", "transactions[]", "lines[]", "transaction"]
        + PolicyPaths.under(["payout", "payouts[]", "[]", "data.object"], ["lines[]", "transactions[]"])

    /// The whole list.
    static let policy = FieldPolicy(
        version: version,
        keep: GenericPolicy.unique(
            Captured.paths + PolicyPaths.under(payoutPlaces, payout) + PolicyPaths.under(linePlaces, line)
        ),
        keepText: [],
        pseudonymise: [],
        captures: Captured.paths
    )
}
