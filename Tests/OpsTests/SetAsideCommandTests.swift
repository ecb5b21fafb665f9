import Foundation
import Shared
import SharedRedis
import SharedStore
import TestSupport
import Testing

@Suite("growthctl dead and quarantine")
struct SetAsideCommandTests {
    private let console: Console
    private let keys: RedisKeys

    init() throws {
        console = try Console()
        keys = RedisKeys(source: try #require(SourceID("generic")))
    }

    private func letter(
        _ number: Int,
        reason: String = "unmapped-shape",
        at: Timestamp = SystemTime.now
    ) throws -> [UInt8] {
        DeadLetter(
            job: try Jobs.order(number),
            reason: DeadReason(code: reason, detail: "The \u{1B}[31mdetail."),
            worker: "w",
            at: at
        ).encoded()
    }

    private func count(_ key: String) throws -> Int {
        Int(try console.redis.cli("LLEN", key)) ?? -1
    }

    @Test("list shows the newest letters and nothing that a terminal would obey; show prints one")
    func listAndShow() throws {
        try console.push(try (1...60).map { try letter($0) } + [Array("garbage".utf8)], to: keys.dead)
        let rows = try console.json("dead", "list", "generic", "--limit", "3").elements
        let garbage = LineID.of(Array("garbage".utf8))
        #expect(rows.map { $0["id"].string } == [Jobs.id(59), Jobs.id(60), garbage])
        #expect(rows.map { $0["account"].string } == ["shop", "shop", nil])
        #expect(rows.map { $0["reason"].string } == ["unmapped-shape", "unmapped-shape", "unreadable"])
        let text = try console.run("dead", "list").output
        #expect(text.contains("The ?[31mdetail.") && !text.contains("\u{1B}"))
        let shown = try console.run("dead", "show", "generic", Jobs.id(7))
        #expect(try JSONDocument(Array(shown.output.utf8)).root["job"]["id"].string == Jobs.id(7))
        #expect(try console.run("dead", "show", "generic", "nobody").exit == .code(1))
    }

    @Test("retry gives back one, those of a reason, or all; --dry-run does nothing")
    func retry() throws {
        try console.push(try (1...5).map { try letter($0) } + [try letter(6, reason: "other")], to: keys.dead)
        let dry = try console.run("dead", "retry", "generic", "--all", "--dry-run")
        #expect(dry.isSuccess && dry.output.contains("6 jobs of generic match"))
        #expect(try count(keys.dead) == 6)
        let one = try console.run("dead", "retry", "generic", Jobs.id(2))
        #expect(one.output == "1 of 1 job of generic was given back to the queue.\n")
        let both = try console.run("dead", "retry", "generic", "--all", "--reason", "other")
        #expect(both.exit == .code(64) && both.errors.contains("--all excludes the options"))
        #expect(try count(keys.queue) == 1)
        let byReason = try console.json("dead", "retry", "generic", "--reason", "other")
        #expect(byReason["done"].int64 == 1 && byReason["matched"].int64 == 1)
        #expect(try console.json("dead", "retry", "generic", "--all")["done"].int64 == 4)
        #expect(try count(keys.dead) == 0)
        #expect(try count(keys.queue) == 6)
        for (deed, choice) in [("retry", ["--all"]), ("delete", ["--reason", "other"])] {
            let none = try Console.run("growthctl", ["dead", deed, "generic"] + choice, console.environment)
            #expect(none.isSuccess && none.output == "No job of generic matches; nothing was done.\n")
            let unknown = try console.run("dead", deed, "generic", Jobs.id(9))
            #expect(unknown.exit == .code(1) && unknown.output == "generic has no dead letter of this id.\n")
        }
        #expect(try console.run("retry", "now", "generic", "--min-attempts", "3").isSuccess)
        #expect(try console.run("retry", "now", "generic", Jobs.id(9)).exit == .code(1))
        for wrong in [[], ["--all", "x"], ["--all", "--reason", "a"], ["x", "--older-than-hours", "1"]] {
            let result = try Console.run(
                "growthctl",
                ["dead", "retry", "generic"] + wrong,
                console.environment
            )
            #expect(result.exit == .code(64), "\(wrong)")
        }
    }

    @Test("list chooses by reason and age; retry takes no more than it is told")
    func filters() throws {
        let old = SystemTime.now.advanced(byMilliseconds: -50 * 3_600_000)
        var letters = try (1...600).map { try letter($0, at: old) }
        letters += try (601...610).map { try letter($0, reason: "other") } + [Array("garbage".utf8)]
        try console.push(letters, to: keys.dead)
        func ids(_ arguments: String...) throws -> [String?] {
            let result = try Console.run(
                "growthctl",
                ["dead", "list", "generic", "--json"] + arguments,
                console.environment
            )
            return try JSONDocument(Array(result.output.utf8)).root.elements.map { $0["id"].string }
        }
        #expect(try ids("--reason", "other") == (601...610).map { Jobs.id($0) })
        #expect(try ids("--newer-than-hours", "1").count == 10)
        #expect(try ids("--older-than-hours", "48", "--limit", "2") == [Jobs.id(599), Jobs.id(600)])
        #expect(try ids("--older-than-hours", "48", "--reason", "other").isEmpty)
        #expect(try ids("--reason", "unreadable") == [LineID.of(Array("garbage".utf8))])
        let limited = try console.json("dead", "retry", "generic", "--all", "--limit", "520")
        #expect(limited["matched"].int64 == 520 && limited["done"].int64 == 520)
        #expect(try count(keys.queue) == 520)
        #expect(try count(keys.dead) == 91)
        #expect(try console.run("dead", "retry", "generic", "--all", "--limit", "0").exit == .code(64))
    }

    @Test("delete takes what is old, over more than one page, and leaves the rest in its order")
    func delete() throws {
        let old = SystemTime.now.advanced(byMilliseconds: -50 * 3_600_000)
        var letters: [[UInt8]] = []
        for number in 1...1200 {
            letters.append(try letter(number, at: number % 2 == 0 ? old : SystemTime.now))
        }
        try console.push(letters, to: keys.dead)
        let dry = try console.json("dead", "delete", "generic", "--older-than-hours", "48", "--dry-run")
        #expect(dry["matched"].int64 == 600 && dry["done"].int64 == 0 && dry["dry_run"].bool == true)
        let result = try console.json("dead", "delete", "generic", "--older-than-hours", "48")
        #expect(result["done"].int64 == 600)
        #expect(try count(keys.dead) == 600)
        let first = try console.redis.cli("LINDEX", keys.dead, "0")
        #expect(Array(first.utf8) == letters[0])
        #expect(try console.run("dead", "delete", "generic", Jobs.id(1)).isSuccess)
        #expect(try count(keys.dead) == 599)
    }

    @Test("a letter that holds no job is passed over by retry, and can be deleted")
    func unretryable() throws {
        let letter = DeadLetter(
            job: Array("no json".utf8),
            reason: .unreadableEnvelope("It is no JSON."),
            worker: "w",
            at: SystemTime.now
        )
        try console.push([letter.encoded()], to: keys.dead)
        let result = try console.json("dead", "retry", "generic", "--all")
        #expect(result["matched"].int64 == 1 && result["done"].int64 == 0)
        #expect(try count(keys.dead) == 1)
        #expect(try console.run("dead", "delete", "generic", "--all").isSuccess)
        #expect(try count(keys.dead) == 0)
        let id = Jobs.id(1)
        let named =
            #"{"id":"\#(id)","reason":"poison","error":"","attempt":0,"worker":"w","#
            + #""at":"2026-11-20T10:00:00Z","job":"text"}"#
        try console.push([Array(named.utf8)], to: keys.dead)
        #expect(try console.run("dead", "retry", "generic", id, "--dry-run").isSuccess)
        let refused = try console.run("dead", "retry", "generic", id)
        #expect(refused.exit == .code(1) && refused.output.hasPrefix("0 of 1 job of generic"))
    }

    @Test("a letter without an id has one of its line, by which it is shown, retried and deleted")
    func lettersWithoutID() throws {
        let broken = ["no json", #"{"v":9}"#].map { text in
            DeadLetter(
                job: Array(text.utf8),
                reason: .unreadableEnvelope("It is none."),
                worker: "w",
                at: SystemTime.now
            ).encoded()
        }
        try console.push([try letter(1)] + broken + [Array("garbage".utf8)], to: keys.dead)
        let ids = try console.json("dead", "list", "generic").elements.compactMap { $0["id"].string }
        #expect(ids == [Jobs.id(1)] + (broken + [Array("garbage".utf8)]).map { LineID.of($0) })
        #expect(Set(ids).count == 4)
        for (id, line) in zip(ids.dropFirst(), broken) {
            let shown = try console.run("dead", "show", "generic", id)
            #expect(shown.output == String(decoding: line, as: UTF8.self) + "\n")
        }
        let none = try console.run("dead", "retry", "generic", ids[1])
        #expect(none.exit == .code(1) && none.output.hasPrefix("0 of 1 job of generic"), "\(none.output)")
        #expect(try console.run("dead", "retry", "generic", ids[2]).isSuccess)
        #expect(try console.redis.cli("LRANGE", keys.queue, "0", "-1") == #"{"v":9}"#)
        for id in [ids[1], ids[3]] {
            #expect(try console.run("dead", "delete", "generic", id).isSuccess)
        }
        #expect(try console.json("dead", "list", "generic").elements.map { $0["id"].string } == [Jobs.id(1)])
    }

    @Test("retry of a dead letter really stores it, once what was wrong is mended")
    func retryStores() throws {
        #expect(try console.run("migrate").isSuccess)
        try console.push([try Jobs.foreignOrder(1)], to: keys.queue)
        try console.work()
        let dead = try console.json("dead", "list", "generic").elements
        #expect(dead.count == 1)
        // The worker learns the shape of this source.
        try FileManager.default.createDirectory(
            atPath: console.home.file("mappings"),
            withIntermediateDirectories: false
        )
        try Jobs.mapping.write(
            toFile: console.home.file("mappings/shop.json"),
            atomically: false,
            encoding: .utf8
        )
        #expect(try console.run("dead", "retry", "generic", Jobs.id(1)).isSuccess)
        try console.work()
        #expect(try console.json("dead", "list", "generic").elements.isEmpty)
        #expect(try orders() == 1)
        #expect(try console.run("verify").output == "Every invariant holds.\n")
    }

    @Test("release puts a delivery from quarantine on its queue, where it is stored")
    func quarantine() throws {
        #expect(try console.run("migrate").isSuccess)
        try console.push(try (1...3).map { try Jobs.order($0) }, to: keys.quarantine)
        let rows = try console.json("quarantine", "list").elements
        #expect(rows.map { $0["id"].string } == (1...3).map { Jobs.id($0) })
        #expect(rows.first?["account"].string == "shop")
        #expect(rows.first?["received_at"].string?.hasPrefix("2026-11-23T10:00:00") == true)
        #expect(try console.run("quarantine", "release", "generic", Jobs.id(2), "--dry-run").isSuccess)
        #expect(try count(keys.quarantine) == 3)
        #expect(try console.run("quarantine", "release", "generic", Jobs.id(2)).isSuccess)
        try console.work()
        #expect(try orders() == 1)
        #expect(try console.run("quarantine", "delete", "generic", "--all").isSuccess)
        #expect(try count(keys.quarantine) == 0)
        #expect(try console.json("quarantine", "delete", "generic", "--all")["matched"].int64 == 0)
        #expect(try console.run("quarantine", "delete", "generic", Jobs.id(2)).exit == .code(1))
    }

    @Test("quarantine list says why a signature did not verify, where the delivery says it")
    func quarantineReasons() throws {
        let plain = String(decoding: try Jobs.order(1), as: UTF8.self)
        let reasons = [#""failure":"mismatch","#, #""failure":"new","#, ""]
        let lines = reasons.map { plain.replacing(#""body":"#, with: $0 + #""body":"#) }
        try console.push(lines.map { Array($0.utf8) }, to: keys.quarantine)
        let rows = try console.json("quarantine", "list", "generic").elements
        #expect(rows.map { $0["reason"].string } == ["mismatch", nil, nil])
        #expect(try console.run("quarantine", "list").output.contains("  mismatch  "))
    }

    private func ids(_ arguments: String...) throws -> [String?] {
        let result = try Console.run("growthctl", arguments + ["--json"], console.environment)
        return try JSONDocument(Array(result.output.utf8)).root.elements.map { $0["id"].string }
    }

    /// A delivery in quarantine that bears a failure.
    private func delivery(
        _ number: Int,
        _ account: String,
        _ failure: String?,
        hours: Int64
    ) throws -> [UInt8] {
        let at = SystemTime.now.advanced(byMilliseconds: -hours * 3_600_000)
        let plain = String(decoding: try Jobs.order(number, account: account, receivedAt: at), as: UTF8.self)
        let mark = failure.map { #""failure":"\#($0)","# } ?? ""
        return Array(plain.replacing(#""body":"#, with: mark + #""body":"#).utf8)
    }

    @Test("quarantine chooses by account, reason and age, in the list as in what is released or deleted")
    func quarantineFilters() throws {
        try console.push(
            [
                delivery(1, "hello", "mismatch", hours: 0), delivery(2, "other", "mismatch", hours: 0),
                delivery(3, "hello", "stale", hours: 0), delivery(4, "hello", "mismatch", hours: 50),
                delivery(5, "hello", nil, hours: 0),
            ],
            to: keys.quarantine
        )
        let list = ["quarantine", "list", "generic"]
        func found(_ options: String...) throws -> [String?] {
            let result = try Console.run("growthctl", list + options + ["--json"], console.environment)
            return try JSONDocument(Array(result.output.utf8)).root.elements.map { $0["id"].string }
        }
        #expect(try found("--account", "hello") == [1, 3, 4, 5].map { Jobs.id($0) })
        #expect(try found("--reason", "mismatch") == [1, 2, 4].map { Jobs.id($0) })
        #expect(try found("--account", "hello", "--limit", "2") == [4, 5].map { Jobs.id($0) })
        #expect(try found("--reason", "mismatch", "--newer-than-hours", "48") == [1, 2].map { Jobs.id($0) })
        #expect(try found("--older-than-hours", "48") == [Jobs.id(4)])
        let released = try console.json(
            "quarantine",
            "release",
            "generic",
            "--account",
            "hello",
            "--reason",
            "mismatch",
            "--newer-than-hours",
            "48"
        )
        #expect(released["matched"].int64 == 1 && released["done"].int64 == 1)
        #expect(try found() == [2, 3, 4, 5].map { Jobs.id($0) })
        #expect(try console.json("quarantine", "delete", "generic", "--reason", "stale")["done"].int64 == 1)
        #expect(try console.json("quarantine", "delete", "generic", "--account", "other")["done"].int64 == 1)
        #expect(try found() == [4, 5].map { Jobs.id($0) })
        for wrong in [
            ["quarantine", "release", "generic", "--reason", "mismtach"], list + ["--reason", "mismtach"],
            ["quarantine", "release", "generic", "--all", "--account", "hello"],
            ["quarantine", "delete", "generic", Jobs.id(4), "--reason", "stale"],
        ] {
            let result = try Console.run("growthctl", wrong, console.environment)
            #expect(result.exit == .code(64), "\(wrong): \(result.output)")
        }
        let typo = try console.run("quarantine", "list", "--reason", "mismtach")
        #expect(typo.errors.contains("other-account"), "\(typo.errors)")
        #expect(try count(keys.quarantine) == 2)
    }

    @Test("dead letters and retries are chosen by account too")
    func accounts() throws {
        func letter(_ number: Int, _ account: String) throws -> [UInt8] {
            DeadLetter(
                job: try Jobs.order(number, account: account),
                reason: DeadReason(code: "unmapped-shape", detail: ""),
                worker: "w",
                at: SystemTime.now
            ).encoded()
        }
        try console.push(try [(1, "a"), (2, "b"), (3, "a"), (4, "c")].map(letter), to: keys.dead)
        #expect(try ids("dead", "list", "--account", "a") == [1, 3].map { Jobs.id($0) })
        #expect(
            try console.json("dead", "retry", "generic", "--account", "a", "--limit", "1")["done"].int64 == 1
        )
        #expect(try console.json("dead", "delete", "generic", "--account", "b")["done"].int64 == 1)
        #expect(try ids("dead", "list") == [3, 4].map { Jobs.id($0) })
        for (number, account) in [(5, "a"), (6, "b")] {
            let job = String(decoding: try Jobs.order(number, account: account), as: UTF8.self)
            _ = try console.redis.cli("ZADD", keys.retry, "9999999999999", job)
        }
        #expect(try ids("retry", "list", "--account", "b") == [Jobs.id(6)])
        #expect(try console.json("retry", "now", "generic", "--account", "b")["done"].int64 == 1)
        #expect(try ids("retry", "list") == [Jobs.id(5)])
    }

    @Test("a reason that no dead letter has is answered with those that there are")
    func unknownReason() throws {
        try console.push([letter(1), letter(2, reason: "poison")], to: keys.dead)
        for deed in ["retry", "delete"] {
            let result = try console.run("dead", deed, "generic", "--reason", "unmaped-shape")
            #expect(result.isSuccess && result.output.hasPrefix("No job of generic matches"))
            #expect(
                result.errors == "No dead letter has the reason unmaped-shape; there are: poison, "
                    + "unmapped-shape.\n",
                "\(result.errors)"
            )
        }
        let list = try console.run("dead", "list", "generic", "--reason", "unmaped-shape")
        #expect(list.errors.contains("there are: poison, unmapped-shape"), "\(list.errors)")
        #expect(try console.run("dead", "list", "generic", "--reason", "poison").errors.isEmpty)
    }

    private func orders() throws -> Int {
        let store = try SQLiteStore(.of(console.home), access: .reports, at: SystemTime.now)
        let observations = try store.observations(
            days: try #require(BusinessDate("2026-11-01"))...(try #require(BusinessDate("2026-12-31"))),
            at: SystemTime.now
        )
        return observations.days.reduce(0) { $0 + Int($1.orders) }
    }
}

/// The machine's time.
enum SystemTime {
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
