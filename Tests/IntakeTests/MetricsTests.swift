import Foundation
import NIOCore
import NIOPosix
import Shared
import SharedRuntime
import TestSupport
import Testing

@testable import growth_intake

@Suite("The intake's metrics") struct MetricsTests {
    private static let event = Array(Request.event().utf8)

    private func sum(_ text: Exposition, _ name: String, _ labels: [String: String] = [:]) -> Double {
        text.samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        .reduce(0) { $0 + $1.value }
    }

    @Test("are well-formed, from the first scrape on, and docs/observability.md lists each of them")
    func format() async throws {
        try await IntakeFixture.run { intake in
            let answer = try intake.client.get("/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            _ = try Exposition(answer.text)
            _ = try intake.client.post("/webhooks/generic/shop", body: Self.event)
            let families = try Exposition(intake.client.get("/metrics").text).families
            #expect(families.allSatisfy { $0.name.hasPrefix("growth_intake_") })
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let page = try String(
                contentsOf: root.appendingPathComponent("docs/observability.md"),
                encoding: .utf8
            )
            let listed = page.matches(of: /\| `(growth_intake_[a-z_]+)[`{]/).map { String($0.output.1) }
            // The spool's are there only where there is a spool.
            let spool = try Exposition(SpoolStatus().prometheusText(at: EnvelopeFixture.receivedAt)).families
            #expect(Set(listed) == Set((families + spool).map(\.name)))
            #expect(listed.count == Set(listed).count)
        }
    }

    @Test("count requests by route, source, outcome and status, and time them by route")
    func requests() async throws {
        try await IntakeFixture.run(["GROWTH_SHOPIFY_SECRETS": "hush"]) { intake in
            for _ in 0..<3 { _ = try intake.client.post("/webhooks/generic/shop", body: Self.event) }
            _ = try intake.client.post("/webhooks/shopify", body: Self.event)
            _ = try intake.client.post("/webhooks/shopier/osb", body: Array("res=e30%3D&hash=00".utf8))
            _ = try intake.client.get("/webhooks/stripe")
            _ = try intake.client.get("/no/such/first@example.com")
            _ = try intake.client.post("/healthz", body: [])
            let answer = try intake.client.get("/metrics")
            #expect(!answer.text.contains("example.com"))
            let text = try Exposition(answer.text)
            let name = "growth_intake_requests_total"
            for (route, source, account, outcome, status, count) in [
                ("/webhooks/generic/{source}", "generic", "shop", "queued", "202", 3.0),
                ("/webhooks/shopify", "shopify", nil, "unverified", "401", 1),
                ("/webhooks/shopier/osb", "shopier", nil, "queued", "200", 1),
                ("/webhooks/stripe", "stripe", nil, "refused", "405", 1),
                ("none", "none", nil, "refused", "404", 1),
                ("/healthz", "none", nil, "refused", "405", 1),
            ] {
                var labels = ["route": route, "source": source, "outcome": outcome, "status": status]
                labels["account"] = account
                #expect(text.value(name, labels) == count, "\(labels)")
            }
            let seconds = "growth_intake_request_duration_seconds"
            #expect(text.value("\(seconds)_count", ["route": "/webhooks/generic/{source}"]) == 3)
            #expect(text.value("\(seconds)_count", ["route": "/webhooks/stripe"]) == 1)
            let spent = try #require(text.value("\(seconds)_sum", ["route": "/webhooks/generic/{source}"]))
            #expect(spent > 0 && spent < 30)
            // The scrape itself is counted before it is written, and timed once it was.
            #expect(sum(text, name, ["route": "/metrics"]) == 1)
        }
    }

    @Test("count signatures, redactions, body bytes and pushes")
    func findings() async throws {
        let secrets = ["GROWTH_GENERIC_SHOP_SECRETS": "old,new"]
        try await IntakeFixture.run(secrets) { intake in
            let body = Array(#"{"type":"order.paid","customer":{"email":"first@example.com","x":"y"}}"#.utf8)
            let signature = HMACHex.sign(body, secret: "new")
            let path = "/webhooks/generic/shop"
            let good = try intake.client.post(
                path,
                headers: ["x-growth-signature": "sha256=\(signature)"],
                body: body
            )
            #expect(good.status == 202)
            _ = try intake.client.post(path, headers: ["x-growth-signature": "sha256=00"], body: body)
            _ = try intake.client.post(path, body: body)
            _ = try intake.client.post("/payouts/shop", body: Array("{}".utf8))
            let text = try Exposition(intake.client.get("/metrics").text)
            let route = "/webhooks/generic/{source}"
            let verdicts = "growth_intake_signatures_total"
            let shop = ["route": route, "source": "generic", "account": "shop"]
            #expect(text.value(verdicts, shop.merging(["verdict": "verified", "secret": "1"]) { $1 }) == 1)
            #expect(text.value(verdicts, shop.merging(["verdict": "failed", "secret": ""]) { $1 }) == 2)
            #expect(sum(text, verdicts, ["verdict": "unsigned"]) == 1)
            #expect(sum(text, "growth_intake_signature_failures_total") == 2)
            #expect(sum(text, "growth_intake_signature_failures_total", ["reason": "missing"]) == 1)
            #expect(sum(text, "growth_intake_redactions_total", ["action": "pseudonymised"]) == 3)
            #expect(sum(text, "growth_intake_redactions_total", ["action": "dropped"]) == 3)
            #expect(sum(text, "growth_intake_body_bytes_total") == Double(body.count * 3 + 2))
            #expect(text.value("growth_intake_redis_push_envelopes_sum") == 2)
            #expect(text.value("growth_intake_redis_push_duration_seconds_count") == 2)
            #expect(text.value("growth_intake_redis_accepting_loops") == 1)
        }
    }

    @Test("tell the process: key, version, start, loops, connections")
    func process() async throws {
        try await IntakeFixture.run(loops: 2) { intake in
            let text = try Exposition(intake.client.get("/metrics").text)
            let keys = text.samples.filter { $0.name == "growth_intake_pseudonym_key_info" }
            #expect(keys.map(\.labels) == [["key": "k1"]])
            #expect(text.value("growth_intake_build_info", ["version": Release.version]) == 1)
            #expect(text.value("growth_intake_start_time_seconds") == 1_795_428_000)
            #expect(text.value("growth_intake_event_loops") == 2)
            #expect((text.value("growth_intake_connections") ?? 0) >= 1)
        }
    }

    @Test("add up over all event loops")
    func loops() async throws {
        try await IntakeFixture.run(loops: 3) { intake in
            let connections = try (0..<6).map { _ in try intake.connect() }
            for connection in connections {
                try connection.send(Request.get("/nowhere"))
                #expect(try connection.nextAnswer().status == 404)
            }
            #expect(try intake.metric(#"growth_intake_requests_total{route="none",status="404"} 6"#))
        }
    }

    @Test("name no source that is somebody's number")
    func personalSource() async throws {
        try await IntakeFixture.run([:]) { intake in
            let connection = try intake.connect()
            for name in ["05327740651", "4111111111111111", "shop"] {
                try connection.send(Request.post("/webhooks/generic/\(name)"))
                #expect(try connection.nextAnswer().status == 202)
            }
            let text = try Exposition(intake.client.get("/metrics").text)
            let accounts = Set(text.samples.compactMap { $0.labels["account"] })
            #expect(accounts.contains("shop") && accounts.isSubset(of: ["shop", "other", ""]))
        }
    }

    @Test("stay bounded whatever sources, methods and paths strangers invent")
    func cardinality() async throws {
        let secrets = ["GROWTH_GENERIC_OWN_SECRETS": "hush"]
        try await IntakeFixture.run(secrets) { intake in
            let connection = try intake.connect()
            for number in 0..<200 {
                try connection.send(Request.post("/webhooks/generic/s\(number)"))
                #expect(try connection.nextAnswer().status == 202)
                try connection.send(Request.get("/random/\(number)"))
                #expect(try connection.nextAnswer().status == 404)
            }
            let body = Request.event()
            let header = "x-growth-signature: sha256=\(HMACHex.sign(Array(body.utf8), secret: "hush"))"
            try connection.send(Request.post("/webhooks/generic/own", headers: [header], body: body))
            #expect(try connection.nextAnswer().status == 202)
            let text = try Exposition(intake.client.get("/metrics").text)
            let accounts = Set(text.samples.compactMap { $0.labels["account"] })
            #expect(accounts.count <= MeterPlan.unsignedNamedMax + 2)
            #expect(accounts.contains("own"), "A source with a secret has room of its own.")
            let name = "growth_intake_requests_total"
            #expect(sum(text, name, ["outcome": "queued"]) == 201)
            let others = Double(200 - MeterPlan.unsignedNamedMax)
            #expect(sum(text, name, ["account": "other"]) == others)
            #expect(text.samples.count < 1000)
        }
    }

    @Test("a HEAD or a scrape with a long body is answered too")
    func oddScrapes() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send("HEAD /metrics HTTP/1.1\r\nhost: a\r\n\r\n" + Request.get("/healthz"))
            let head = try connection.nextAnswer(isHead: true)
            #expect(head.status == 200)
            #expect((Int(head.headers["content-length"] ?? "") ?? 0) > 500)
            #expect(try connection.nextAnswer().text == "ok\n")
            try connection.send("GET /metrics HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n")
            let answer = try connection.nextAnswer()
            #expect(answer.status == 200)
            #expect(answer.headers["connection"] == "close")
            #expect(connection.bytesUntilEnd() == [])
        }
    }

    @Test("figures of loops with different sources add up by label")
    func adding() {
        let plan = MeterPlan(WebhookRouter(adapters: ProviderCatalog.adapters))
        var first = IntakeFigures(plan)
        var second = IntakeFigures(plan)
        let a = MeterLabel(route: "r", source: "s", account: "a")
        let b = MeterLabel(route: "r", source: "s", account: "b")
        for label in [a, b] { _ = first.open(label) }
        for label in [b, a] { _ = second.open(label) }
        let place = IntakeFigures.Place.bytes
        first.counters[(first.labels.count - 1) * IntakeFigures.Place.count + place] = 5
        second.counters[(second.labels.count - 2) * IntakeFigures.Place.count + place] = 7
        first.add(second)
        #expect(first.labels.count == plan.labels.count + 2)
        #expect(first.counter(first.labels.count - 1, place) == 12)
        #expect(first.counter(first.labels.count - 2, place) == 0)
    }
}
