import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite struct RedisOperationsTests {
    @Test("a dead letter made by the reaper is valid JSON and can go back with attempt 0")
    func poisonLetter() throws {
        let fixture = try RedisFixture()
        // JSON has half a surrogate pair where a title was cut within an emoji.
        let title = #"Kupa \ud83d, \\ud83d, \uDE00"#
        let cut = Array(#"{"v":1,"id":"half","attempt":3,"body":{"title":"\#(title)"}}"#.utf8)
        try fixture.pushPayloads([
            JobPayload.encode("p", attempt: 7), Array("no \"json\" \u{7} \u{FC}".utf8), cut,
        ])
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            let lane = try fixture.lane(name)
            _ = try lane.step(acknowledging: nil, takingUpTo: 2)
            try fixture.expireLease(of: name)
            _ = try fixture.reap()
        }
        let letters = RedisDeadLetters(source: fixture.source, client: fixture.client)
        let jobs = try letters.list(count: 10)
        #expect(jobs.count == 3)
        for job in jobs {
            let letter = try DeadLetter(decoding: job.element)
            #expect(letter.reason.code == "poison")
            #expect(["c:1:n:0", "e:1:n:0", "h:1:n:0"].contains(letter.worker))
            #expect(letter.isRetryable == (job.job != nil))
            #expect(letter.at == FixedClock().now)
        }
        let half = try #require(try letters.find(id: "half"))
        #expect(try DeadLetter(decoding: half.element).job == cut)
        let poison = try #require(try letters.find(id: "p"))
        #expect(poison.job == JobPayload.encode("p", attempt: 0))
        #expect(String(decoding: poison.element, as: UTF8.self).contains("\"attempt\":7,\"worker\""))
        #expect(try letters.requeue(jobs) == 2, "What is no JSON stays.")
        #expect(try letters.requeue(jobs) == 0, "Nothing goes back twice.")
        #expect(try Set(fixture.contents().queue) == ["p", "half"])
        #expect(try letters.delete(jobs) == 1)
        #expect(try letters.count() == 0)
    }

    @Test(
        "a job goes back without the reason of its last try",
        arguments: [#","error":"x: \"y\" \\""#, #","error":"""#, ""]
    )
    func withoutError(member: String) throws {
        let fixture = try RedisFixture()
        let rest = #""key":"k","body":{"attempt":2,"error":"kept"}}"#
        let job = #"{"v":1,"id":"7","attempt":3\#(member),\#(rest)"#
        let letter = #"{"id":"7","reason":"r","error":"e","attempt":3,"job":\#(job)}"#
        _ = try fixture.client.send(RedisCommand("RPUSH", fixture.keys.dead, letter))
        let letters = RedisDeadLetters(source: fixture.source, client: fixture.client)
        let found = try #require(try letters.find(id: "7")?.job)
        #expect(String(decoding: found, as: UTF8.self) == #"{"v":1,"id":"7","attempt":0,\#(rest)"#)
    }

    @Test("letters are read page by page; the job is found behind texts that look like it")
    func letters() throws {
        let fixture = try RedisFixture()
        var command = RedisCommand("RPUSH", fixture.keys.dead)
        for index in 0..<1203 {
            let job = #"{"v":1,"id":"\#(index)","topic":"x","attempt":3,"body":{"attempt":5}}"#
            let letter =
                #"{"id":"\#(index)","reason":"r","error":"a ,\"job\":{ b","attempt":3,"job":\#(job)}"#
            command.append(letter)
        }
        _ = try fixture.client.send(command)
        let letters = RedisDeadLetters(source: fixture.source, client: fixture.client)
        #expect(try letters.list(from: 1200, count: 10).map(\.id) == ["1200", "1201", "1202"])
        let all = try letters.list(count: 5000)
        #expect(all.count == 1203)
        let expected = #"{"v":1,"id":"1202","topic":"x","attempt":0,"body":{"attempt":5}}"#
        #expect(try letters.find(id: "1202")?.job == Array(expected.utf8))
        #expect(try letters.find(id: "none") == nil)
        #expect(try letters.requeue(all) == 1203)
        #expect(try letters.count() == 0)
        #expect(try fixture.contents().queue.count == 1203)
    }

    @Test(
        "letters among many others are taken off without a search for each, also while others do the same",
        arguments: [true, false]
    )
    func takenOff(goesBack: Bool) throws {
        let fixture = try RedisFixture()
        func letter(_ index: Int) -> String {
            let reason = index % 20 == 7 ? "mended" : "other"
            let job = #"{"v":1,"id":"\#(index)"}"#
            return #"{"id":"\#(index)","reason":"\#(reason)","error":"e","attempt":3,"job":\#(job)}"#
        }
        for start in stride(from: 0, to: 12_000, by: 1000) {
            var command = RedisCommand("RPUSH", fixture.keys.dead)
            for index in start..<start + 1000 { command.append(letter(index)) }
            _ = try fixture.client.send(command)
        }
        let letters = RedisDeadLetters(source: fixture.source, client: fixture.client)
        let chosen = try letters.list(count: 20_000).filter { Int($0.id).map { $0 % 20 == 7 } ?? false }
        #expect(chosen.count == 600)
        // Another operator takes some meanwhile, one of the chosen among them, and a new one comes.
        for index in [0, 1, 7, 6000] {
            _ = try fixture.client.send(RedisCommand("LREM", fixture.keys.dead, "1", letter(index)))
        }
        _ = try fixture.client.send(RedisCommand("RPUSH", fixture.keys.dead, letter(12_000)))
        _ = try fixture.client.send(RedisCommand("CONFIG", "RESETSTAT"))
        #expect(try (goesBack ? letters.requeue(chosen) : letters.delete(chosen)) == 599)
        let calls = try fixture.calls(of: ["evalsha", "lrem", "lpos"])
        #expect(calls["evalsha", default: 0] < 10)
        #expect(calls["lrem", default: 0] <= calls["evalsha", default: 0])
        #expect(calls["lpos", default: 0] < 20)
        let left = (0...12_000).filter { $0 % 20 != 7 && ![0, 1, 6000].contains($0) }
        #expect(try letters.list(count: 20_000).map(\.id) == left.map(String.init))
        #expect(try fixture.contents().queue == (goesBack ? chosen.dropFirst().compactMap(\.id) : []))
    }

    @Test("a page of large jobs ends after so many bytes, of a queue and of retries; the pages hold all")
    func largeJobs() throws {
        let fixture = try RedisFixture()
        let jobs = (10..<50).map { Array("\($0)".utf8) + [UInt8](repeating: 0x78, count: 1 << 20) }
        for (index, job) in jobs.enumerated() {
            try fixture.pushPayloads([job])
            var command = RedisCommand("ZADD", fixture.keys.retry, String(1000 + index))
            command.append([job])
            _ = try fixture.client.send(command)
        }
        let inspector = RedisQueueInspector(client: fixture.client)
        let retries = RedisRetries(source: fixture.source, client: fixture.client)
        for read in [
            { try inspector.peek(fixture.source, from: $0, count: 1000) },
            { try retries.page(from: $0, limit: 1000).map(\.element) },
        ] as [(Int) throws -> [[UInt8]]] {
            var found: [[UInt8]] = []
            while true {
                let page = try read(found.count)
                #expect(page.reduce(0) { $0 + $1.count } <= 16 << 20)
                if page.isEmpty { break }
                found += page
            }
            #expect(found == jobs)
        }
        #expect(try retries.page(from: 39, limit: 5).map(\.dueAt.milliseconds) == [1039])
        #expect(try inspector.peek(fixture.source, from: 38, count: 1) == [jobs[38]])
    }

    @Test("quarantined deliveries are bounded, listed and released as they are")
    func quarantine() throws {
        let fixture = try RedisFixture()
        var writer = RedisCommandWriter()
        for index in 0..<1100 {
            RedisPush.quarantine(JobPayload.encode("q\(index)"), to: fixture.keys, writer: &writer)
        }
        let file = fixture.server.directory.file("commands")
        try Data(writer.bytes).write(to: URL(fileURLWithPath: file))
        let piped = try ProcessRunner.run(
            "sh",
            ["-c", "redis-cli -p \(fixture.server.port) --pipe < \(file)"]
        )
        #expect(piped.isSuccess)
        let shelf = RedisDeadLetters(source: fixture.source, shelf: .quarantine, client: fixture.client)
        #expect(try shelf.count() == RedisPush.quarantineLimit)
        let last = try #require(try shelf.find(id: "q1099"))
        #expect(try shelf.requeue([last]) == 1)
        #expect(try fixture.contents().queue == ["q1099"])
        #expect(try shelf.delete(try shelf.list(count: 2)) == 2)
        #expect(try shelf.count() == RedisPush.quarantineLimit - 3)
    }

    @Test("the snapshot tells how the queue stands")
    func snapshot() throws {
        let fixture = try RedisFixture()
        _ = try fixture.client.send(
            RedisCommand("SADD", RedisKeys.queues, "stripe", "shopify", "Not a source!")
        )
        let inspector = RedisQueueInspector(client: fixture.client)
        #expect(try inspector.sources().map(\.name) == ["shopify", "stripe"])
        try fixture.push(["1", "2", "3", "4"])
        let probe = RedisWorkProbe(
            sources: [SourceID(literal: "none"), fixture.source],
            client: fixture.client
        )
        #expect(try probe.signs() == WorkSigns(lists: 1, pauses: 0))
        let lane = try fixture.lane("a")
        _ = try lane.step(acknowledging: nil, takingUpTo: 2)
        let retry = BatchOutcome.Retry(payload: [1], waitMilliseconds: 60_000)
        _ = try lane.step(
            acknowledging: BatchOutcome(retries: [retry], dead: [.init(payload: [2])], jobCount: 2),
            takingUpTo: 1
        )
        try inspector.pause(fixture.source, note: "by ops")
        let snapshot = try inspector.snapshot(fixture.source)
        #expect(snapshot.depth == 1 && snapshot.retries == 1 && snapshot.dead == 1 && snapshot.suspects == 0)
        let dueIn = try #require(snapshot.nextRetryAt).milliseconds(since: RedisTime.now(fixture.client))
        #expect((1...60_000).contains(dueIn))
        #expect(snapshot.oldest.map(JobPayload.name) == "4")
        #expect(snapshot.paused == "by ops")
        #expect(snapshot.counters == ["dead": 1, "retried": 1])
        #expect(snapshot.jobsInFlight == 1)
        #expect(snapshot.inFlight.first?.lane == "a:1:n:0")
        #expect((1...60_000).contains(snapshot.inFlight.first?.leaseMilliseconds ?? 0))
        #expect(try inspector.peek(fixture.source, count: 5) == [JobPayload.encode("4")])
        #expect(try probe.signs() == WorkSigns(lists: 1, pauses: 1))
        #expect(try inspector.resume(fixture.source))
        #expect(try probe.signs() == WorkSigns(lists: 1, pauses: 0))
        #expect(try !inspector.resume(fixture.source))
        _ = try lane.step(acknowledging: BatchOutcome(jobCount: 1), takingUpTo: 5)
        #expect(try probe.signs() == .none)
        #expect(try inspector.snapshot(fixture.source).counters["acked"] == 1)
    }

    @Test("a key of a wrong type is named with both types; the snapshot refuses, the look goes on")
    func wrongKeys() throws {
        let fixture = try RedisFixture()
        let inspector = RedisQueueInspector(client: fixture.client)
        #expect(try inspector.wrongKeys(of: [fixture.source]).isEmpty)
        try fixture.push(["1", "2"])
        _ = try fixture.lane("a").step(acknowledging: nil, takingUpTo: 1)
        let keys = RedisKeys(source: fixture.source)
        _ = try fixture.client.send(RedisCommand("SET", keys.retry, "x"))
        _ = try fixture.client.send(RedisCommand("SADD", keys.crashes, "x"))
        #expect(
            try inspector.wrongKeys(of: [fixture.source]).map { [$0.key, $0.type, $0.expected] } == [
                [keys.crashes, "set", "hash"], [keys.retry, "string", "zset"],
            ]
        )
        let look = try inspector.look(at: fixture.source)
        #expect(look.brokenKeys == [keys.retry])
        #expect(look.depth == 1 && look.jobsInFlight == 1 && look.retries == 0)
        let error = #expect(throws: QueueError.self) { try inspector.snapshot(fixture.source) }
        #expect(error?.code == .unexpectedReply && error?.message.contains(keys.retry) == true)
    }

    @Test("workers report, hear what they are told, and vanish from the books")
    func registry() throws {
        let fixture = try RedisFixture()
        let registry = RedisWorkerRegistry(client: fixture.client)
        let record = WorkerRecord.sample(id: "h:7:n")
        #expect(try registry.report(record) == [])
        try registry.send(.quiet, to: "h:7:n")
        try registry.send(.stop, to: "h:7:n")
        #expect(try registry.report(record) == [.quiet, .stop])
        #expect(try registry.report(record) == [])
        var found = try registry.workers()
        #expect(found.count == 1 && found.allSatisfy { (0..<10_000).contains($0.silence) })
        for index in found.indices { found[index].silence = 0 }
        #expect(found == [record])
        let left = try fixture.client.send(RedisCommand("TTL", RedisKeys.worker("h:7:n"))).integer ?? 0
        #expect((50...60).contains(left))
        _ = try fixture.client.send(RedisCommand("DEL", RedisKeys.worker("h:7:n")))
        #expect(try registry.workers() == [])
        #expect(try fixture.client.send(RedisCommand("SCARD", RedisKeys.workers)) == .integer(0))
        _ = try registry.report(record)
        try registry.remove("h:7:n")
        #expect(try fixture.client.send(RedisCommand("KEYS", "growth:worker*")) == .array([]))
    }

    @Test("an in-flight list whose lane is on no list is found by the hourly walk")
    func strays() throws {
        let fixture = try RedisFixture()
        try fixture.push(["1"])
        _ = try fixture.lane("a").step(acknowledging: nil, takingUpTo: 1)
        _ = try fixture.client.send(RedisCommand("DEL", fixture.keys.lanes))
        try fixture.expireLease(of: "a")
        #expect(try fixture.reap() == (0, 0))
        let caretaker = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try caretaker.registerStrays(fixture.source) == 1)
        #expect(try fixture.reap() == (1, 0))
    }

    @Test("forced promotion takes what is not due, and no more than asked")
    func forcedPromotion() throws {
        let fixture = try RedisFixture()
        for index in 0..<100 {
            _ = try fixture.client.send(RedisCommand("ZADD", fixture.keys.retry, "9e15", "job-\(index)"))
        }
        let caretaker = RedisQueueMaintenance(client: fixture.client, clock: FixedClock())
        #expect(try caretaker.promote(fixture.source) == 0)
        #expect(try caretaker.promote(fixture.source, limit: 70, isForced: true) == 70)
        #expect(try caretaker.promote(fixture.source, limit: 70, isForced: true) == 30)
        #expect(try fixture.contents().queue.count == 100)
    }

    @Test("a Redis that would lose jobs is found out")
    func condition() throws {
        let fixture = try RedisFixture(.init(appendOnly: true, maximumMemory: 100 << 20))
        let good = try RedisCondition(of: fixture.client)
        #expect(good.findings == [])
        #expect(good.version.hasPrefix("7."))
        #expect(good.maximumBytes == 100 << 20)
        #expect((0...50).contains(good.usedPercent ?? 0))
        for policy in ["everysec", "no"] {
            _ = try fixture.client.send(RedisCommand("CONFIG", "SET", "appendfsync", policy))
            let findings = try RedisCondition(of: fixture.client).findings
            #expect(findings.map(\.isFatal) == [false])
            #expect(findings.first?.message.contains("appendfsync \(policy)") == true)
        }
        // What does not tell is not blamed.
        _ = try fixture.client.send(RedisCommand("ACL", "SETUSER", "default", "-config"))
        let untold = try RedisCondition(of: fixture.client)
        #expect(untold.syncPolicy == nil && untold.findings == [])
        _ = try fixture.client.send(RedisCommand("ACL", "SETUSER", "default", "+config"))
        for (name, value) in [
            ("maxmemory-policy", "allkeys-lru"), ("appendonly", "no"), ("maxmemory", "1mb"),
        ] {
            _ = try fixture.client.send(RedisCommand("CONFIG", "SET", name, value))
        }
        let bad = try RedisCondition(of: fixture.client)
        #expect(bad.findings.map(\.isFatal) == [true, false, false])
        // Without a limit, nothing is evicted yet.
        _ = try fixture.client.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
        #expect(try RedisCondition(of: fixture.client).findings.map(\.isFatal) == [false, false])
    }
}
