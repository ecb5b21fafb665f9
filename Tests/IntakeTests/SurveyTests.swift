import NIOCore
import Shared
import SharedRedis
import TestSupport
import Testing

@testable import growth_intake

@Suite("The intake's survey of unlisted paths") struct SurveyTests {
    private func limits() -> IntakeLimits {
        var limits = IntakeLimits()
        limits.surveyTime = .milliseconds(50)
        return limits
    }

    private func page(_ intake: IntakeFixture, documents: Int) throws -> RedactionSurvey.Page {
        let client = RedisClient(
            try RedisURL(intake.redis.url),
            RedisConnection.Options(clientName: "test")
        )
        let reports = RedisRedactionReports(client: client)
        var page = RedactionSurvey.Page()
        let isThere = try Eventually.holds(within: .seconds(10)) {
            page = try reports.page(of: SourceID(literal: "generic"))
            return page.documents >= documents
        }
        guard isThere else { throw TestSupportError("The page has \(page.documents) documents.") }
        return page
    }

    @Test("paths of accepted webhooks come to Redis, and no value does")
    func publishes() async throws {
        try await IntakeFixture.run(limits: limits()) { intake in
            let body = #"""
                {"type":"order.paid","customer":{"nick_name":"Ayşe","notes":[{"text":"call 05321234567"}]},
                 "ayse@example.com":"x","ayse_yilmaz":{"note":"x"},"lucky":7,"gift":true,"position":41.0082}
                """#
            _ = try intake.client.post("/webhooks/generic/shop", body: Array(body.utf8))
            let page = try page(intake, documents: 1)
            let rows = page.rows.map {
                "\($0.key.account) \($0.key.path.kind) \($0.key.path.path)=\($0.value)"
            }
            #expect(
                rows.sorted() == [
                    "shop droppedNumber lucky=1", "shop droppedNumber position=1",
                    "shop droppedText *.note=1",
                    "shop droppedText *=1",
                    "shop droppedText customer.nick_name=1", "shop droppedText customer.notes[].text=1",
                    "shop keptFlag gift=1",
                ]
            )
            let all = try intake.redis.cli("--scan").split(separator: "\n").filter {
                $0.contains("redaction")
            }
            #expect(all.count == 2)
            for key in all where key.contains("redaction:") {
                let text = try intake.redis.cli("GET", String(key))
                for word in ["Ayşe", "ayse", "yilmaz", "0532", "example", "41.0"] {
                    #expect(!text.contains(word))
                }
                #expect((Int(try intake.redis.cli("TTL", String(key))) ?? 0) > 86_000)
            }
        }
    }

    @Test("strangers, whose signature does not verify, put nothing into it")
    func strangers() async throws {
        let secrets = ["GROWTH_GENERIC_SHUT_SECRETS": "hush"]
        try await IntakeFixture.run(secrets, limits: limits()) { intake in
            let answer = try intake.client.post("/webhooks/generic/shut", body: Array(#"{"a":"b"}"#.utf8))
            #expect(answer.status == 401)
            _ = try intake.client.post("/webhooks/generic/open", body: Array(#"{"comment":"d"}"#.utf8))
            let page = try page(intake, documents: 1)
            #expect(page.rows.map(\.key.path.path) == ["comment"])
        }
    }

    @Test("of each route the first 64 webhooks are looked at, then every 512th")
    func sampling() {
        var sampler = SurveySampler()
        var taken = 0
        for _ in 0..<64 where sampler.takes(3) { taken += 1 }
        #expect(taken == 64)
        for _ in 0..<51_200 where sampler.takes(3) { taken += 1 }
        #expect(taken == 164)
        let isFirstOfAnother = sampler.takes(0)
        #expect(isFirstOfAnother)
    }
}
