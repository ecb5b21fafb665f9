import Foundation
import Shared
import SharedRedis
import SharedStore
import TestSupport
import Testing

@Suite("growthctl erase, privacy, replay, export and backup")
struct CareCommandTests {
    private static let email = "ayse.yilmaz@example.com"

    private func generate(_ console: Console) throws -> PseudonymKeyRing {
        #expect(try console.run("key", "generate").isSuccess)
        let text = try String(contentsOfFile: console.home.file("pii.key"), encoding: .utf8)
        return try PseudonymKeyRing(text: text)
    }

    /// An order as the intake makes it, whose customer has a pseudonym under the console's key.
    private func order(_ number: Int, customer: String) throws -> [UInt8] {
        let text = String(decoding: try Jobs.order(number), as: UTF8.self)
        let named = text.replacing(#""customer":null"#, with: #""customer":"\#(customer)""#)
            .replacing(#""order":{"id""#, with: #""customer":{"email":"\#(customer)"},"order":{"id""#)
        #expect(named.contains(#""customer":"\#(customer)""#))
        return Array(named.utf8)
    }

    private func pseudonym(_ ring: PseudonymKeyRing, _ email: String) throws -> String {
        let found = ring.pseudonyms(
            of: email,
            identity: .email,
            source: SourceID(literal: "generic"),
            account: ""
        )
        return try #require(found.first)
    }

    private func list(_ console: Console, _ key: String) throws -> String {
        let client = RedisClient(try RedisURL(console.redis.url), .init(clientName: "test"))
        let type = try client.send(RedisCommand("TYPE", key)).text
        let command =
            type == "zset" ? RedisCommand("ZRANGE", key, "0", "-1") : RedisCommand("LRANGE", key, "0", "-1")
        return (try client.send(command).elements ?? []).compactMap(\.text).joined(separator: "\n")
    }

    @Test("erases a customer in the database and on every list of Redis; the jobs stay and count")
    func erase() throws {
        let console = try Console()
        let ring = try generate(console)
        let (ayse, veli) = (try pseudonym(ring, Self.email), try pseudonym(ring, "veli@example.com"))
        try console.push(
            [try order(1, customer: ayse), try order(2, customer: veli)],
            to: "growth:{generic}:queue"
        )
        try console.work()
        let waiting = try order(3, customer: ayse)
        let letter = DeadLetter(
            job: try order(4, customer: ayse),
            reason: .unmappedShape("x"),
            worker: "w",
            at: EnvelopeFixture.receivedAt
        )
        try console.push([waiting], to: "growth:{generic}:queue")
        try console.push([letter.encoded()], to: "growth:{generic}:dead")
        try console.push([try order(5, customer: ayse)], to: "growth:{generic}:quarantine")
        let client = RedisClient(try RedisURL(console.redis.url), .init(clientName: "test"))
        var retry = RedisCommand("ZADD", "growth:{generic}:retry", "99")
        retry.append([try order(6, customer: ayse)])
        _ = try client.send(retry)
        func erase(_ arguments: String...) throws -> JSONValue {
            let result = try ProcessRunner.run(
                "/bin/sh",
                [
                    "-c",
                    "echo ' Ayse.Yilmaz@EXAMPLE.com ' | \"$0\" erase --email - --json \(arguments.joined())",
                    BuiltPrograms.path("growthctl"),
                ],
                environment: console.environment.mapValues { $0 },
                limit: .seconds(30)
            )
            #expect(result.isSuccess, "\(result.errors)")
            #expect(!(result.output + result.errors).contains(ayse))
            return try JSONDocument(Array(result.output.utf8)).root
        }
        let dry = try erase("--dry-run")
        #expect(dry["orders"].int64 == 1 && dry["deliveries"].int64 == 1 && dry["waiting"].int64 == 2)
        #expect(try list(console, "growth:{generic}:queue").contains(ayse))
        let done = try erase()
        #expect(done["orders"].int64 == 1 && done["deliveries"].int64 == 1 && done["waiting"].int64 == 2)
        #expect(done["dead"].int64 == 1 && done["quarantined"].int64 == 1)
        for name in ["queue", "retry", "dead", "quarantine"] {
            let text = try list(console, "growth:{generic}:\(name)")
            #expect(!text.isEmpty && !text.contains(ayse), "\(name)")
        }
        #expect(
            try client.send(
                RedisCommand("ZSCORE", "growth:{generic}:retry", try list(console, "growth:{generic}:retry"))
            ).text == "99"
        )
        // What waits is still an envelope, and its money counts.
        #expect(try console.run("dead", "retry", "generic", "--all").isSuccess)
        #expect(try console.run("retry", "now", "generic", "--all").isSuccess)
        try console.work()
        let orders = try console.json("export", "orders", "--with-customer-hash")
        #expect(orders.elements.count == 5)
        #expect(orders.elements.compactMap { $0["customer_hash"].string } == [veli])
        // Late news of the customer bring nothing back.
        try console.push([try order(7, customer: ayse)], to: "growth:{generic}:queue")
        try console.work()
        let after = try console.json("export", "orders", "--with-customer-hash")
        #expect(after.elements.count == 6)
        #expect(after.elements.compactMap { $0["customer_hash"].string } == [veli])
        #expect(try console.run("verify").isSuccess)
        #expect(try console.run("erase").exit == .code(64))
        for wrong in [["--customer", "nothing"], ["--email", "nothing"], ["--email", "a@"]] {
            let result = try Console.run("growthctl", ["erase"] + wrong, console.environment)
            #expect(result.exit == .code(64) && !result.errors.contains("nothing"), "\(result.errors)")
        }
    }

    @Test("an erasure looks where its customer can be, and ends with 69 for a broken key there alone")
    func brokenKeys() throws {
        let console = try Console()
        let ring = try generate(console)
        #expect(try console.run("migrate").isSuccess)
        let generic = SourceID(literal: "generic")
        let ids = ring.pseudonyms(of: "7", identity: .customerID, source: generic, account: "shop")
        let customer = try #require(ids.first)
        try console.push([try order(1, customer: customer)], to: "growth:{generic}:queue")
        let broken = "growth:{shopify}:dead"
        try console.redis.cli("SET", broken, "text")
        // A customer's id means nobody in another source, so that no job there bears its pseudonym.
        let dry = try console.run("erase", "--customer", "generic:shop:7", "--dry-run", "--json")
        #expect(dry.isSuccess && dry.output.contains(#""waiting":1"#), "\(dry)")
        let done = try console.run("erase", "--customer", "generic:shop:7", "--json")
        #expect(done.isSuccess && done.output.contains(#""waiting":1"#), "\(done)")
        #expect(try !list(console, "growth:{generic}:queue").contains(customer))
        // An address may be in any, whatever else is named.
        for options in [
            ["--customer", "generic:7", "--email", Self.email], ["--phone", "+905321234567"],
            ["--customer", "generic:7", "--customer", "shopify:7"],
        ] {
            let result = try Console.run("growthctl", ["erase"] + options, console.environment)
            #expect(result.exit == .code(69) && result.errors.contains(broken), "\(options): \(result)")
        }
        // What names nobody looks nowhere.
        let nobody = try console.run("erase", "--customer", "generic:shop:7", "--phone", " ")
        #expect(nobody.isSuccess, "\(nobody)")
    }

    @Test("a provider's request to erase reaches the jobs that wait and those set aside")
    func redact() throws {
        let console = try Console()
        let ring = try generate(console)
        let (ayse, veli) = (try pseudonym(ring, Self.email), try pseudonym(ring, "veli@example.com"))
        #expect(try console.run("migrate").isSuccess)
        let store = try SQLiteStore(.of(console.home), at: EnvelopeFixture.receivedAt)
        let decoded = try Envelope(decoding: try Jobs.order(9))
        let account = AccountKey(source: decoded.source, account: decoded.provenance.account)
        func letter(_ number: Int, _ customer: String) throws -> [UInt8] {
            let job = try order(number, customer: customer)
            let at = EnvelopeFixture.receivedAt
            return DeadLetter(job: job, reason: .unmappedShape("x"), worker: "w", at: at).encoded()
        }
        try console.push([try order(1, customer: ayse)], to: "growth:{generic}:queue")
        try console.push([try letter(2, ayse), try letter(3, veli)], to: "growth:{generic}:dead")
        try console.push([try order(4, customer: ayse)], to: "growth:{generic}:quarantine")
        let nobody = AccountKey(source: account.source, account: "")
        let requests = [
            PrivacyRequest(account: account, topic: "customers/redact", kind: .erasure, customers: [ayse]),
            PrivacyRequest(account: account, topic: "shop/redact", kind: .accountErasure),
            PrivacyRequest(account: nobody, topic: "shop/redact", kind: .accountErasure),
        ]
        for (index, request) in requests.enumerated() {
            let envelope = try Envelope(decoding: try Jobs.order(100 + index))
            let delivery = Delivery(
                envelope: envelope,
                normalized: Normalized(facts: [.privacyRequest(request)])
            )
            #expect(try store.commit([delivery], at: EnvelopeFixture.receivedAt).stored == 1)
        }
        // A broken key holds up the requests of its own source, and no other's.
        let broken = "growth:{\(account.source.name)}:retry"
        try console.redis.cli("SET", broken, "text")
        let refused = try console.run("privacy", "done", "1")
        #expect(refused.exit == .code(69) && refused.errors.contains(broken), "\(refused)")
        try console.redis.cli("DEL", broken)
        try console.redis.cli("SET", "growth:{shopify}:dead", "text")
        // The refused run took out of the other lists what bore a pseudonym.
        try console.push([try order(5, customer: ayse)], to: "growth:{generic}:queue")
        let first = try console.json("privacy", "done", "1")
        #expect(first["jobs"].int64 == 1 && first["skipped"].string == "growth:{shopify}:dead")
        let names = ["queue", "dead", "quarantine"]
        for name in names { #expect(try !list(console, "growth:{generic}:\(name)").contains(ayse)) }
        #expect(try list(console, "growth:{generic}:dead").contains(veli))
        // Of an account everybody goes, and nobody of another one.
        let other = String(decoding: try letter(5, veli), as: UTF8.self)
            .replacing(#""account":"\#(account.account)""#, with: #""account":"another""#)
        try console.push([Array(other.utf8)], to: "growth:{generic}:dead")
        let second = try console.json("privacy", "done", "2")
        #expect(second["jobs"].int64 == 1 && second["skipped"].kind == .null)
        #expect(try console.json("privacy", "done", "2")["jobs"].int64 == 0)
        let left = try list(console, "growth:{generic}:dead").split(separator: "\n")
        #expect(left.count == 3 && left.filter { $0.contains(veli) }.count == 1)
        let third = try console.json("privacy", "done", "3")
        #expect(third["orders"].int64 == 0 && third["deliveries"].int64 == 0)
        #expect(try console.json("privacy", "list").elements.isEmpty)
    }

    @Test("a backup is whole, private, never replaces a file, and a restore repeats later erasures")
    func backup() throws {
        let console = try Console()
        let ring = try generate(console)
        let ayse = try pseudonym(ring, Self.email)
        try console.push((1...30).map { try order($0, customer: ayse) }, to: "growth:{generic}:queue")
        try console.work()
        let file = console.home.file("backup.db")
        // Above every id that Linux gives.
        let dead = ["backup.db.5000000.new", "backup.db.5000000.new-journal", "backup.db.5000001.new-turn"]
        let others = [
            "backup.db.\(getpid()).new", "backup.db.x.new", "backup.db..new", "other.db.5000000.new",
            "backup.db.new",
        ]
        for name in dead + others {
            try "draft".write(toFile: console.home.file(name), atomically: false, encoding: .utf8)
        }
        let made = try console.run("backup", file)
        #expect(made.isSuccess, "\(made.errors)")
        let found = try Set(FileManager.default.contentsOfDirectory(atPath: console.home.path))
        #expect(found.isDisjoint(with: dead) && found.isSuperset(of: others), "\(found)")
        for name in others { try FileManager.default.removeItem(atPath: console.home.file(name)) }
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try console.run("backup", file).exit == .code(1))
        let nowhere = console.home.file("nowhere/backup.db")
        let lost = try console.run("backup", nowhere)
        #expect(lost.exit == .code(1))
        #expect(lost.errors.contains("\(nowhere) can't be made: No such file"), "\(lost.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: console.home.path)
        #expect(!left.contains { $0.contains(".new") || $0.hasPrefix("backup.db-") }, "\(left)")
        // After the backup: an order more, and an erasure.
        try console.push([try order(31, customer: ayse)], to: "growth:{generic}:queue")
        try console.work()
        #expect(try console.run("erase", "--email", Self.email).isSuccess)
        let tombstones = try console.run("privacy", "tombstones")
        #expect(tombstones.output.split(separator: "\n").count >= 31)
        let kept = console.home.file("tombstones")
        try tombstones.output.write(toFile: kept, atomically: true, encoding: .utf8)
        // The restore, as docs/backup.md tells it.
        let database = console.home.file("growth_engine.db")
        for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + ending) }
        try FileManager.default.copyItem(atPath: file, toPath: database)
        #expect(try console.run("migrate").isSuccess)
        func customers() throws -> Int {
            try console.json("export", "orders", "--with-customer-hash").elements
                .count { $0["customer_hash"].exists }
        }
        #expect(try customers() == 30)
        let none = console.home.file("no tombstones")
        try "".write(toFile: none, atomically: true, encoding: .utf8)
        #expect(try console.json("privacy", "reapply", none)["tombstones"].int64 == 0)
        #expect(try console.run("privacy", "reapply", console.home.file("missing")).exit == .code(64))
        let reapplied = try console.json("privacy", "reapply", kept)
        #expect(reapplied["orders"].int64 == 30 && reapplied["deliveries"].int64 == 30)
        #expect(try customers() == 0)
        #expect(try console.run("verify").isSuccess)
        // What was committed after the backup comes again, without its customer; the rest is known.
        try console.push((28...31).map { try order($0, customer: ayse) }, to: "growth:{generic}:queue")
        try console.work()
        #expect(try console.json("export", "orders").elements.count == 31)
        #expect(try customers() == 0)
    }

    @Test("a mapping that reads more leads, by replay, to the ledger that it would have led to")
    func replay() throws {
        let console = try Console()
        let mappings = console.home.file("mappings")
        try FileManager.default.createDirectory(atPath: mappings, withIntermediateDirectories: true)
        func write(_ mapping: String) throws {
            try mapping.write(toFile: mappings + "/shop.json", atomically: true, encoding: .utf8)
        }
        // Quantity and price stand the wrong way about at first: both are 10.00 or 1.
        try write(Jobs.mapping)
        try console.push(try (1...150).map { try Jobs.foreignOrder($0) }, to: "growth:{generic}:queue")
        try console.work()
        let same = try console.json("replay", "--since", "2026-11-01", "--until", "2099-01-01")
        #expect(same["read"].int64 == 150 && same["changed"].int64 == 0 && same["entries"].int64 == 0)
        try write(Jobs.mapping.replacing(#""price":"/price"}"#, with: #""price":"/quantity"}"#))
        let dry = try console.json(
            "replay",
            "--since",
            "2026-11-01",
            "--until",
            "2099-01-01",
            "--dry-run"
        )
        #expect(dry["changed"].int64 == 150)
        func total() throws -> Int64 {
            try console.json("export", "daily").elements.compactMap { $0["amount_minor"].int64 }.reduce(0, +)
        }
        #expect(try total() == 150_000)
        // Interrupted after the first page, and gone on with.
        let part = try console.json(
            "replay",
            "--since",
            "2026-11-01",
            "--until",
            "2099-01-01",
            "--after",
            "100"
        )
        #expect(part["read"].int64 == 50)
        let rest = try console.json("replay", "--since", "2026-11-01", "--until", "2099-01-01")
        #expect(rest["changed"].int64 == 100)
        #expect(try total() == 15_000)
        #expect(try console.run("verify").isSuccess)
        #expect(try console.run("replay", "--since", "yesterday").exit == .code(64))
        #expect(try console.run("replay", "--since", "2026-11-01", "--source", "x").exit == .code(64))
    }

    @Test("exports CSV that no spreadsheet takes for formulas, and JSON lines")
    func export() throws {
        let console = try Console()
        try console.push([try Jobs.order(1), try Jobs.order(2)], to: "growth:{generic}:queue")
        try console.work()
        let csv = try console.run("export", "ledger")
        let lines = csv.output.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[0].hasPrefix("id,business_date,"))
        #expect(lines[1].contains(",SALE,1000,10.00,TRY,PENDING,"))
        let jsonl = try console.run("export", "orders", "--format", "jsonl").output.split(separator: "\n")
        #expect(jsonl.count == 2)
        let order = try JSONDocument(Array(jsonl[0].utf8)).root
        #expect(order["order"].string == "1")
        #expect(order["customer_hash"].kind == .missing)
        #expect(
            try console.run("export", "daily", "--from", "2026-11-24").output.split(separator: "\r\n").count
                == 1
        )
        for arguments in [
            ["export", "money"], ["export", "ledger", "--currency", "lira"],
            ["export", "ledger", "--from", "2026-11-24", "--to", "2026-11-23"],
            ["export", "ledger", "--with-customer-hash"],
        ] {
            #expect(try Console.run("growthctl", arguments, console.environment).exit == .code(64))
        }
    }

    @Test("privacy list shows what is open, and tells late from in time")
    func privacy() throws {
        let console = try Console()
        let fixture = try EnvelopeFixture(
            path: "/webhooks/shopify",
            headers: [
                "x-shopify-topic": "customers/data_request", "x-shopify-shop-domain": "s.myshopify.com",
                "x-shopify-webhook-id": "w1",
            ],
            json: """
                {"shop_id":1,"shop_domain":"s.myshopify.com","customer":{"id":7,"email":"a@example.com"},
                 "orders_requested":[1]}
                """
        )
        try console.push([fixture.line], to: "growth:{shopify}:queue")
        try console.work()
        let open = try console.json("privacy", "list")
        let row = try #require(open.elements.first)
        #expect(row["kind"].string == "ACCESS" && row["verified"].bool == false)
        #expect(row["due_at"].string == "2026-12-23T10:00:00.000Z")
        let id = String(try #require(row["id"].int64))
        let data = try console.json("privacy", "export", "--request", id)
        #expect(data["orders"].kind == .array && data["deliveries"].elements.count == 1)
        #expect(try console.run("privacy", "done", id).isSuccess)
        #expect(try console.json("privacy", "list").elements.isEmpty)
        #expect(try console.run("privacy", "export", "--request", id).exit == .code(1))
        #expect(try console.run("privacy", "done", "99").exit == .code(1))
        #expect(try console.json("privacy", "list", "--all").elements.count == 1)
    }
}
