import Foundation
import Shared
import TestSupport
import Testing

/// What `deploy/up` says and does where not everything is as on its first machine.
@Suite("deploy/up in trouble", .serialized)
struct UpTroubleTests {
    @Test("the sample traffic counts in any base currency, and what is shown works in another shell")
    func demoCurrency() throws {
        let premises = try Premises(settings: [
            "GROWTH_BASE_CURRENCY": "GBP", "GROWTH_TIMEZONE": "Europe/London",
        ])
        let process = try premises.start("--demo", within: .seconds(180))
        let shown = try process.waitForLine(containing: "Live view").replacing("Live view", with: "")
        let list = try ProcessRunner.run(
            "bash",
            ["-c", shown.replacing("growthctl top", with: "growthctl fx list --limit 3")],
            environment: ["GROWTH_REDIS_URL": nil]
        )
        #expect(list.isSuccess, "\(list.errors)")
        for currency in ["TRY", "USD", "EUR"] {
            #expect(list.output.contains("\(currency)    GBP"), "\(list.output)")
        }
        #expect(process.output.contains("\"currency\": \"GBP\""))
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0), "\(process.errors)")
    }

    @Test("says that a Redis does not answer, and where the webhooks are meanwhile")
    func silentRedis() throws {
        let port = try FreePort.find()
        let premises = try Premises(settings: ["GROWTH_REDIS_URL": "redis://127.0.0.1:\(port)/0"])
        let process = try premises.start()
        let text = process.output
        #expect(text.contains("Redis can't be used yet."), "\(text)")
        #expect(text.contains("they wait in \(premises.state("spool"))"), "\(text)")
        #expect(text.contains("127.0.0.1:\(port)/0: Connection refused"), "\(text)")
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0))
    }

    @Test("starts a Redis that was killed again on its files, and shows no words of the shell")
    func killedRedis() throws {
        let premises = try Premises()
        let process = try premises.start()
        let first = try #require(premises.process(named: "redis-server"))
        #expect(kill(first, SIGKILL) == 0)
        #expect(
            Eventually.holds(within: .seconds(20)) {
                premises.process(named: "redis-server").map { $0 != first } ?? false
                    && (try? premises.ctl("queue", "depth"))?.isSuccess == true
            }
        )
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0))
        #expect(process.errors.contains("redis was ended by signal 9"), "\(process.errors)")
        #expect(!process.errors.contains("Killed"), "\(process.errors)")
        #expect(premises.programs.isEmpty)
    }

    @Test("does not start a worker again that was told to stop, and one that was killed it does")
    func stoppedWorker() throws {
        let premises = try Premises()
        let process = try premises.start()
        let first = try #require(premises.process(named: "growth-worker"))
        #expect(kill(first, SIGKILL) == 0)
        var worker: String?
        // The killed one's report stays for a minute.
        let isThere = try Eventually.holds(within: .seconds(60)) {
            guard let second = premises.process(named: "growth-worker"), second != first else { return false }
            let rows = try JSONDocument(Array(try premises.ctl("workers", "list", "--json").output.utf8))
                .root.elements
            worker = rows.first { $0["pid"].int64 == Int64(second) }?["worker"].string
            return worker != nil
        }
        #expect(isThere)
        #expect(try premises.ctl("workers", "stop", try #require(worker)).isSuccess)
        let said = "worker-1 was told to stop: it is not started again"
        #expect(Eventually.holds(within: .seconds(60)) { process.errors.contains(said) })
        #expect(premises.process(named: "growth-worker") == nil)
        #expect(try premises.ctl("queue", "depth").isSuccess)
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0))
        #expect(process.errors.components(separatedBy: "Starting worker-1 again").count == 2)
        #expect(premises.programs.isEmpty)
    }

    @Test("a home of another zone or currency is refused before anything runs, with what to set")
    func otherOrigin() throws {
        for (setting, value) in [("GROWTH_TIMEZONE", "Europe/Berlin"), ("GROWTH_BASE_CURRENCY", "EUR")] {
            let premises = try Premises()
            try FileManager.default.createDirectory(
                atPath: premises.home,
                withIntermediateDirectories: false
            )
            for words in [["key", "generate"], ["migrate"]] {
                let made = try ProcessRunner.run(
                    BuiltPrograms.path("growthctl"),
                    words,
                    environment: ["GROWTH_HOME": premises.home, setting: value]
                )
                #expect(made.isSuccess, "\(made.errors)")
            }
            let result = try premises.run(within: .seconds(60))
            #expect(result.exit == .code(78), "\(result.errors)")
            #expect(result.errors.contains("set \(setting)=\(value)"), "\(result.errors)")
            #expect(!result.output.contains("Growth Engine runs"))
        }
    }

    @Test("gives up on a program that ends over and over")
    func endless() throws {
        let premises = try Premises()
        // The first nap is when all is up; from then on the intake ends before every look.
        let path = try premises.shadow(
            "sleep",
            with: """
                #!/bin/sh
                [ "$1" != 1 ] || for process in /proc/[0-9]*; do
                    [ "$(cat "$process/comm" 2>/dev/null)" = growth-intake ] || continue
                    grep -qzxF "GROWTH_HOME=$GROWTH_HOME" "$process/environ" 2>/dev/null || continue
                    kill -9 "${process#/proc/}"
                done
                exec \(try Self.path(of: "sleep")) 0.05
                """
        )
        let result = try premises.run(within: .seconds(90), ["PATH": path])
        #expect(result.exit == .code(1))
        #expect(result.errors.contains("intake ended more than 20 times"), "\(result.errors)")
        #expect(result.errors.components(separatedBy: "Starting intake again").count == 21)
        #expect(premises.programs.isEmpty)
    }

    @Test("never gives up on Redis: says that the disk is full, waits longer each time, takes webhooks")
    func fullDisk() throws {
        let premises = try Premises()
        let full = premises.file("full")
        _ = try premises.shadow(
            "redis-server",
            with: """
                #!/bin/sh
                [ ! -e '\(full)' ] || exit 1
                exec \(try Self.path(of: "redis-server")) "$@"
                """
        )
        let path = try premises.shadow(
            "df",
            with: """
                #!/bin/sh
                [ -e '\(full)' ] && left=12 || left=99999999
                printf 'all\\n100 90 %s /full\\n' "$left"
                """
        )
        try "".write(toFile: full, atomically: false, encoding: .utf8)
        let refused = try premises.run(within: .seconds(15), ["PATH": path])
        #expect(refused.exit == .code(69))
        #expect(refused.errors.contains("growth: the disk is full"), "\(refused.errors)")
        try FileManager.default.removeItem(atPath: full)
        let process = try premises.start(path: path)
        try "".write(toFile: full, atomically: false, encoding: .utf8)
        #expect(kill(try #require(premises.process(named: "redis-server")), SIGKILL) == 0)
        // 0, 1, 2 and 4 seconds after the end before.
        _ = try process.waitForLine(containing: "redis is started again in 4 s", within: .seconds(60))
        let said = "redis ended: the disk is full: 12 KiB are left on /full: "
        #expect(process.errors.contains(said), "\(process.errors)")
        let listen = try #require(premises.setting("GROWTH_INTAKE_LISTEN"))
        let front = HTTPClient(port: try #require(listen.split(separator: ":").last.flatMap { Int($0) }))
        let body = Array(#"{"type":"order.paid","id":"evt_1"}"#.utf8)
        #expect(try front.post("/webhooks/generic/shop", body: body).status == 202)
        try FileManager.default.removeItem(atPath: full)
        #expect(
            Eventually.holds(within: .seconds(60)) {
                (try? premises.ctl("queue", "depth"))?.isSuccess == true
            },
            "\(process.errors)"
        )
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0))
        #expect(premises.programs.isEmpty)
    }

    @Test("keeps the front door open while the database is moved away, and goes on once it is back")
    func movedDatabase() throws {
        let premises = try Premises()
        let process = try premises.start()
        let path = premises.state("growth_engine.db")
        let away = premises.state("away")
        // With all that lies beside it: nothing is left that would tell a database of before.
        try FileManager.default.createDirectory(atPath: away, withIntermediateDirectories: false)
        for name in try FileManager.default.contentsOfDirectory(atPath: premises.home)
        where name.hasPrefix("growth_engine.db") {
            try FileManager.default.moveItem(atPath: premises.state(name), toPath: "\(away)/\(name)")
        }
        let worker = try #require(premises.process(named: "growth-worker"))
        #expect(kill(worker, SIGKILL) == 0)
        let words = "worker-1 waits for the database"
        #expect(Eventually.holds(within: .seconds(60)) { process.errors.contains(words) })
        #expect(premises.process(named: "growth-intake") != nil)
        #expect(!FileManager.default.fileExists(atPath: path))
        for name in try FileManager.default.contentsOfDirectory(atPath: away) {
            try FileManager.default.moveItem(atPath: "\(away)/\(name)", toPath: premises.state(name))
        }
        #expect(
            Eventually.holds(within: .seconds(120)) { premises.process(named: "growth-worker") != nil }
        )
        #expect(Eventually.holds(within: .seconds(60)) { (try? premises.ctl("verify"))?.isSuccess == true })
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0), "\(process.errors)")
        #expect(premises.programs.isEmpty)
    }

    @Test("what is not at fault is started again at once, then later each time, and after a minute anew")
    func pauses() throws {
        let script = """
            . '\(Premises.library)/common.sh'
            for ran in 0 0 0 59 0 0 0 0 0 60 0; do next_pause redis $ran; printf '%s ' "$pause"; done
            """
        let result = try ProcessRunner.run("bash", ["-euc", script])
        #expect(result.output == "0 1 2 4 8 16 32 60 60 0 1 ", "\(result.errors)")
    }

    @Test("a disk without room, or without room for another file, is full; it is said where")
    func disks() throws {
        let script = """
            . '\(Premises.library)/common.sh'
            df() { printf 'head\\n%s\\n' "$row"; }
            for row in '100 9 16383 /a' '100 0 99999 /b c' '0 0 99999 /d' '- - 99999 /e' '9 9 16384 /f' ''; do
                disk_full . || echo room
            done
            """
        let result = try ProcessRunner.run("bash", ["-euc", script])
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 6, "\(result.output)\(result.errors)")
        #expect(lines.first == "the disk is full: 16383 KiB are left on /a: free some of it")
        #expect(lines.dropFirst().first == "the disk is full: /b c can hold no further file: delete some")
        #expect(lines.dropFirst(2).allSatisfy { $0 == "room" })
    }

    @Test("a program that ran for ten minutes has its restarts back, and each has its own")
    func restartsComeBack() throws {
        let script = """
            . '\(Premises.library)/common.sh'
            for _ in $(seq 20); do may_restart intake 599 || exit 3; done
            may_restart intake 599 && exit 4
            may_restart worker-1 0 || exit 5
            may_restart intake 600 || exit 6
            for _ in $(seq 19); do may_restart intake 0 || exit 7; done
            may_restart intake 0 && exit 8
            exit 0
            """
        let result = try ProcessRunner.run("bash", ["-euc", script])
        #expect(result.exit == .code(0), "\(result.errors)")
    }

    private static func path(of program: String) throws -> String {
        try ProcessRunner.run("sh", ["-c", "command -v \(program)"]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("an address that another took meanwhile is said and final, although the other answers")
    func takenMeanwhile() throws {
        let premises = try Premises()
        let listen = try #require(premises.setting("GROWTH_INTAKE_LISTEN"))
        let port = try #require(listen.split(separator: ":").last)
        let server = premises.file("other.py")
        try """
        import http.server

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()

            def log_message(self, *what):
                pass

        http.server.ThreadingHTTPServer(("127.0.0.1", \(port)), Page).serve_forever()
        """
        .write(toFile: server, atomically: false, encoding: .utf8)
        // After the addresses were looked at.
        let path = try premises.shadow(
            "redis-server",
            with: """
                #!/bin/sh
                python3 '\(server)' 9>&- >/dev/null 2>&1 &
                until curl -fs 'http://\(listen)/'; do sleep 0.1; done
                exec \(try Self.path(of: "redis-server")) "$@"
                """
        )
        let result = try premises.run(within: .seconds(40), ["PATH": path])
        #expect(result.exit == .code(69))
        #expect(result.errors.contains("GROWTH_INTAKE_LISTEN (\(listen))"), "\(result.errors)")
        #expect(!result.output.contains("Growth Engine runs"))
        #expect(!premises.programs.contains("redis-server"))
    }

    @Test("says what is wrong with its folder, and what to do")
    func unusableFolder() throws {
        let premises = try Premises()
        try "".write(toFile: premises.home, atomically: false, encoding: .utf8)
        let result = try premises.run(within: .seconds(15))
        #expect(result.exit == .code(78))
        #expect(result.errors.contains("growth: GROWTH_HOME can't be used"), "\(result.errors)")
        #expect(result.errors.contains("Set GROWTH_HOME to a folder"), "\(result.errors)")
        #expect(!result.errors.contains("mkdir:"), "\(result.errors)")
    }

    @Test("makes keys for a new installation only: beside a database the missing one is to be put back")
    func missingKeys() throws {
        let premises = try Premises()
        let files = FileManager.default
        try files.createDirectory(atPath: premises.home, withIntermediateDirectories: false)
        #expect(try premises.ctl("migrate").isSuccess)
        let refused = try premises.run(within: .seconds(30))
        #expect(refused.exit == .code(78))
        #expect(refused.errors.contains("there is no pseudonym key in"), "\(refused.errors)")
        #expect(refused.errors.contains("Put the copy of the key back"), "\(refused.errors)")
        #expect(!files.fileExists(atPath: premises.state("pii.key")))
        #expect(try premises.ctl("key", "generate").isSuccess)
        // Nothing needs to be sealed, so this one only says what is missing.
        let process = try premises.start()
        #expect(process.errors.contains("There is no \(premises.state("seal.pub"))"), "\(process.errors)")
        #expect(!files.fileExists(atPath: premises.state("seal.key")))
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0))
    }

    @Test("a dashboard for strangers without a token is refused before anything is made")
    func missingToken() throws {
        let premises = try Premises(settings: [
            "GROWTH_DASHBOARD_LISTEN": "0.0.0.0:\(try FreePort.find())", "GROWTH_DASHBOARD_TOKEN": nil,
        ])
        let result = try premises.run(within: .seconds(15))
        #expect(result.exit == .code(78))
        #expect(result.errors.contains("GROWTH_DASHBOARD_TOKEN"), "\(result.errors)")
        for name in ["pii.key", "growth_engine.db"] {
            #expect(!FileManager.default.fileExists(atPath: premises.state(name)))
        }
    }
}
