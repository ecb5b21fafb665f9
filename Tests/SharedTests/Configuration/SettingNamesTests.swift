import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite struct SettingNamesTests {
    @Test(
        "a misspelt setting is named, with what it was meant to be and without its value",
        arguments: [
            ("GROWTH_STRIPE_SECRET", "GROWTH_STRIPE_SECRETS"),
            ("GROWTH_GENERIC_MY_BLOG_SECRET", "GROWTH_GENERIC_MY_BLOG_SECRETS"),
            ("GROWTH_SHOPIFY_SHOP", "GROWTH_SHOPIFY_SHOPS"), ("GROWTH_TIME_ZONE", "GROWTH_TIMEZONE"),
            ("GROWTH_LOGLEVEL", "GROWTH_LOG_LEVEL"),
        ]
    )
    func misspelt(name: String, meant: String) {
        let expected = "\(name) is no setting and nothing reads it; did you mean \(meant)?"
        #expect(SettingNames.problems(in: [name, "PATH"]) == [expected])
    }

    @Test("a name that is like none is named as well")
    func strange() {
        let name = "GROWTH_STRIPE_WEBHOOK_KEY"
        #expect(SettingNames.problems(in: [name]) == ["\(name) is no setting and nothing reads it."])
    }

    @Test("settings, secrets of sources and what only tests read are no problem")
    func known() {
        let names = [
            "GROWTH_STRIPE_SECRETS", "GROWTH_GENERIC_A_SECRETS", "GROWTH_SHOPIER_OSB", "GROWTH_SHOPIFY_SHOPS",
            "GROWTH_INTAKE_PORT", "GROWTH_INTAKE_PORT_8001_TCP_ADDR", "GROWTH_INTAKE_SERVICE_HOST",
            "GROWTH_TEST_SEED", "GROWTH_FULL_SUITE", "GROWTHRATE", "HOME",
        ]
        #expect(SettingNames.problems(in: names + SettingNames.known) == [])
    }

    @Test("the known names are those that docs/configuration.md describes")
    func documented() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `GROWTH_") }
        let keys = rows.compactMap { $0.dropFirst(3).split(separator: "`").first.map(String.init) }
        #expect(Set(keys.filter { !$0.contains("<") && !$0.hasSuffix("_OSB") }) == SettingNames.known)
    }
}

@Suite struct DoorAccessTests {
    private func doors(_ environment: [String: String]) throws -> [String: DoorAccess.State] {
        let all = DoorAccess.all(try Settings(environment: environment))
        return Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0.state) })
    }

    @Test("doors with a secret are signed, the others open to this machine, or closed")
    func states() throws {
        let secrets = [
            "GROWTH_SHOPIFY_SECRETS": "a", "GROWTH_GENERIC_MY_BLOG_SECRETS": "b",
            "GROWTH_SHOPIER_OSB": "user:word",
        ]
        let local = try doors(secrets)
        #expect(local["/webhooks/shopify"] == .signed)
        #expect(local["/webhooks/shopier/osb"] == .signed)
        #expect(local["/webhooks/shopier"] == .unsigned)
        #expect(local["/webhooks/generic/my-blog"] == .signed)
        #expect(local["/webhooks/generic/my_blog"] == .signed)
        #expect(local["/webhooks/generic/{source}"] == .unsigned)
        #expect(local["/payouts/{source}"] == .unsigned)
        let closed = try doors(secrets.merging(["GROWTH_ALLOW_UNSIGNED": "never"]) { $1 })
        #expect(closed["/webhooks/shopify"] == .signed)
        #expect(closed["/webhooks/stripe"] == .closed)
        #expect(closed["/webhooks/generic/{source}"] == .closed)
    }

    @Test("to name the shops alone proves nothing")
    func shops() throws {
        #expect(try doors(["GROWTH_SHOPIFY_SHOPS": "a.example"])["/webhooks/shopify"] == .unsigned)
    }
}
