import Foundation
import Shared
import SharedStore
import TestSupport
import Testing

@testable import growthctl

@Suite("growthctl alerts")
struct AlertCommandTests {
    private let home: TemporaryDirectory
    private let store: SQLiteStore
    private let epoch: Int64

    init() throws {
        home = try TemporaryDirectory()
        store = try SQLiteStore(.of(home), at: EnvelopeFixture.receivedAt)
        epoch = try #require(
            try store.acquireLease(holder: "test", milliseconds: 1000, at: EnvelopeFixture.receivedAt)
        )
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try Console.run("growthctl", ["alerts"] + arguments, ["GROWTH_HOME": home.path, "SUDO_USER": "ops"])
    }

    private func json(_ arguments: String...) throws -> JSONValue {
        let environment = ["GROWTH_HOME": home.path, "SUDO_USER": "ops"]
        let result = try Console.run("growthctl", ["alerts"] + arguments + ["--json"], environment)
        return try JSONDocument(Array(result.output.utf8)).root
    }

    @Test("test sends one signed message and shows the answer; without a webhook it says what to set")
    func testMessage() throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let none = try run("test")
        #expect(none.exit == .code(1) && none.errors.contains("GROWTH_ALERT_WEBHOOK_URL"), "\(none.errors)")
        func test(_ port: Int) throws -> ProcessRunner.Result {
            try Console.run(
                "growthctl",
                ["alerts", "test", "--json"],
                [
                    "GROWTH_HOME": home.path, "GROWTH_ALERT_WEBHOOK_SECRET": secret,
                    "GROWTH_ALERT_WEBHOOK_URL": "http://127.0.0.1:\(port)/hook?token=t",
                ]
            )
        }
        let end = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        let server = try OneAnswer("HTTP/1.1 204 No Content" + end)
        let sent = try test(server.port)
        #expect(sent.isSuccess && sent.output == #"{"arrived":true,"answer":"status 204"}"# + "\n")
        let parts = server.request().components(separatedBy: "\r\n\r\n")
        let body = try #require(parts.last)
        #expect(try JSONDocument(Array(body.utf8)).root["type"].string == "alert.test")
        let lines = (parts.first ?? "").split(whereSeparator: \.isNewline)
        func field(_ name: String) -> String {
            lines.first { $0.lowercased().hasPrefix("\(name): ") }.map {
                String($0.dropFirst(name.count + 2))
            }
                ?? ""
        }
        let seconds = try #require(Int64(field("webhook-timestamp")))
        let headers = try AlertWebhook(url: "http://127.0.0.1/", secret: secret).headers(
            id: field("webhook-id"),
            body: Array(body.utf8),
            at: Timestamp(milliseconds: seconds * 1000)
        )
        #expect(headers.last?.value == field("webhook-signature"))
        let refusing = try test(OneAnswer("HTTP/1.1 404 Not Found" + end).port)
        #expect(refusing.exit == .code(1) && refusing.output.contains("status 404"), "\(refusing.output)")
        let nobody = try test(FreePort.find())
        #expect(nobody.exit == .code(1) && nobody.output.contains("no connection"), "\(nobody.output)")
        #expect(!(sent.output + refusing.output + nobody.errors).contains("token"))
    }

    /// Opens an alert and returns its id.
    private func fire() throws -> Int64 {
        let alert = Alert(
            id: 0,
            rule: .noSignal,
            scope: "generic",
            fingerprint: "NO_SIGNAL|generic|x",
            severity: .warning,
            state: .firing,
            activeSince: EnvelopeFixture.receivedAt,
            firedAt: EnvelopeFixture.receivedAt,
            detail: AlertDetail(lastReceivedAt: EnvelopeFixture.receivedAt)
        )
        #expect(try store.apply([.open(alert)], epoch: epoch, at: EnvelopeFixture.receivedAt))
        return try #require(try json("list").elements.first?["id"].int64)
    }

    @Test("list says what an alert is about: a sentence for people, the dashboard's fields for programs")
    func about() throws {
        let at = EnvelopeFixture.receivedAt
        func open(_ rule: Alert.Rule, _ scope: String, _ detail: AlertDetail) throws {
            let alert = Alert(
                id: 0,
                rule: rule,
                scope: scope,
                fingerprint: "\(rule.rawValue)|\(scope)|x",
                severity: .warning,
                state: .firing,
                activeSince: at,
                firedAt: at,
                detail: detail
            )
            #expect(try store.apply([.open(alert)], epoch: epoch, at: at))
        }
        let day = try #require(BusinessDate("2026-11-22"))
        try open(.noSignal, "generic", AlertDetail(lastReceivedAt: at))
        try open(
            .revenueDip,
            "*",
            AlertDetail(date: day, previousMinor: 12_000, currentMinor: 8_000, thresholdPercent: 20)
        )
        try open(.payoutUnmatched, "generic", AlertDetail(payouts: 3, discrepancies: 1, oldestSeenAt: at))
        let text = try run("list").output
        #expect(text.contains("2026-11-22 was 80.00 TRY, after 120.00 TRY the day before, a drop of 33.3 %."))
        #expect(text.contains("Nothing came from generic since \(at)."))
        #expect(text.contains("3 payouts of generic are not explained"))
        let rows = try json("list").elements
        let dip = try #require(rows.first { $0["rule"].string == "REVENUE_DIP" })
        #expect(dip["date"].string == "2026-11-22" && dip["currency"].string == "TRY")
        #expect(dip["prev"].string == "120.00" && dip["cur"].string == "80.00")
        #expect(dip["drop_pct"].string == "33.3" && dip["payouts"].int64 == nil)
        let silence = rows.first { $0["rule"].string == "NO_SIGNAL" }
        #expect(silence?["last_received_at"].string == "\(at)" && silence?["scope"].string == "generic")
        let payout = rows.first { $0["rule"].string == "PAYOUT_UNMATCHED" }
        #expect(payout?["payouts"].int64 == 3 && payout?["discrepancies"].int64 == 1)
        #expect(payout?["oldest_seen_at"].string == "\(at)")
    }

    private func resolve(_ id: Int64) throws {
        let resolve = WatchdogAction.resolve(id: id, reason: "SIGNAL")
        #expect(try store.apply([resolve], epoch: epoch, at: EnvelopeFixture.receivedAt))
    }

    @Test("list shows open alerts, and resolved ones when asked")
    func list() throws {
        #expect(try run("list", "--json").output == "[]\n")
        let id = try fire()
        let row = try #require(try json("list").elements.first)
        #expect(row["rule"].string == "NO_SIGNAL" && row["scope"].string == "generic")
        try resolve(id)
        #expect(try run("list").output.split(separator: "\n").count == 1)
        #expect(try run("list", "--all").output.contains("RESOLVED"))
    }

    @Test("ack notes who saw an alert, once; snooze silences it for some hours or until a time")
    func change() throws {
        let id = String(try fire())
        let person = "ops@\(ProcessInfo.processInfo.hostName)".prefix { $0 != "." }
        let acknowledged = try json("ack", id)
        #expect(acknowledged["acknowledged_by"].string?.hasPrefix(person) == true)
        #expect(acknowledged["acknowledged_at"].string != nil && acknowledged["state"].string == "FIRING")
        #expect(try run("ack", id).output.hasPrefix("Alert \(id) is acknowledged by ops@"))
        let end = try #require(
            try json("snooze", id, "--hours", "2")["snoozed_until"].string.flatMap { Timestamp(rfc3339: $0) }
        )
        #expect(abs(end.milliseconds - SystemTime.now.milliseconds - 7_200_000) < 60_000)
        let later = SystemTime.now.advanced(byMilliseconds: 86_400_000).description
        #expect(try run("snooze", id, "--until", later).output == "Alert \(id) is silent until \(later).\n")
        let row = try #require(try json("list").elements.first)
        #expect(row["acknowledged_by"].string?.hasPrefix("ops@") == true)
        #expect(row["snoozed_until"].string == later)
    }

    @Test("ack and snooze refuse what is not there, resolved, in the past or too far away")
    func refusals() throws {
        let id = try fire()
        for arguments in [
            ["snooze", "\(id)"], ["snooze", "\(id)", "--hours", "0"], ["snooze", "\(id)", "--hours", "721"],
            ["snooze", "\(id)", "--hours", "1", "--until", "2099-01-01"],
            ["snooze", "\(id)", "--until", "2020-01-01"], ["snooze", "\(id)", "--until", "2099-01-01"],
            ["snooze", "\(id)", "--until", "tomorrow"],
        ] {
            let result = try Console.run("growthctl", ["alerts"] + arguments, ["GROWTH_HOME": home.path])
            #expect(result.exit == .code(64), "\(arguments): \(result.errors)")
        }
        try resolve(id)
        for number in ["\(id)", "4711"] {
            for arguments in [["ack", number], ["snooze", number, "--hours", "1"]] {
                let result = try Console.run(
                    "growthctl",
                    ["alerts"] + arguments + ["--json"],
                    ["GROWTH_HOME": home.path]
                )
                #expect(result.exit == .code(1) && result.output.isEmpty)
                #expect(result.errors.contains(number == "4711" ? "no alert 4711" : "is resolved"))
            }
        }
    }

    @Test("an operator is user@host: who came by sudo, else the account")
    func person() {
        #expect(Operator.name(environment: [:], account: "growth", host: "h") == "growth@h")
        #expect(Operator.name(environment: ["SUDO_USER": ""], account: "root", host: "h") == "root@h")
        #expect(Operator.name(environment: ["SUDO_USER": "ops"], account: "root", host: "h") == "ops@h")
    }
}
