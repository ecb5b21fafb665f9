/// What of Shopier's messages is kept.
///
/// Evidence: third-party SDKs that quote the documentation (shopier-go at 18718e0,
/// n8n-shopier at f3d854e, bbangg/shopier at c635ccd), which is not public.
enum ShopierPolicy {
    /// Grows with every change of a list.
    static let version = 1

    /// The captured times of a JSON webhook.
    struct CapturedTimes {
        static let paths = ["dateUpdated", "dateCreated"]
        let updated, created: String?

        init(_ texts: [String?]) {
            updated = texts.text(at: 0)
            created = texts.text(at: 1)
        }
    }

    /// The captured fields of a form: the id of what it is about, and OSB's test mark.
    struct CapturedForm {
        static let osbPaths = ["orderid", "istest"]
        static let callbackPaths = ["payment_id"]
        let id, test: String?

        init(_ texts: [String?]) {
            id = texts.text(at: 0)
            test = texts.text(at: 1)
        }
    }

    private static let refund = PolicyPaths.list(
        "currency dateCreated dateRefunded id orderId status total type"
    )

    /// A parcel, there or back; `code`, `trackingNumber` and `trackingUrl` lead to an address.
    private static let parcel = PolicyPaths.list(
        "cost currency dateCreated dateDispatched method orderId status type"
    )

    private static let price = PolicyPaths.under(
        "priceData",
        PolicyPaths.list("currency discount discountedPrice price shippingPrice")
    )

    /// `shippingInfo` and `billingInfo` hold the buyer with the national id: only the identities leave them.
    static let webhook = FieldPolicy(
        version: version,
        keep: CapturedTimes.paths
            + PolicyPaths.list(
                """
                currency dateRefunded id installments orderId paymentMethod paymentStatus status stockQuantity
                stockStatus total type
                totals.discount totals.shipping totals.subtotal totals.total
                discounts[].id discounts[].method
                lineItems[].id lineItems[].options[].id lineItems[].price lineItems[].productId
                lineItems[].quantity lineItems[].selection[].id lineItems[].total lineItems[].type
                variants[].id variants[].primary variants[].selectionId[] variants[].stockQuantity
                """
            ) + price
            + PolicyPaths.under("variants[]", price)
            + PolicyPaths.under("refunds[]", refund)
            + PolicyPaths.under(["fulfillments[]", "returns[]"], parcel),
        keepText: ["lineItems[].title", "title"],
        pseudonymise: FieldPolicy.identities(
            emails: PolicyPaths.list("shippingInfo.email billingInfo.email"),
            phones: PolicyPaths.list("shippingInfo.phone billingInfo.phone")
        ),
        captures: CapturedTimes.paths
    )

    /// OSB, twelve fields: the buyer's name and note go, and the free-form `productlist` and `chartdetails`.
    static let osb = FieldPolicy(
        version: version,
        keep: PolicyPaths.list("currency istest orderid price productcount productid"),
        keepText: [],
        pseudonymise: FieldPolicy.identities(emails: ["email"]),
        captures: CapturedForm.osbPaths
    )

    /// Module callback: `API_key`, `random_nr` and `signature` are secrets, or as good as secrets.
    static let callback = FieldPolicy(
        version: version,
        keep: PolicyPaths.list("installment payment_id platform_order_id status"),
        keepText: [],
        pseudonymise: [],
        captures: CapturedForm.callbackPaths
    )
}
