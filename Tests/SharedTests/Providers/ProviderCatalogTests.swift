import Shared
import Testing

@Suite("Routes of the catalog")
struct ProviderCatalogTests {
    @Test(
        "finds the door of every path",
        arguments: [
            ("/webhooks/shopify", "shopify", "", ""), ("/webhooks/shopify/", "shopify", "", ""),
            ("/webhooks/shopify?x=1", "shopify", "", ""), ("/webhooks/shopier", "shopier", "", ""),
            ("/webhooks/shopier/osb", "shopier", "osb", ""),
            ("/webhooks/shopier/callback", "shopier", "callback", ""),
            ("/webhooks/stripe", "stripe", "", ""), ("/webhooks/generic/Woo_1", "generic", "", "woo_1"),
            ("/payouts/shopier", "payouts", "", "shopier"),
            ("/fulfilment/shopify/", "fulfilment", "", "shopify"),
        ]
    )
    func found(_ path: String, _ source: String, _ variant: String, _ pathSource: String) throws {
        for base in ["", "/growth", "/a/b"] {
            let match = try #require(ProviderCatalog.route(for: base + path, basePath: base))
            #expect(match.receiver.source.name == source)
            #expect(match.route.variant == variant)
            #expect(match.pathSource?.name ?? "" == pathSource)
        }
    }

    @Test(
        "finds no door behind other paths",
        arguments: [
            "", "/", "/webhooks", "/webhooks/", "/webhooks/shopify/x", "/webhooks/shopify//",
            "/Webhooks/shopify",
            "/webhooks/generic", "/webhooks/generic/", "/webhooks/generic/a/b", "/webhooks/generic/ç",
            "/webhooks/generic/%41", "/payouts/", "/payouts/a b", "/fulfilment/..", "/x/webhooks/shopify",
        ]
    )
    func notFound(_ path: String) {
        #expect(ProviderCatalog.route(for: path) == nil)
        #expect(ProviderCatalog.route(for: "/webhooks/shopify", basePath: "/growth") == nil)
        #expect(ProviderCatalog.route(for: "/growthwebhooks/shopify", basePath: "/growth") == nil)
    }

    @Test("only doors of shops count as a sign of customers; OSB wants its own answer")
    func marks() {
        let silent = ProviderCatalog.adapters.filter { !$0.countsAsSignal }.map(\.source.name)
        #expect(silent == ["payouts", "fulfilment"])
        #expect(ProviderCatalog.route(for: "/webhooks/shopier/osb")?.route.successText == "success")
    }
}
