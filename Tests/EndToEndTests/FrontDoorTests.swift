import Foundation
import Shared
import TestSupport
import Testing

/// The programs as built, on real Redis and SQLite, from the socket to the page.
@Suite("Front door to page", .serialized)
struct FrontDoorTests {
    private let json = ["content-type": "application/json"]

    private func order(_ id: Int, total: String = "130.00", at: String) -> [UInt8] {
        Array(
            """
            {"type":"order.paid","id":"evt_\(id)","occurred_at":"\(at)",
             "order":{"id":"\(id)","currency":"TRY","placed_at":"\(at)","updated_at":"\(at)","status":"paid",
                      "items":[{"sku":"MUG-1","title":"Mug","quantity":1,"price":"\(total)"}]},
             "customer":{"email":"canary-\(id)@example.com"}}
            """.utf8
        )
    }

    private var now: String {
        let seconds = Int64(Date().timeIntervalSince1970)
        return Timestamp(seconds: seconds)?.description ?? ""
    }

    @Test("a webhook becomes an order, a ledger entry, a SKU and a figure on the page")
    func oneWebhook() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        try system.startDashboard()
        let answer = try system.front.post("/webhooks/generic/hello", headers: json, body: order(1, at: now))
        #expect(answer.status == 202)
        let body = try JSONDocument(answer.body).root
        #expect(body["status"].string == "queued")
        #expect(body["id"].string?.count == 26)
        // The figure is there within a second; ten are allowed on a busy machine.
        let hasFigure = Eventually.holds(within: .seconds(10)) {
            guard let kpi = try? system.page.get("/dashboard/kpi").body, let document = try? JSONDocument(kpi)
            else { return false }
            return document.root["today"]["dnr"].int64 == 13_000
        }
        let kpi = try system.page.get("/dashboard/kpi").text
        #expect(hasFigure, "\(kpi)")
        #expect(
            try system.count("SELECT count(*) FROM growth_order WHERE source='generic' AND external_id='1'")
                == 1
        )
        #expect(try system.count("SELECT amount_minor FROM growth_ledger_entry WHERE kind='SALE'") == 13_000)
        #expect(try system.count("SELECT count(*) FROM growth_sku WHERE sku='MUG-1'") == 1)
        let page = try system.page.get("/")
        #expect(page.status == 200 && page.text.contains("<html"))
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
    }

    @Test("a worker killed at work loses nothing and doubles nothing")
    func killedWorker() throws {
        let system = try Installation(settings: ["GROWTH_BATCH_SIZE": "8"])
        try system.startIntake()
        var worker = try system.startWorker()
        let total = 400
        for id in 1...total {
            let answer = try system.front.post(
                "/webhooks/generic/kill",
                headers: json,
                body: order(id, at: now)
            )
            #expect(answer.status == 202)
            if id % 80 == 0 {
                worker.kill()
                worker = try system.startWorker()
            }
        }
        try system.waitUntilIdle(within: .seconds(60))
        #expect(try system.count("SELECT count(*) FROM growth_order") == total)
        #expect(try system.count("SELECT count(*) FROM growth_ledger_entry WHERE kind='SALE'") == total)
        #expect(
            try system.count("SELECT sum(amount_minor) FROM growth_daily WHERE kind='SALE'") == total * 13_000
        )
        #expect(try system.deadLetters().isEmpty)
    }

    @Test("without Redis and without a spool the intake answers 503 and Retry-After, until Redis is back")
    func redisAway() throws {
        let system = try Installation(settings: ["GROWTH_SPOOL_MAX_BYTES": "0"])
        try system.startIntake()
        system.redis.kill()
        let refused = Eventually.holds(within: .seconds(10)) {
            (try? system.front.post("/webhooks/generic/a", headers: json, body: order(1, at: now)).status)
                == 503
        }
        #expect(refused)
        let answer = try system.front.post("/webhooks/generic/a", headers: json, body: order(2, at: now))
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] != nil)
        #expect(try system.front.get("/readyz").status == 503)
        #expect(try system.front.get("/healthz").status == 200)
        try system.redis.restart()
        let taken = Eventually.holds(within: .seconds(10)) {
            (try? system.front.post("/webhooks/generic/a", headers: json, body: order(3, at: now)).status)
                == 202
        }
        #expect(taken)
        try system.startWorker()
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order WHERE external_id='3'") == 1)
    }

    @Test("a configured secret decides: right 202, wrong 401, and what was refused never becomes an order")
    func signatures() throws {
        let system = try Installation(settings: ["GROWTH_SHOPIFY_SECRETS": "old, hush"])
        try system.startIntake()
        try system.startWorker()
        let body = Array(
            #"{"id":7,"financial_status":"paid","currency":"TRY","total_price":"1.00","line_items":[]}"#.utf8
        )
        // printf '%s' BODY | openssl dgst -sha256 -hmac hush -binary | base64
        let signature = try ProcessRunner.run(
            "sh",
            ["-c", "printf '%s' \"$BODY\" | openssl dgst -sha256 -hmac hush -binary | base64"],
            environment: ["BODY": String(decoding: body, as: UTF8.self)]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        var headers = json
        headers["x-shopify-topic"] = "orders/paid"
        headers["x-shopify-shop-domain"] = "a.myshopify.com"
        headers["x-shopify-webhook-id"] = "1"
        #expect(try system.front.post("/webhooks/shopify", headers: headers, body: body).status == 401)
        headers["x-shopify-hmac-sha256"] = signature
        #expect(try system.front.post("/webhooks/shopify", headers: headers, body: body).status == 202)
        #expect(
            try system.front.post("/webhooks/shopify", headers: headers, body: body + [0x20]).status == 401
        )
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_inbox") == 1)
        #expect(try system.query("SELECT signature FROM growth_inbox") == "verified")
        #expect(try system.redis.cli("LLEN", "growth:{shopify}:quarantine") == "2")
    }

    @Test("SIGTERM lets every program end with 0, and no accepted webhook is lost")
    func graceful() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        for id in 1...100 {
            #expect(
                try system.front.post("/webhooks/generic/a", headers: json, body: order(id, at: now)).status
                    == 202
            )
        }
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        try system.startWorker()
        try system.waitUntilIdle()
        #expect(try system.count("SELECT count(*) FROM growth_order") == 100)
    }
}
