import Shared
import TestSupport
import Testing

/// Each fixture is full of one customer; nothing of her may be left, and all the money must be.
@Suite("Allow-lists")
struct PolicyTests {
    /// What must not survive anywhere, in no spelling of the fixtures.
    static let canaries = [
        "Ayşe", "Ayse", "ayse", "ayşe", "Çağlar", "AYŞE", "caglar", "Şükrü", "Bağdat", "Kadıköy", "İstanbul",
        "34710",
        "10000000146", "1234567890", "TRK-", "gizlianahtar", "203.0.113.77", "5325551122", "532 555", "ZoVSX",
        "TR33",
        "7001002003004", "8001002003004", "4111111111111111", "4242", "Mozilla", "tok5e1f", "doğum", "🎂", "🎁",
        "🙏",
        "AYSE-OZEL", "548380009",
    ]

    static let fixtures: [(path: String, headers: [String: String], file: String)] = [
        ("/webhooks/shopify", ["x-shopify-topic": "orders/paid"], "shopify/order.json"),
        ("/webhooks/shopify", ["x-shopify-topic": "refunds/create"], "shopify/refund.json"),
        ("/webhooks/shopify", ["x-shopify-topic": "customers/redact"], "shopify/redact.json"),
        ("/webhooks/shopier", ["shopier-event": "order.created"], "shopier/order.json"),
        ("/webhooks/stripe", [:], "stripe/charge.json"),
        ("/webhooks/stripe", [:], "stripe/customer.json"),
        ("/webhooks/generic/kanarya", [:], "generic/order.json"),
        ("/payouts/shopify", [:], "payouts/shopify.json"),
        ("/payouts/shopier", [:], "payouts/shopier.json"),
        ("/fulfilment/shopify", [:], "fulfilment/shipped.json"),
    ]

    @Test("nothing of the customer survives, under the right topic or any other", arguments: fixtures.indices)
    func canaries(_ index: Int) throws {
        let fixture = Self.fixtures[index]
        let topics = [
            "orders/paid", "refunds/create", "products/update", "customers/update", "carts/update", "x/y",
        ]
        let body = try Fixture.bytes(fixture.file)
        let raw = String(decoding: body, as: UTF8.self)
        #expect(Self.canaries.contains { raw.contains($0) }, "\(fixture.file) plants nothing to look for.")
        for headers in [fixture.headers] + topics.map({ ["x-shopify-topic": $0] }) {
            let envelope = try EnvelopeFixture(path: fixture.path, headers: headers, body: body)
            for canary in Self.canaries {
                #expect(!envelope.text.contains(canary), "\(fixture.file) \(headers): \(canary)")
            }
        }
    }

    @Test("one e-mail gives one customer across sources")
    func oneCustomer() throws {
        var customers: Set<String?> = []
        for file in ["shopify/redact.json", "shopier/order.json", "stripe/charge.json", "generic/order.json"]
        {
            let fixture = try #require(Self.fixtures.first { $0.file == file })
            let body = try Fixture.bytes(file)
            customers.insert(
                try EnvelopeFixture(path: fixture.path, headers: fixture.headers, body: body).envelope
                    .customer
            )
        }
        #expect(customers.count == 1)
        #expect(customers.first??.hasPrefix("h1:k1:") == true)
    }

    @Test("Shopify's order keeps its money, ids, titles and dates")
    func shopifyOrder() throws {
        let body = try EnvelopeFixture(
            path: "/webhooks/shopify",
            headers: ["x-shopify-topic": "orders/paid"],
            body: try Fixture.bytes("shopify/order.json")
        ).body
        #expect(body["id"].text == "5678901234567")
        #expect(body["admin_graphql_api_id"].string == "gid://shopify/Order/5678901234567")
        #expect(body["name"].string == "#1042")
        #expect(body["total_price_set"]["shop_money"]["amount"].string == "299.70")
        #expect(body["total_price_set"]["presentment_money"]["currency_code"].string == "EUR")
        #expect(body["processed_at"].string == "2026-11-23T09:12:31+03:00")
        #expect(body["payment_gateway_names"][0].string == "iyzico")
        let line = body["line_items"][0]
        #expect(line["title"].string == "Çini Kupa ☕️ İznik mavisi")
        #expect(line["sku"].string == "MUG-1")
        #expect(line["product_id"].text == "6001002003001")
        #expect(line["discount_allocations"][0]["amount_set"]["shop_money"]["amount"].string == "30.00")
        #expect(line["tax_lines"][0]["price"].string == "49.95")
        #expect(body["shipping_lines"][0]["discounted_price"].string == "29.90")
        #expect(body["shipping_address"]["country_code"].string == "TR")
        #expect(body["fulfillments"][0]["status"].string == "success")
        #expect(body["email"].string?.hasPrefix("h1:k1:") == true)
        #expect(body["customer"]["id"].string?.hasPrefix("h1:k1:") == true)
        #expect(!body["note"].exists)
    }

    @Test("Shopify's refund keeps goods, shipping, adjustments and transactions")
    func shopifyRefund() throws {
        let body = try EnvelopeFixture(
            path: "/webhooks/shopify",
            headers: ["x-shopify-topic": "refunds/create"],
            body: try Fixture.bytes("shopify/refund.json")
        ).body
        #expect(body["order_id"].text == "5678901234567")
        #expect(body["refund_line_items"][0]["subtotal"].text == "134.9")
        #expect(body["refund_line_items"][0]["line_item"]["title"].string == "Çini Kupa")
        #expect(
            body["refund_shipping_lines"][0]["subtotal_amount_set"]["shop_money"]["amount"].string == "29.90"
        )
        #expect(body["order_adjustments"][0]["kind"].string == "refund_discrepancy")
        #expect(body["transactions"][0]["amount"].string == "164.80")
        #expect(body["transactions"][0]["kind"].string == "refund")
        let redact = try EnvelopeFixture(
            path: "/webhooks/shopify",
            headers: ["x-shopify-topic": "customers/redact"],
            body: try Fixture.bytes("shopify/redact.json")
        ).body
        #expect(redact["orders_to_redact"].elements.map(\.text) == ["5678901234567", "5678901234568"])
        #expect(redact["shop_domain"].string == "kanarya.myshopify.com")
    }

    @Test("Stripe's charge keeps amounts and refunds; a customer's own id is a pseudonym")
    func stripe() throws {
        let fixture = try EnvelopeFixture(
            path: "/webhooks/stripe",
            body: try Fixture.bytes("stripe/charge.json")
        )
        let charge = fixture.body["data"]["object"]
        #expect(charge["amount_refunded"].int64 == 3_000)
        #expect(charge["currency"].string == "try")
        #expect(charge["balance_transaction"].string == "txn_1")
        #expect(charge["refunds"]["data"][0]["id"].string == "re_1")
        #expect(fixture.body["data"]["previous_attributes"]["amount_refunded"].int64 == 0)
        #expect(charge["customer"].string?.hasPrefix("h1:k1:") == true)
        let customer = try EnvelopeFixture(
            path: "/webhooks/stripe",
            body: try Fixture.bytes("stripe/customer.json")
        )
        #expect(customer.body["data"]["object"]["id"].string == charge["customer"].string)
        #expect(customer.envelope.provenance.topic == "customer.updated")
    }

    @Test("Shopier's order keeps totals, lines, parcels and refunds")
    func shopier() throws {
        let body = try EnvelopeFixture(
            path: "/webhooks/shopier",
            headers: ["shopier-event": "order.created"],
            body: try Fixture.bytes("shopier/order.json")
        ).body
        #expect(body["totals"]["total"].string == "279.70")
        #expect(body["paymentStatus"].string == "paid")
        #expect(body["lineItems"][0]["title"].string == "Çini Kupa ☕️")
        #expect(body["lineItems"][0]["selection"][0]["id"].string == "s1")
        #expect(body["fulfillments"][0]["status"].string == "shipped")
        #expect(body["refunds"][0]["total"].string == "10.00")
        #expect(body["dateCreated"].string == "2026-11-23T09:00:00+0300")
    }

    @Test("the canonical shape keeps its fields, at the root and under data")
    func generic() throws {
        let json = String(decoding: try Fixture.bytes("generic/order.json"), as: UTF8.self)
        for (text, isNested) in [(json, false), (#"{"type":"order.paid","data":\#(json)}"#, true)] {
            let root = try EnvelopeFixture(path: "/webhooks/generic/kanarya", json: text).body
            let body = isNested ? root["data"] : root
            #expect(body["type"].string == "order.paid")
            #expect(body["order"]["total"].text == "149.90")
            #expect(body["order"]["taxes_included"].bool == true)
            #expect(body["order"]["items"][0]["price"].string == "65.00")
            #expect(body["order"]["items"][0]["title"].string == "Çini Kupa ☕️")
            #expect(body["customer"]["email"].string?.hasPrefix("h1:k1:") == true)
        }
    }

    @Test("payouts keep amounts of all their shapes")
    func payouts() throws {
        let shopify = try EnvelopeFixture(
            path: "/payouts/shopify",
            body: try Fixture.bytes("payouts/shopify.json")
        ).body
        #expect(shopify["payout"]["summary"]["charges_fee_amount"].string == "8.00")
        #expect(shopify["payout"]["id"].text == "623721858")
        #expect(shopify["transactions"][0]["source_order_id"].text == "5678901234567")
        let shopier = try EnvelopeFixture(
            path: "/payouts/shopier",
            body: try Fixture.bytes("payouts/shopier.json")
        ).body
        #expect(shopier[0]["gross"]["amount"].string == "279.70")
        #expect(shopier[0]["fee"][0]["amount"].string == "10.00")
        #expect(shopier[0]["net"][0]["payoutAmount"].string == "269.70")
        #expect(shopier[0]["orderId"].string == "ord_77001")
    }

    @Test("no mapping makes WooCommerce's customer anything but a person")
    func mappedCustomer() throws {
        let mapping = try GenericMapping(
            Array(#"{"fields":{"order.id":"/id","order.status":"/role","customer.email":"/mail"}}"#.utf8)
        )
        let adapter = GenericAdapter(mappings: ["shop": mapping])
        let body = Array(#"{"id":25,"role":"customer","email":"ayse@ornek.com","billing":{}}"#.utf8)
        func redacted(_ resource: String) throws -> RedactedPayload {
            let headers = ["X-WC-Webhook-Resource": resource]
            return try self.redacted(body, by: adapter, account: "shop", headers: headers)
        }
        let customer = try redacted("customer")
        let root = try JSONDocument(customer.bytes).root
        #expect(root["id"].string?.hasPrefix("h1:") == true)
        #expect(customer.customer == root["email"].string)
        #expect(try JSONDocument(redacted("order").bytes).root["id"].text == "25")
    }

    /// The body as the adapter's policy for a request with the headers leaves it.
    private func redacted(
        _ body: [UInt8],
        by adapter: GenericAdapter,
        account: String,
        headers: [String: String] = [:]
    ) throws -> RedactedPayload {
        let keyRing = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 1, count: 32))
        return try body.withUnsafeBytes { bytes in
            let request = WebhookRequest(
                variant: "",
                pathSource: SourceID(account),
                headers: FixtureHeaders(headers),
                body: bytes,
                receivedAt: EnvelopeFixture.receivedAt
            )
            return try Redactor(keyRing: keyRing).redact(
                bytes,
                policy: adapter.policy(for: request),
                source: adapter.source,
                account: account
            )
        }
    }

    /// Numbers that say something of a person, in none of the resources' lists of fields.
    static let numbers: [(path: String, topic: String, json: String)] = [
        (
            "/webhooks/stripe", "",
            #"{"object":"event","type":"person.created","data":{"object":{"object":"person","dob":{"day":17,"month":11,"year":1917}}}}"#
        ),
        (
            "/webhooks/stripe", "",
            #"{"object":"event","type":"charge.succeeded","data":{"object":{"object":"charge","payment_method_details":{"card":{"exp_month":11,"exp_year":1917}}}}}"#
        ),
        (
            "/webhooks/shopify", "customer_payment_methods/create",
            #"{"payment_instrument":{"last_digits":1711,"month":11,"year":1917}}"#
        ),
        (
            "/webhooks/shopify", "orders/paid",
            #"{"customer":{"birth":19171117},"zip":19171,"customer_no":1711}"#
        ),
        ("/webhooks/shopier", "order.created", #"{"shippingInfo":{"postcode":19171711,"tc":17111917}}"#),
        ("/webhooks/generic/kanarya", "", #"{"order":{"customerId":19171117},"zip":17111,"born":19171117}"#),
        ("/payouts/shopier", "", #"{"holder":{"tc":19171117}}"#),
        ("/fulfilment/shopify", "", #"{"address":{"postcode":17119}}"#),
    ]

    @Test("no number stays that is on no list, however short", arguments: numbers.indices)
    func unlistedNumbers(_ index: Int) throws {
        let (path, topic, json) = Self.numbers[index]
        let envelope = try EnvelopeFixture(
            path: path,
            headers: ["x-shopify-topic": topic, "shopier-event": topic],
            body: Array(json.utf8)
        )
        let body = String(decoding: envelope.envelope.body, as: UTF8.self)
        #expect(!body.isEmpty && !body.contains("17") && !body.contains("11"), "\(body)")
    }

    @Test("a mapping lets through what it points to, and only that")
    func mapping() throws {
        let mapping = try GenericMapping(
            Array(#"{"fields":{"order.id":"/satis/no","customer.email":"/alici/eposta"}}"#.utf8)
        )
        let adapter = GenericAdapter(mappings: ["kanarya": mapping])
        let body = Array(
            #"{"satis":{"no":"S-1","aciklama":"Ayşe"},"alici":{"eposta":"ayse@ornek.com"}}"#.utf8
        )
        let redacted = try redacted(body, by: adapter, account: "kanarya")
        let root = try JSONDocument(redacted.bytes).root
        #expect(root["satis"]["no"].string == "S-1")
        #expect(!root["satis"]["aciklama"].exists)
        #expect(redacted.customer == root["alici"]["eposta"].string)
    }
}
