import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import growth_dashboard

/// What a request says of the host that it is for; RFC 9112 section 3.2.
@Suite("The Host of a request")
struct HostTests {
    /// Sends a head to a dashboard that listens, and returns what it answers.
    private func answer(
        _ path: String,
        version: String = "1.1",
        hosts: [String]
    ) async throws -> HTTPClient.Answer {
        let lines = ["GET \(path) HTTP/\(version)"] + hosts.map { "Host: \($0)" } + ["Connection: close"]
        let head = lines.map { $0 + "\r\n" }.joined() + "\r\n"
        return try await DashboardUnderTest().application().test(.live) { client in
            let port = try #require(client.port)
            return try await OffPool.run {
                let connection = try RawConnection(port: port)
                try connection.send(head)
                return try connection.nextAnswer()
            }
        }
    }

    @Test("one is answered, in HTTP/1.0 none as well", arguments: ["/dashboard/kpi", "/healthz"])
    func one(path: String) async throws {
        #expect(try await answer(path, hosts: ["localhost"]).status == 200)
        #expect(try await answer(path, hosts: [""]).status == 200)
        #expect(try await answer(path, version: "1.0", hosts: ["localhost"]).status == 200)
        #expect(try await answer(path, version: "1.0", hosts: []).status == 200)
    }

    @Test(
        "more than one, and none in HTTP/1.1, is refused on every route",
        arguments: ["/dashboard/kpi", "/healthz", "/", "/nowhere"]
    )
    func severalOrNone(path: String) async throws {
        let heads: [(version: String, hosts: [String])] = [
            ("1.1", ["localhost", "evil.example"]), ("1.1", ["evil.example", "localhost"]),
            ("1.1", ["localhost", "localhost"]), ("1.1", ["", "localhost"]), ("1.1", []),
            ("1.0", ["localhost", "evil.example"]),
        ]
        for (version, hosts) in heads {
            let answer = try await answer(path, version: version, hosts: hosts)
            #expect(answer.status == 400, "\(version) \(hosts)")
            #expect(answer.headers["content-type"] == "application/problem+json", "\(version) \(hosts)")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
    }
}
