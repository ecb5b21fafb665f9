import Crypto
import Foundation
import Shared
import TestSupport
import Testing

/// `deploy/nginx.conf` in front of the programs as built.
@Suite("Behind nginx", .serialized)
struct NginxTests {
    private let path = "/growth/webhooks/generic/a"
    private let system: Installation
    private let nginx: NginxServer

    init() throws {
        system = try Installation(settings: [
            "GROWTH_BASE_PATH": "/growth", "GROWTH_ALLOW_UNSIGNED": "never",
            "GROWTH_GENERIC_A_SECRETS": "hush",
            "GROWTH_DASHBOARD_TOKEN": "let-me-in", "GROWTH_TRUSTED_PROXIES": "127.0.0.1",
        ])
        try system.startIntake()
        nginx = try NginxServer(in: system)
    }

    private func event(_ id: Int, padding: Int = 0) -> [UInt8] {
        Array(
            #"{"type":"heartbeat","id":"evt_\#(id)","pad":"\#(String(repeating: "x", count: padding))"}"#.utf8
        )
    }

    private func signature(_ body: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array("hush".utf8)))
        let digits = code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "x-growth-signature: sha256=\(digits)"
    }

    private func envelopes() throws -> [Envelope] {
        try system.redis.cli("LRANGE", "growth:{generic}:queue", "0", "-1")
            .split(separator: "\n").map { try Envelope(decoding: Array($0.utf8)) }
    }

    private func metric(_ line: String) throws -> Bool {
        try system.front.get("/growth/metrics").text.split(separator: "\n").contains { $0 == line }
    }

    @Test("a signed webhook by TLS is accepted, one connection for many, on both sides")
    func webhooks() throws {
        let body = event(1)
        let file = try nginx.file("body", body)
        let lines = try nginx.curl(
            Array(repeating: path, count: 6),
            format: "%{http_code} %{num_connects}",
            "-H",
            signature(body),
            "--data-binary",
            "@\(file)"
        )
        #expect(lines == ["202 1"] + Array(repeating: "202 0", count: 5))
        let found = try envelopes()
        #expect(found.count == 6)
        #expect(found.allSatisfy { $0.signature == .verified && $0.provenance.eventID == "evt_1" })
        // nginx keeps one to the intake; the other one asks for the metrics.
        #expect(try metric("growth_intake_connections 2"))
        let wrong = try nginx.curl([path], "-H", signature(event(2)), "--data-binary", "@\(file)")
        #expect(wrong == ["401"])
    }

    @Test("large, chunked and compressed bodies pass up to the limit, and 413 beyond it")
    func bodies() throws {
        func post(_ body: [UInt8], signed: [UInt8]? = nil, _ header: String = "x-a: b") throws -> [String] {
            let file = try nginx.file("body", body)
            // curl asks with Expect: 100-continue from 1 MiB on.
            return try nginx.curl(
                [path],
                "-H",
                signature(signed ?? body),
                "-H",
                header,
                "--data-binary",
                "@\(file)"
            )
        }
        let largest = event(1, padding: (2 << 20) - event(1).count)
        #expect(try post(largest) == ["202"])
        #expect(try post(largest, "transfer-encoding: chunked") == ["202"])
        #expect(try post(largest + [0x20]) == ["413"])
        let packed = try ProcessRunner.run(
            "sh",
            ["-c", "gzip -c \"$BODY\" > \"$BODY.gz\" && rm \"$BODY\""],
            environment: ["BODY": try nginx.file("small", event(3, padding: 100))]
        )
        #expect(packed.isSuccess)
        let sent = try nginx.curl(
            [path],
            "-H",
            signature(event(3, padding: 100)),
            "-H",
            "content-encoding: gzip",
            "--data-binary",
            "@\(nginx.path("small.gz"))"
        )
        #expect(sent == ["202"])
        #expect(try envelopes().map(\.byteCount) == [2 << 20, 2 << 20, event(3, padding: 100).count])
    }

    @Test("the page is below the path, the machine's figures are not, and nothing else is there")
    func page() throws {
        try system.startDashboard()
        #expect(try nginx.curl(["/growth/dashboard/kpi"], "-H", "authorization: Bearer let-me-in") == ["200"])
        #expect(try nginx.curl(["/growth/dashboard/kpi"]) == ["401"])
        #expect(
            try nginx.curl(["/growth"], format: "%{http_code} %{redirect_url}") == [
                "308 https://shop.example:\(nginx.port)/growth/"
            ]
        )
        let hidden = [
            "/", "/webhooks/generic/a", "/growth/metrics", "/growth/readyz", "/growth/healthz", "/metrics",
        ]
        #expect(try nginx.curl(hidden) == hidden.map { _ in "404" })
    }

    @Test("the log holds neither addresses nor query strings")
    func log() throws {
        #expect(try nginx.curl([path + "?token=canary"], "-H", "x-a: b", "--data-binary", "{}") == ["401"])
        let log = nginx.accessLog
        #expect(log.contains(" 127.0.0.0 POST /growth/webhooks/generic/a 401 "), "\(log)")
        #expect(!log.contains("canary") && !log.contains("127.0.0.1 "))
    }

    @Test("what a client says about where it comes from counts for nothing, through nginx or past it")
    func forwarded() throws {
        func flood(_ count: Int, claims: String, past source: String? = nil) throws {
            let options = ["-H", "x-growth-signature: sha256=00", "-H", "x-forwarded-for: \(claims)"]
            let file = try nginx.file("body", event(1))
            if let source {
                let url = "http://127.0.0.1:\(system.intakePort)\(path)"
                let urls = (0..<count).flatMap { _ in [url, "-o", "/dev/null"] }
                let result = try ProcessRunner.run(
                    "curl",
                    ["-sS", "--noproxy", "*", "--interface", source, "--data-binary", "@\(file)"] + options
                        + urls
                )
                #expect(result.isSuccess, "\(result.errors)")
            } else {
                let lines = try nginx.curl(
                    Array(repeating: path, count: count),
                    options[0],
                    options[1],
                    options[2],
                    options[3],
                    "--data-binary",
                    "@\(file)"
                )
                #expect(lines == Array(repeating: "401", count: count))
            }
        }
        func count(_ outcome: String) throws -> Int {
            let lines = try system.front.get("/growth/metrics").text.split(separator: "\n").filter {
                $0.hasPrefix("growth_intake_requests_total{") && $0.contains("outcome=\"\(outcome)\"")
            }
            return lines.reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Int($0) } ?? 0) }
        }
        try flood(150, claims: "192.0.2.1")
        try flood(150, claims: "192.0.2.2")
        #expect(try count("unverified") == 250)
        #expect(try count("unkept") == 50)
        // Not from the proxy's address, so the claims are ignored here too.
        try flood(150, claims: "192.0.2.3", past: "127.0.0.9")
        try flood(150, claims: "192.0.2.4", past: "127.0.0.9")
        #expect(try count("unverified") == 500)
        #expect(try count("unkept") == 100)
    }

    @Test("a sender's traceparent comes through to the envelope, a broken one and tracestate do not")
    func traceparent() throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let file = try nginx.file("body", event(1))
        for header in ["traceparent: \(trace)", "traceparent: 00-first@example.com-01", "x-a: b"] {
            let lines = try nginx.curl(
                [path],
                "-H",
                signature(event(1)),
                "-H",
                header,
                "-H",
                "tracestate: vendor=canary",
                "--data-binary",
                "@\(file)"
            )
            #expect(lines == ["202"])
        }
        #expect(try envelopes().map { $0.traceParent?.text } == [trace, nil, nil])
        let all = try system.redis.cli("LRANGE", "growth:{generic}:queue", "0", "-1")
        #expect(!all.contains("canary") && !all.contains("example.com"))
    }
}
