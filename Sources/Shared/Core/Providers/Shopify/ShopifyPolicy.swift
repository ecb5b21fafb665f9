/// What of Shopify's resources is kept.
///
/// Evidence: the topic samples of API 2023-01 to 2026-04, and the `pii` marks of
/// Shopify's own topic metadata; everything that is not named here is dropped.
enum ShopifyPolicy {
    /// Grows with every change of a list.
    static let version = 2

    /// The captured fields, by name.
    struct Captured {
        static let paths = ["test", "updated_at", "processed_at", "created_at"]
        let test, updatedAt, processedAt, createdAt: String?

        init(_ texts: [String?]) {
            (test, updatedAt, processedAt, createdAt) = (
                texts.text(at: 0), texts.text(at: 1), texts.text(at: 2), texts.text(at: 3)
            )
        }
    }

    /// The allow-list for a topic; an unknown topic gets ids, status and dates only, of a customer none in
    /// clear.
    static func policy(forTopic topic: String) -> FieldPolicy {
        // By far the most frequent.
        if topic.hasPrefix("orders/") { return order }
        switch topic {
        case "customers/data_request", "customers/redact", "shop/redact": return compliance
        default: break
        }
        let slash = topic.utf8.firstIndex(of: UInt8(ascii: "/")) ?? topic.endIndex
        return switch topic[..<slash] {
        case "orders": order
        case "refunds": refund
        case "order_transactions", "tender_transactions": transaction
        case "disputes": dispute
        case "products", "variants", "inventory_items", "inventory_levels": product
        case "fulfillments", "fulfillment_events", "fulfillment_orders", "returns", "reverse_deliveries":
            fulfillment
        case "checkouts", "carts", "draft_orders": checkout
        // `customers`, `customers_marketing_consent`, `customers_email_marketing_consent`.
        case let resource where resource.hasPrefix("customers") || resource == "customer": customer
        // `customer_payment_methods`, `customer_groups`, `customer.tags_added`, `company_contact_roles`.
        case let resource where resource.hasPrefix("customer") || resource.hasPrefix("company_contact"):
            person
        default: other
        }
    }

    private static func make(
        keep: [String],
        text: [String] = [],
        identities: [(path: String, identity: FieldPolicy.Identity)] = []
    ) -> FieldPolicy {
        FieldPolicy(
            version: version,
            keep: keep + Captured.paths.filter { !keep.contains($0) },
            keepText: text,
            pseudonymise: identities,
            captures: Captured.paths
        )
    }

    /// An order, whole, with what other resources nest in it.
    private static let order = make(
        keep: ShopifyFields.order + PolicyPaths.under("order_edit", ShopifyFields.orderEdit),
        text: ShopifyFields.orderTitles,
        identities: FieldPolicy.identities(
            emails: PolicyPaths.list("email contact_email customer.email"),
            phones: PolicyPaths.list("phone customer.phone shipping_address.phone billing_address.phone"),
            customerIDs: ["customer.id"]
        )
    )

    private static let refund = make(
        keep: ShopifyFields.refund,
        text: PolicyPaths.under("refund_line_items[].line_item", ShopifyFields.titles)
    )

    private static let transaction = make(keep: ShopifyFields.transaction)

    private static let dispute = make(
        keep: PolicyPaths.list(
            """
            amount currency evidence_due_by evidence_sent_on finalized_on id initiated_at network_reason_code
            order_id reason status type
            """
        )
    )

    /// Products and variants are the merchant's own words; `vendor`, `tags` and `body_html` are not needed.
    private static let product = make(
        keep: ShopifyFields.product,
        text: ["title", "variants[].title"]
    )

    private static let fulfillment = make(
        keep: ShopifyFields.fulfillment,
        text: PolicyPaths.under(
            ["line_items[]", "return_line_items[].fulfillment_line_item.line_item"],
            ShopifyFields.titles
        ),
        identities: FieldPolicy.identities(emails: ["email"])
    )

    /// A customer's own resource: its id is the person, not a record about money.
    private static let customer = make(
        keep: PolicyPaths.list("created_at currency updated_at"),
        identities: FieldPolicy.identities(
            emails: PolicyPaths.list("email email_address"),
            phones: ["phone"],
            customerIDs: PolicyPaths.list("id customer_id")
        )
    )

    /// What hangs on a customer: ways to pay, contacts of a company, members of a segment.
    ///
    /// The root's id is of another sequence than customers' ids: as one of theirs it would be somebody
    /// else's, so it goes.
    private static let person = make(
        keep: PolicyPaths.list("created_at currency updated_at"),
        identities: FieldPolicy.identities(
            emails: PolicyPaths.list("email email_address customer.email"),
            phones: PolicyPaths.list("phone customer.phone"),
            customerIDs: PolicyPaths.list("customer_id customer.id")
        )
    )

    /// Carts and checkouts are never revenue, and the id of a cart is a token that opens it.
    private static let checkout = make(
        keep: PolicyPaths.list(
            """
            completed_at created_at currency order_id presentment_currency status subtotal_price total_price
            total_tax updated_at
            """
        ),
        identities: FieldPolicy.identities(
            emails: PolicyPaths.list("email customer.email"),
            phones: PolicyPaths.list("phone customer.phone"),
            customerIDs: ["customer.id"]
        )
    )

    /// `customers/data_request`, `customers/redact`, `shop/redact` carry the person in the clear: hashed,
    /// they find rows.
    private static let compliance = make(
        keep: PolicyPaths.list("data_request.id orders_requested[] orders_to_redact[] shop_domain shop_id"),
        identities: FieldPolicy.identities(
            emails: ["customer.email"],
            phones: ["customer.phone"],
            customerIDs: ["customer.id"]
        )
    )

    private static let other = make(
        keep: PolicyPaths.list(
            """
            admin_graphql_api_id created_at currency id myshopify_domain order_id status updated_at
            """
        ),
        identities: FieldPolicy.identities(customerIDs: PolicyPaths.list("customer_id customer.id"))
    )
}
