import Foundation
import Shared
import TestSupport
import Testing

/// A secret of its own in every text, long number, key, header, query and field of every fixture, sent in
/// every way in which a delivery may go wrong: none of them is found anywhere once the intake has answered.
@Suite("Canaries", .serialized)
struct CanaryTests {
    /// What was sent and answered.
    private struct Traffic {
        var planter = CanaryPlanter()
        var answers: [String] = []
        var statuses: [Int: Int] = [:]

        /// The answer's status, kept with its text.
        @discardableResult
        mutating func note(_ answer: HTTPClient.Answer) -> Int {
            answers.append(answer.text + "\(answer.headers)")
            statuses[answer.status, default: 0] += 1
            return answer.status
        }
    }

    private static let bodyLimit = 256 << 10

    @Test("nothing planted is in Redis, the database, a file, the logs, the metrics or an answer")
    func nothingLeaks() throws {
        let workerPort = try FreePort.find()
        let system = try Installation(settings: [
            "GROWTH_MAX_BODY_BYTES": "\(Self.bodyLimit)", "GROWTH_WORKER_LISTEN": "127.0.0.1:\(workerPort)",
        ])
        // Compressed, a snapshot would hide what it holds.
        try system.redis.cli("CONFIG", "SET", "rdbcompression", "no")
        try system.startIntake()
        try system.startDashboard()
        var traffic = Traffic()
        try deliver(to: system, &traffic)
        try oversize(to: system, &traffic)
        let canaries = traffic.planter.canaries
        print("canaries: \(canaries.count) planted, answers \(traffic.statuses.sorted { $0.key < $1.key })")
        #expect(canaries.count >= 2_000)
        #expect(traffic.statuses[202, default: 0] > 300 && traffic.statuses[413, default: 0] > 0)
        // Before a worker takes them, all envelopes stand in Redis.
        try search(values(of: system.redis), for: canaries)
        try system.startWorker()
        try system.waitUntilIdle(within: .seconds(120))
        try search(values(of: system.redis), for: canaries)
        #expect(try system.count("SELECT count(*) FROM growth_order") > 20)
        for path in ["/dashboard/kpi", "/dashboard/series", "/dashboard/alerts", "/metrics"] {
            traffic.note(try system.page.get(path))
        }
        traffic.note(try system.front.get("/metrics"))
        traffic.note(try HTTPClient(port: workerPort).get("/metrics"))
        let files = try system.files()
        for ending in [".db", ".aof", ".rdb"] {
            #expect(files.contains { $0.name.hasSuffix(ending) }, "\(ending)")
        }
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        search(files.map { ($0.name, $0.bytes) }, for: canaries)
        search((system.logs + traffic.answers).map { ("log or answer", Data($0.utf8)) }, for: canaries)
    }

    @Test("nothing planted is in the spool while Redis is away, nor anywhere when it is back")
    func nothingIsSpooled() throws {
        let system = try Installation()
        try system.startIntake()
        system.redis.kill()
        var traffic = Traffic()
        try deliver(to: system, &traffic)
        #expect(traffic.planter.canaries.count >= 2_000)
        #expect(traffic.answers.contains { $0.contains("spooled") })
        let folder = system.home.file("spool")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
            (name, FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data())
        }
        #expect(files.contains { $0.1.count > 10_000 })
        search(files, for: traffic.planter.canaries)
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        search(system.logs.map { ("log", Data($0.utf8)) }, for: traffic.planter.canaries)
    }

    @Test("nothing planted is in the quarantine of deliveries whose signature is wrong")
    func nothingIsQuarantined() throws {
        let sources = ["SHOPIFY", "SHOPIER", "STRIPE", "GENERIC_OWN", "MONOLITH"]
        let secrets = sources.map { ("GROWTH_\($0)_SECRETS", "whsec_Z3Jvd3RoZ3Jvd3RoZ3Jvd3RoZ3Jvd3Ro") }
        let system = try Installation(settings: Dictionary(secrets) { first, _ in first })
        try system.redis.cli("CONFIG", "SET", "rdbcompression", "no")
        try system.startIntake()
        var traffic = Traffic()
        try deliver(to: system, &traffic)
        let canaries = traffic.planter.canaries
        #expect(canaries.count >= 2_000 && traffic.statuses[401, default: 0] > 300)
        let values = try values(of: system.redis)
        #expect(values.contains { $0.0.hasSuffix(":quarantine") && $0.1.count > 10_000 })
        search(values, for: canaries)
        search(try system.files().map { ($0.name, $0.bytes) }, for: canaries)
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        search((system.logs + traffic.answers).map { ("log or answer", Data($0.utf8)) }, for: canaries)
    }

    @Test("a crash of the intake or the worker would write none of their memory to a disk")
    func coreDumps() throws {
        let system = try Installation()
        try system.startIntake()
        let worker = try system.startWorker()
        let processes = [try #require(system.intake), worker]
        for process in processes {
            let folder = "/proc/\(process.identifier)"
            #expect(
                Eventually.holds(within: .seconds(10)) {
                    let limits = (try? String(contentsOfFile: "\(folder)/limits", encoding: .utf8)) ?? ""
                    let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
                    // A program that takes dumps through a pipe does not ask for the limit, but for the
                    // filter.
                    let filter = try? String(contentsOfFile: "\(folder)/coredump_filter", encoding: .utf8)
                    return core?.split(separator: " ").filter { $0 == "0" }.count == 2
                        && filter == "00000000\n"
                }
            )
        }
        let isAnswering = Eventually.holds(within: .seconds(10)) {
            worker.errors.contains("Health checks are answered")
        }
        #expect(isAnswering)
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
    }

    // MARK: Sending

    /// Sends every fixture with canaries in it, whole, broken, compressed, and with canaries in its headers.
    private func deliver(to system: Installation, _ traffic: inout Traffic) throws {
        for depth in [CanaryPlanter.Depth.unlisted, .everything] {
            var planter = traffic.planter
            let deliveries = try OwnFixtures.deliveries { path, headers, bytes in
                guard let document = try? JSONDocument(bytes), let match = ProviderCatalog.route(for: path)
                else { return bytes }
                let policy = bytes.withUnsafeBytes { body in
                    let request = WebhookRequest(
                        variant: match.route.variant,
                        pathSource: match.pathSource,
                        headers: FixtureHeaders(headers),
                        body: body,
                        receivedAt: Timestamp(milliseconds: 0)
                    )
                    return match.receiver.policy(for: request)
                }
                return planter.plant(into: document.root, policy: policy, depth)
            }
            traffic.planter = planter
            for delivery in deliveries {
                try send(delivery, depth, to: system.front, &traffic)
            }
        }
    }

    private func send(
        _ delivery: (name: String, path: String, headers: [String: String], body: [UInt8]),
        _ depth: CanaryPlanter.Depth,
        to front: HTTPClient,
        _ traffic: inout Traffic
    ) throws {
        var headers = delivery.headers
        for name in ["authorization", "cookie", "user-agent", "referer", "x-forwarded-host"] {
            headers[name] = traffic.planter.word()
        }
        let path =
            "\(delivery.path)?token=\(traffic.planter.word())&email=\(traffic.planter.word())%40example.com"
        var body = delivery.body
        let isForm = headers["content-type"]?.contains("form") ?? false
        if isForm {
            body += Array("&note=\(traffic.planter.word())&\(traffic.planter.word())=1".utf8)
            body += Array("&mail=\(traffic.planter.word())%40example.com".utf8)
        }
        traffic.note(try front.post(path, headers: headers, body: body))
        if depth == .everything { return }
        traffic.note(try front.post(path, headers: headers, body: [0x7B] + body))
        traffic.note(try front.post(path, headers: headers, body: Array(body.dropLast(9))))
        var compressed = headers
        compressed["content-encoding"] = "gzip"
        let gzip = StoredGzip.bytes(of: body)
        // Without support for it, 415; either way nothing stays.
        #expect(
            [202, 200, 401, 415].contains(traffic.note(try front.post(path, headers: compressed, body: gzip)))
        )
        traffic.note(try front.post(path, headers: compressed, body: Array(gzip.dropLast(30))))
        var personal = headers
        for name in [
            "x-shopify-topic", "x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-shop-domain",
            "x-shopify-triggered-at", "shopier-event", "shopier-account-id", "shopier-webhook-id",
            "shopier-timestamp", "idempotency-key", "webhook-id", "webhook-timestamp", "ce-id", "ce-source",
            "ce-type", "x-wc-webhook-topic", "x-wc-webhook-delivery-id", "x-shopify-hmac-sha256",
            "x-growth-signature", "stripe-signature", "traceparent", "x-request-id",
        ] {
            personal[name] = traffic.planter.personal()
        }
        traffic.note(try front.post(path, headers: personal, body: body))
    }

    /// Sends bodies above the limit, with and without their length.
    private func oversize(to system: Installation, _ traffic: inout Traffic) throws {
        for path in ["/webhooks/shopify", "/webhooks/generic/own", "/webhooks/shopier/osb"] {
            let filling = String(repeating: " ", count: Self.bodyLimit)
            let body =
                "{\"a\":\"\(traffic.planter.word())\",\(filling)\"b\":\"\(traffic.planter.personal())\"}"
            let headers = ["content-type": "application/json", "cookie": traffic.planter.word()]
            #expect(
                traffic.note(try system.front.post(path, headers: headers, body: Array(body.utf8))) == 413
            )
        }
    }

    // MARK: Searching

    /// Every value in Redis, by its key.
    private func values(of redis: RedisServer) throws -> [(String, Data)] {
        try redis.cli("KEYS", "*").split(separator: "\n").map { key in
            let key = String(key)
            let text: String
            switch try redis.cli("TYPE", key) {
            case "list": text = try redis.cli("LRANGE", key, "0", "-1")
            case "set": text = try redis.cli("SMEMBERS", key)
            case "zset": text = try redis.cli("ZRANGE", key, "0", "-1")
            case "hash": text = try redis.cli("HGETALL", key)
            default: text = try redis.cli("GET", key)
            }
            return (key, Data((key + "\n" + text).utf8))
        }
    }

    /// Records an issue for everything that holds a canary.
    private func search(_ haystacks: [(String, Data)], for canaries: CanarySet) {
        for (name, bytes) in haystacks {
            let hits = canaries.found(in: bytes)
            guard let first = hits.first, let place = bytes.range(of: Data(first.utf8)) else {
                #expect(hits.isEmpty, "\(name) holds \(hits.first ?? "")")
                continue
            }
            let around = bytes[
                max(bytes.startIndex, place.lowerBound - 60)..<min(bytes.endIndex, place.upperBound + 20)
            ]
            Issue.record("\(name) holds \(hits.count) canaries: \(String(decoding: around, as: UTF8.self))")
        }
    }
}

/// The search itself: what it would miss would never be missed.
@Suite("Canary search")
struct CanarySetTests {
    @Test("finds a secret of every sort in the clear, in base64 at any alignment, and no other's")
    func finds() {
        var canaries = CanarySet()
        let secrets = (0..<10).map { _ in canaries.personal() } + [canaries.word(), canaries.number()]
        for secret in secrets {
            for before in ["", "x", "xy", "xyz"] {
                let text = Data("\(before)\(secret) and more".utf8)
                #expect(canaries.found(in: text).count == 1, "\(secret)")
                #expect(!canaries.found(in: Data(text.base64EncodedString().utf8)).isEmpty, "\(secret)")
            }
        }
        let others = "zqcanary999999 +905557749999 4555774190999990 10.77.249.255 7741900000559999990"
        #expect(canaries.found(in: Data(others.utf8)).isEmpty)
    }
}
