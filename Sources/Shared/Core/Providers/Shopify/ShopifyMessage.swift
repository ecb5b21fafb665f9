/// One Shopify webhook: its body and what the envelope says about it.
struct ShopifyMessage {
    let envelope: Envelope
    let source: SourceID
    let body: Field

    /// The topic in lower case; not authenticated.
    var topic: String { envelope.provenance.topic.lowercased() }

    /// The topic for a note; a topic that does not look like one of Shopify's is not repeated.
    var topicName: String {
        let isPlain = topic.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2F
        }
        return isPlain && (1...64).contains(topic.utf8.count) ? "The topic \(topic)" : "This topic"
    }

    /// The shop.
    var account: AccountKey { AccountKey(source: source, account: envelope.provenance.account) }

    /// When Shopify triggered the message, else when it came in; a header says it, which is not signed.
    var sentAt: Timestamp { envelope.statedAt ?? envelope.receivedAt }

    /// Whether the body, which is signed, marks itself as a test: an order or a payment, or a refund by its
    /// payments.
    var isTest: Bool {
        body["test"].isTrue || body["transactions"].elements.contains { $0["test"].isTrue }
    }

    /// Whether only a header, which anybody can add to a captured delivery, marks the message as a test.
    var isTestByHeaderAlone: Bool { envelope.provenance.isTest && !isTest }

    /// Returns the key of an order of the shop.
    func orderKey(_ id: String) -> OrderKey {
        OrderKey(account: account, externalID: id)
    }

    /// Returns a compliance request (shopify.dev, "Privacy law compliance").
    ///
    /// The shop is that of the body, which is signed, and not that of the header. The customer stands in it
    /// by e-mail address, phone number and id, each pseudonymised by the intake.
    func privacyRequest(topic: String) -> Normalized {
        let domain = body["shop_domain"].text?.lowercased() ?? ""
        let kind = Self.privacyKinds[topic] ?? .access
        let isNamed = !domain.isEmpty
        // Every such request names its shop. What does not is another message under this topic.
        guard isNamed || kind == .access else {
            return Normalized(facts: [], note: "The signed body names no shop; nothing is erased.")
        }
        let customer = body["customer"]
        let request = PrivacyRequest(
            account: isNamed ? AccountKey(source: source, account: domain) : account,
            topic: topic,
            kind: kind,
            customers: ["email", "phone", "id"].compactMap { customer[$0].text }.filter(PseudonymText.isOne),
            orders: (body["orders_to_redact"].value.elements + body["orders_requested"].value.elements)
                .compactMap { Field($0).text }
        )
        return Normalized(facts: [.privacyRequest(request)], objectID: body["shop_id"].text)
    }

    private static let privacyKinds: [String: PrivacyRequest.Kind] = [
        "customers/data_request": .access, "customers/redact": .erasure, "shop/redact": .accountErasure,
    ]
}

extension Field {
    /// The id of a Shopify resource: the digits of its `admin_graphql_api_id`, else `id` as it is written.
    ///
    /// Ids have up to 64 bits. A body that passed through JavaScript carries `id` rounded to 53 bits, while
    /// the text of `gid://shopify/Order/<id>` is exact.
    func shopifyID(_ type: String) -> String? {
        if let gid = shopifyGID, gid.type == type {
            let digits = gid.rest.prefix { (0x30...0x39).contains($0) }
            if let text = String(digits), !text.isEmpty { return text }
        }
        return self["id"].text
    }

    /// The type in `admin_graphql_api_id`, such as `Order`; nil when there is none.
    var shopifyType: String? { shopifyGID?.type }

    /// The parts of `gid://shopify/<type>/<rest>` in `admin_graphql_api_id`; nil when it is none.
    private var shopifyGID: (type: String, rest: Substring.UTF8View)? {
        guard let text = self["admin_graphql_api_id"].text else { return nil }
        let gid = text.utf8
        guard gid.starts(with: "gid://shopify/".utf8) else { return nil }
        let path = gid.dropFirst("gid://shopify/".utf8.count)
        let end = path.firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        return (String(Substring(path[..<end])), path[end...].dropFirst())
    }

    /// Whether the member is there, be it null.
    func has(_ key: String) -> Bool { value[key].kind != .missing }
}
