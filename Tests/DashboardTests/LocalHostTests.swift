import Testing

@testable import growth_dashboard

@Suite("Local host names")
struct LocalHostTests {
    @Test(
        "knows the names of this machine",
        arguments: ["localhost", "localhost:8002", "127.0.0.1:8002", "127.1.2.3", "[::1]:8002", "[::1]"]
    )
    func local(host: String) {
        #expect(LocalHost.isNamed(by: host))
    }

    @Test(
        "refuses every other name, so that no site reaches the page by rebinding its own",
        arguments: [
            "evil.example", "evil.example:8002", "127.0.0.1.evil.example", "localhost.evil.example:80",
        ]
    )
    func foreign(host: String) {
        #expect(!LocalHost.isNamed(by: host))
    }

    @Test("lets programs without the header through")
    func absent() {
        #expect(LocalHost.isNamed(by: nil))
    }
}
