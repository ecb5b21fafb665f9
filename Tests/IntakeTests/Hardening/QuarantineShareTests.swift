import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("The quarantine under a flood") struct QuarantineShareTests {
    private let hour: Int64 = 3_600_000

    private func ip(_ text: String) throws -> ClientAddress {
        .ip(try #require(IPAddress(text)))
    }

    @Test("one sender gets its share an hour, and takes none from the others")
    func share() throws {
        let share = QuarantineShare(trusted: .none)
        func takes(_ client: ClientAddress, at time: Int64) -> Bool {
            share.takes(from: client, xForwardedFor: [], forwarded: [], at: Timestamp(milliseconds: time))
        }
        let flood = try ip("192.0.2.1")
        #expect((0..<100_000).count { _ in takes(flood, at: hour) } == Int(QuarantineShare.perHour))
        #expect(takes(try ip("192.0.2.2"), at: hour))
        #expect(takes(.unixSocket, at: hour))
        #expect(!takes(flood, at: 2 * hour - 1))
        #expect(takes(flood, at: 2 * hour))
        // A clock that was set back begins anew too.
        #expect(takes(flood, at: 0))
    }

    @Test("addresses of one IPv6 subscriber are one sender")
    func subscriber() throws {
        let share = QuarantineShare(trusted: .none)
        let kept = try (0..<1000).count { number in
            share.takes(
                from: try ip("2001:db8::\(String(number, radix: 16))"),
                xForwardedFor: [],
                forwarded: [],
                at: Timestamp(milliseconds: 0)
            )
        }
        #expect(kept == Int(QuarantineShare.perHour))
    }

    @Test("many senders are never kept beyond their shares, and few of them less")
    func many() throws {
        let share = QuarantineShare(trusted: .none)
        var kept = 0
        for number in 0..<300 {
            let client = try ip("10.1.\(number / 200).\(number % 200)")
            kept += (0..<300).count { _ in
                share.takes(from: client, xForwardedFor: [], forwarded: [], at: Timestamp(milliseconds: 0))
            }
        }
        #expect(kept <= 300 * Int(QuarantineShare.perHour))
        #expect(kept >= 290 * Int(QuarantineShare.perHour))
    }

    /// Posts webhooks with a wrong signature in the name of `client`, over one connection.
    private func flood(_ intake: IntakeFixture, _ count: Int, client: String) throws {
        let connection = try intake.connect()
        let request = Request.post(headers: ["x-forwarded-for: \(client)"])
        for _ in 0..<(count / 25) {
            try connection.send(String(repeating: request, count: 25))
            for _ in 0..<25 { #expect(try connection.nextAnswer().status == 401) }
        }
    }

    private func waitForQuarantine(_ intake: IntakeFixture, of count: Int) throws {
        let isThere = try Eventually.holds(within: .seconds(10)) {
            try intake.depth(list: "quarantine") >= count
        }
        #expect(isThere)
        #expect(try intake.depth(list: "quarantine") == count)
    }

    @Test("a trusted proxy says who the sender is; all are answered 401, kept or not")
    func trusted() async throws {
        let environment = ["GROWTH_GENERIC_A_SECRETS": "hush", "GROWTH_TRUSTED_PROXIES": "127.0.0.0/8"]
        try await IntakeFixture.run(environment) { intake in
            try flood(intake, 400, client: "192.0.2.1")
            try waitForQuarantine(intake, of: 250)
            #expect(
                try intake.metric(#"growth_intake_requests_total{source="generic",outcome="unverified"} 250"#)
            )
            #expect(
                try intake.metric(#"growth_intake_requests_total{source="generic",outcome="unkept"} 150"#)
            )
            try flood(intake, 25, client: "192.0.2.2")
            // What the client itself claims to have come through counts for nothing.
            try flood(intake, 25, client: "198.51.100.1, 192.0.2.1")
            try waitForQuarantine(intake, of: 275)
            #expect(
                try !intake.redis.cli("LRANGE", "growth:{generic}:quarantine", "0", "-1").contains("192.0.2")
            )
        }
    }

    @Test("X-Forwarded-For of a stranger is ignored")
    func untrusted() async throws {
        let environment = ["GROWTH_GENERIC_A_SECRETS": "hush", "GROWTH_TRUSTED_PROXIES": "10.0.0.0/8,unix:"]
        try await IntakeFixture.run(environment) { intake in
            for number in 0..<12 { try flood(intake, 25, client: "192.0.2.\(number)") }
            try waitForQuarantine(intake, of: 250)
        }
    }
}
