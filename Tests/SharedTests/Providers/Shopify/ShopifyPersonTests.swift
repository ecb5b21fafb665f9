import Shared
import TestSupport
import Testing

@Suite("Shopify's messages about people")
struct ShopifyPersonTests {
    private static func envelope(_ topic: String, _ json: String) throws -> EnvelopeFixture {
        try EnvelopeFixture(
            path: "/webhooks/shopify",
            headers: ["x-shopify-topic": topic, "x-shopify-shop-domain": ShopifyDelivery.shop],
            json: json
        )
    }

    /// The pseudonym that an erasure looks for.
    private static func pseudonym(of id: String) throws -> String? {
        try envelope("customers/redact", #"{"customer":{"id":\#(id)},"orders_to_redact":[]}"#).envelope
            .customer
    }

    @Test(
        "a consent names its customer by the pseudonym that an erasure finds",
        arguments: [
            ("customers/update", #""id":82850125"#),
            ("customers_marketing_consent/update", #""id":82850125"#),
            ("customers_email_marketing_consent/update", #""customer_id":82850125"#),
            ("customer_payment_methods/create", #""customer_id":82850125"#),
            ("company_contacts/update", #""customer_id":82850125"#),
            ("subscription_contracts/create", #""customer_id":82850125"#),
        ]
    )
    func consent(_ topic: String, _ member: String) throws {
        let fixture = try Self.envelope(topic, "{\(member),\"note\":\"x\"}")
        #expect(!fixture.text.contains("82850125"))
        #expect(fixture.envelope.customer != nil)
        #expect(fixture.envelope.customer == (try Self.pseudonym(of: "82850125")))
    }

    @Test("the id of what hangs on a customer stands nowhere, and is nobody's pseudonym")
    func hanging() throws {
        let topics = [
            "customer_payment_methods/create", "customer_groups/update", "company_contacts/create",
            "company_contact_roles/assign", "customer.tags_added",
        ]
        for topic in topics {
            let fixture = try Self.envelope(
                topic,
                #"{"id":9223372036854,"created_at":"2026-11-23T10:00:00Z"}"#
            )
            #expect(!fixture.text.contains("9223372036854"), "\(topic)")
            #expect(fixture.envelope.customer == nil, "\(topic)")
            #expect(fixture.body["created_at"].string == "2026-11-23T10:00:00Z", "\(topic)")
        }
    }

    @Test(
        "a global id of a person stays nowhere in clear, however it is written",
        arguments: [
            "gid://shopify/Customer/82850125", #"gid:\/\/shopify\/Customer\/82850125"#,
            "gid://shopify/CompanyContact/82850125", "gid://shopify/CustomerPaymentMethod/82850125",
            "GID://Shopify/customer/82850125?x=1", "ref:gid://shopify/Customer/82850125",
            "an gid://shopify/Customer/82850125 gesandt",
        ]
    )
    func globalID(_ gid: String) throws {
        let json = """
            {"admin_graphql_api_id":"\(gid)","id":1,"source_name":"\(gid)","line_items":[{"sku":"\(gid)",
             "title":"\(gid)","variant_title":"zu \(gid)"}],"cart_token":"\(gid)"}
            """
        for topic in ["orders/create", "products/update", "refunds/create", "disputes/create", "x/y"] {
            let fixture = try Self.envelope(topic, json)
            #expect(!fixture.text.contains("82850125"), "\(topic): \(fixture.text)")
        }
        let order = try Self.envelope("orders/create", json).body
        #expect(order["line_items"][0]["variant_title"].string?.hasPrefix("zu ") == true)
    }

    @Test("global ids of things stay what they are")
    func globalIDOfThing() throws {
        let gids = ["gid://shopify/Order/1", "gid://shopify/Company/1", "gid://shopify/ProductVariant/1"]
        for gid in gids {
            let body = try Self.envelope("orders/create", #"{"admin_graphql_api_id":"\#(gid)"}"#).body
            #expect(body["admin_graphql_api_id"].string == gid)
        }
    }

    @Test("a customer under the topic of an order is a note, not a dead letter")
    func customerAsOrder() throws {
        let json = """
            {"id":82850125,"email":"ayse@ornek.example","orders_count":3,"addresses":[],"currency":"TRY",
             "admin_graphql_api_id":"gid://shopify/Customer/82850125"}
            """
        for topic in ["orders/create", "orders/paid", "customers/update"] {
            let result = try ShopifyDelivery(json: json, topic: topic).normalized()
            #expect(result.facts.isEmpty && result.note != nil, "\(topic)")
        }
    }
}
