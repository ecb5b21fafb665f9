import Shared
import TestSupport
import Testing

@Suite struct SignInLimitTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private static func client(_ text: String) throws -> ClientAddress {
        .ip(try #require(IPAddress(text)))
    }

    @Test("Ten wrong guesses come at once, then one every thirty seconds")
    func burst() throws {
        var limit = SignInLimit()
        let client = try Self.client("203.0.113.7")
        for _ in 0..<10 {
            #expect(limit.wait(of: client, at: Self.now) == 0)
            limit.fail(of: client, at: Self.now)
        }
        #expect(limit.wait(of: client, at: Self.now) == 30_000)
        #expect(limit.wait(of: client, at: Self.now.advanced(byMilliseconds: 29_999)) == 1)
        let later = Self.now.advanced(byMilliseconds: 30_000)
        #expect(limit.wait(of: client, at: later) == 0)
        limit.fail(of: client, at: later)
        #expect(limit.wait(of: client, at: later) == 30_000)
        #expect(limit.wait(of: client, at: Self.now.advanced(byMilliseconds: 600_000)) == 0)
        #expect(limit.wait(of: try Self.client("203.0.113.8"), at: Self.now) == 0)
        #expect(limit.wait(of: .unixSocket, at: Self.now) == 0)
    }

    @Test("A /64 of IPv6 is one client")
    func subscriber() throws {
        var limit = SignInLimit()
        for host in 0..<10 {
            limit.fail(of: try Self.client("2001:db8:0:1::\(host)"), at: Self.now)
        }
        #expect(limit.wait(of: try Self.client("2001:db8:0:1::ffff"), at: Self.now) > 0)
        #expect(limit.wait(of: try Self.client("2001:db8:0:2::1"), at: Self.now) == 0)
    }

    @Test("However many clients guess, the table is bounded and nobody guesses more often for it")
    func bounded() throws {
        var random = SeededGenerator(test: "Sign-in limit")
        var limit = SignInLimit()
        var now = Self.now
        for number in 0..<SignInLimit.maxClients {
            limit.fail(
                of: try Self.client("10.\(number / 65536).\(number / 256 % 256).\(number % 256)"),
                at: now
            )
        }
        // The table is full: all others share one place.
        var admitted = 0
        for _ in 0..<2000 {
            let host = Int.random(in: 0..<60_000, using: &random)
            let client = try Self.client("172.16.\(host / 256).\(host % 256)")
            if limit.wait(of: client, at: now) == 0 {
                admitted += 1
                limit.fail(of: client, at: now)
            }
        }
        #expect(admitted == 10)
        now = now.advanced(byMilliseconds: 301_000)
        #expect(limit.wait(of: try Self.client("172.16.0.1"), at: now) == 0)
        limit.fail(of: try Self.client("172.16.0.1"), at: now)
        #expect(limit.wait(of: try Self.client("172.16.0.2"), at: now) == 0)
    }
}
