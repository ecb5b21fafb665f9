import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Intake routes") struct RouteTests {
    @Test("a webhook is answered 202 with the id of the envelope that is in Redis")
    func accepted() async throws {
        try await IntakeFixture.run { intake in
            let answer = try intake.client.post("/webhooks/generic/shop", body: Array(Request.event(7).utf8))
            #expect(answer.status == 202)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["date"] == "Mon, 23 Nov 2026 10:00:00 GMT")
            let body = try JSONDocument(answer.body).root
            #expect(body["status"].string == "queued")
            let envelopes = try intake.envelopes()
            #expect(envelopes.count == 1)
            #expect(envelopes.first?.id == body["id"].string)
            #expect(envelopes.first?.provenance.eventID == "evt_7")
            #expect(envelopes.first?.provenance.account == "shop")
            #expect(try intake.redis.cli("SISMEMBER", "growth:queues", "generic") == "1")
        }
    }

    @Test("every door takes POST, and puts its source's envelope on its source's list")
    func doors() async throws {
        let doors = [
            ("/webhooks/shopify", "shopify"), ("/webhooks/shopier", "shopier"),
            ("/webhooks/shopier/callback", "shopier"), ("/webhooks/stripe", "stripe"),
            ("/webhooks/generic/a", "generic"), ("/payouts/stripe", "payouts"),
            ("/fulfilment/monolith", "fulfilment"),
        ]
        try await IntakeFixture.run { intake async throws in
            for (path, _) in doors {
                #expect(try intake.client.post(path, body: Array("{}".utf8)).status == 202, "\(path)")
            }
            for source in Set(doors.map(\.1)) {
                let count = doors.count { $0.1 == source }
                #expect(
                    try intake.envelopes(source).map(\.source.name) == Array(repeating: source, count: count)
                )
            }
        }
    }

    @Test("the legacy form is answered 200 success")
    func plainSuccess() async throws {
        try await IntakeFixture.run { intake in
            let answer = try intake.client.post(
                "/webhooks/shopier/osb",
                headers: ["content-type": "application/x-www-form-urlencoded"],
                body: Array("res=e30%3D&hash=00".utf8)
            )
            #expect(answer.status == 200)
            #expect(answer.text == "success")
            #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(try intake.depth("shopier") == 1)
        }
    }

    @Test("unknown paths are 404 and wrong methods 405 with Allow, as problem documents that echo nothing")
    func refusals() async throws {
        try await IntakeFixture.run { intake in
            for path in [
                "/", "/webhooks", "/webhooks/nobody", "/webhooks/generic/", "/healthz/x", "/secret-word",
            ] {
                let answer = try intake.client.post(path, body: [])
                #expect(answer.status == 404, "\(path)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(try JSONDocument(answer.body).root["status"].int64 == 404)
                #expect(!answer.text.contains("secret-word"))
            }
            let door = try intake.client.get("/webhooks/stripe")
            #expect(door.status == 405)
            #expect(door.headers["allow"] == "POST")
            let probe = try intake.client.post("/healthz", body: [])
            #expect(probe.status == 405)
            #expect(probe.headers["allow"] == "GET, HEAD")
            #expect(try intake.metric(#"growth_intake_requests_total{route="none",outcome="refused"} 6"#))
            #expect(try intake.metric(#"growth_intake_requests_total{source="stripe",outcome="refused"} 1"#))
        }
    }

    @Test("HEAD is answered like GET, without the body")
    func head() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send("HEAD /healthz HTTP/1.1\r\nhost: a\r\n\r\n" + Request.get("/healthz"))
            let head = try connection.nextAnswer(isHead: true)
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == "3")
            #expect(try connection.nextAnswer().text == "ok\n")
        }
    }

    @Test("a base path stands before every path, and only there")
    func basePath() async throws {
        let environment = ["GROWTH_BASE_PATH": "/growth"]
        try await IntakeFixture.run(environment, waitsUntilReady: false) { intake async throws in
            let isReady = Eventually.holds(within: .seconds(10)) {
                (try? intake.client.get("/growth/readyz").status) == 200
            }
            #expect(isReady)
            let event = Array(Request.event().utf8)
            #expect(try intake.client.post("/growth/webhooks/generic/a?x=1", body: event).status == 202)
            #expect(try intake.client.post("/webhooks/generic/a", body: event).status == 404)
            #expect(try intake.client.post("/growthwebhooks/generic/a", body: event).status == 404)
            #expect(try intake.client.get("/healthz").status == 404)
        }
    }

    @Test("a target in absolute form means its path")
    func absoluteForm() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send(Request.get("http://shop.example/healthz?q=/x"))
            #expect(try connection.nextAnswer().status == 200)
        }
    }

    @Test("without a secret and with `never`, a webhook is 401 and kept nowhere")
    func unsignedNever() async throws {
        try await IntakeFixture.run(["GROWTH_ALLOW_UNSIGNED": "never"]) { intake in
            let answer = try intake.client.post("/webhooks/generic/a", body: Array(Request.event().utf8))
            #expect(answer.status == 401)
            #expect(answer.text.contains("unsigned-not-accepted"))
            let counted = #"growth_intake_requests_total{source="generic",outcome="unsigned"} 1"#
            #expect(try intake.metric(counted))
            #expect(try intake.redis.cli("KEYS", "growth:{*") == "")
        }
    }

    @Test("a wrong signature is 401 and goes to the bounded quarantine, not to the queue")
    func quarantine() async throws {
        try await IntakeFixture.run(["GROWTH_GENERIC_A_SECRETS": "hush"]) { intake in
            let answer = try intake.client.post("/webhooks/generic/a", body: Array(Request.event().utf8))
            #expect(answer.status == 401)
            #expect(answer.text.contains("signature-not-verified"))
            let isKept = try Eventually.holds(within: .seconds(10)) {
                try intake.depth(list: "quarantine") == 1
            }
            #expect(isKept)
            #expect(try intake.depth() == 0)
            #expect(
                try intake.metric(#"growth_intake_requests_total{source="generic",outcome="unverified"} 1"#)
            )
        }
    }

    @Test("several loops serve several connections")
    func loops() async throws {
        try await IntakeFixture.run(loops: 2) { intake in
            let connections = try (0..<4).map { _ in try intake.connect() }
            // Each loop has a connection to Redis of its own, which may come later than the first one's.
            for (index, connection) in connections.enumerated() {
                let isReady = try Eventually.holds(within: .seconds(10)) {
                    try connection.send(Request.get("/readyz"))
                    return try connection.nextAnswer().status == 200
                }
                #expect(isReady)
                try connection.send(Request.post(body: Request.event(index)))
                #expect(try connection.nextAnswer().status == 202)
            }
            #expect(try intake.depth() == 4)
        }
    }
}
