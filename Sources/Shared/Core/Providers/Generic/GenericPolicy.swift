/// What of a generic source's JSON is kept.
///
/// The canonical shape, and known shapes of others as far as ids, amounts, states, dates and currencies go.
/// Free text, names and addresses are on no list.
enum GenericPolicy {
    /// Grows with every change of a list.
    static let version = 1

    /// The canonical shape (docs/http-api), at the root or under `data` (Standard Webhooks, CloudEvents).
    private static let canonical =
        PolicyPaths.list("id occurred_at test type")
        + PolicyPaths.under(
            "order",
            PolicyPaths.list(
                """
                cancelled_at created_at currency discount fulfillment_status id number paid_at placed_at
                shipping status tax taxes_included test tip total updated_at
                items[].currency items[].discount items[].gift_card items[].id items[].price
                items[].product_id items[].quantity items[].sku items[].tax items[].variant_id
                """
            )
        )
        + PolicyPaths.under(
            "refund",
            PolicyPaths.list("amount created_at currency id order_id processed_at shipping status tax tip")
        )
        + PolicyPaths.under(
            "dispute",
            PolicyPaths.list("amount closed_at currency fee id opened_at order_id reason status")
        )
        + PolicyPaths.under(
            "product",
            PolicyPaths.list(
                "active cost currency gift_card id price product_id sku status updated_at variant_id"
            )
        )

    private static let titles = PolicyPaths.list("order.items[].title product.title")

    /// Keys that mean the same in most shapes.
    private static let common = PolicyPaths.list(
        """
        amount created_at currency currency_code date event event_type id number orderId order_id order_number
        paid_at quantity status timestamp total total_price updated_at
        """
    )

    /// CloudEvents structured mode; `subject` may name a person.
    private static let cloudEvent = PolicyPaths.list("id source specversion time type")

    private static let keep = unique(
        Captured.paths + PolicyPaths.under(["", "data"], canonical + common) + cloudEvent + ForeignShapes.all
    )
    private static let keepText = PolicyPaths.under(["", "data"], titles)
    private static let emails =
        PolicyPaths.under(["", "data"], ["customer.email", "order.customer.email", "email"])
        + ForeignShapes.emails
    private static let phones = PolicyPaths.under(
        ["", "data"],
        ["customer.phone", "order.customer.phone", "phone"]
    )
    private static let customerIDs =
        PolicyPaths.under(["", "data"], ["customer.id", "order.customer.id", "customer_id"])
        + ForeignShapes.customerIDs

    /// The whole list.
    static let policy = FieldPolicy(
        version: version,
        keep: keep,
        keepText: keepText,
        pseudonymise: FieldPolicy.identities(emails: emails, phones: phones, customerIDs: customerIDs),
        captures: Captured.paths
    )

    /// The list with what a mapping points to; an operator who points to free text gets it under the value
    /// rules.
    static func policy(with mapping: GenericMapping) -> FieldPolicy {
        func paths(_ names: [String]) -> [String] {
            names.compactMap { mapping.pointers[$0]?.policyPath }
        }
        let identities = ["customer.email", "customer.phone", "customer.id"]
        let known = Set(identities + ["product.title"])
        var kept = mapping.pointers.filter { !known.contains($0.key) }.compactMap(\.value.policyPath).sorted()
        var text = paths(["product.title"])
        if let items = mapping.items {
            let place = items.tokens.isEmpty ? "[]" : (items.policyPath ?? "") + "[]"
            for (name, pointer) in mapping.itemPointers.sorted(by: { $0.key < $1.key }) {
                guard let path = pointer.policyPath else { continue }
                if name == "title" {
                    text.append("\(place).\(path)")
                } else {
                    kept.append("\(place).\(path)")
                }
            }
        }
        return FieldPolicy(
            version: version,
            keep: unique(keep + kept),
            keepText: keepText + text,
            pseudonymise: FieldPolicy.identities(
                emails: paths(["customer.email"]) + emails,
                phones: paths(["customer.phone"]) + phones,
                customerIDs: paths(["customer.id"]) + customerIDs
            ),
            captures: Captured.paths
        )
    }

    /// Each path once.
    static func unique(_ paths: [String]) -> [String] {
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }

    /// The captured fields, and what they say together.
    struct Captured {
        static let paths = [
            "id", "type", "event_type", "scope", "occurred_at", "timestamp", "time", "create_time",
            "created_at",
            "test", "live", "livemode", "data.meta.mode", "source", "specversion", "data.test",
        ]
        private let texts: [String?]

        init(_ texts: [String?]) {
            self.texts = texts
        }

        private func text(_ path: String) -> String? {
            Self.paths.firstIndex(of: path).flatMap { texts.text(at: $0) }
        }

        /// What happened, as the body says.
        var eventType: String? { text("event_type") ?? text("type") ?? text("scope") }

        /// When it happened.
        var time: String? {
            text("occurred_at") ?? text("time") ?? text("timestamp") ?? text("create_time")
                ?? text("created_at")
        }

        /// The body's id, but only where it is an event's: an object's id comes again with every change of
        /// it.
        var eventID: String? {
            guard let id = text("id") else { return nil }
            if text("specversion") != nil {
                return ProvenanceText.token("\(text("source") ?? "")|\(id)")
            }
            // `order.paid` or `heartbeat` is a type of event; `simple` is WooCommerce's type of product.
            let type = text("event_type") ?? text("type")
            guard let type, type == "heartbeat" || type.utf8.contains(UInt8(ascii: ".")) else { return nil }
            return ProvenanceText.token(id)
        }

        /// Whether the body marks itself as a test.
        var isTest: Bool {
            ProvenanceText.isTrue(text("test")) || ProvenanceText.isTrue(text("data.test"))
                || ProvenanceText.isFalse(text("live")) || ProvenanceText.isFalse(text("livemode"))
                || text("data.meta.mode") == "test"
        }
    }
}
