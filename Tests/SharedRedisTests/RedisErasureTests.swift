import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

/// A connection that tells how much passes through it, and lets others act in between.
private final class WatchedClient: RedisCommanding {
    /// Bytes of the largest reply, and of the largest command.
    var largest = (reply: 0, command: 0)
    /// Told after every exchange, how many there were.
    var afterExchange: (Int) throws -> Void = { _ in }
    private var exchanges = 0
    private let client: RedisClient

    init(_ client: RedisClient) {
        self.client = client
    }

    func send(_ commands: [RedisCommand]) throws(QueueError) -> [RedisReply] {
        let replies = try client.send(commands)
        guard commands.first?.arguments.first != Array("SCRIPT".utf8) else { return replies }
        largest.reply = max(largest.reply, replies.map(size).max() ?? 0)
        let sent = commands.map { $0.arguments.reduce(0) { $0 + $1.count } }
        largest.command = max(largest.command, sent.max() ?? 0)
        exchanges += 1
        do {
            try afterExchange(exchanges)
        } catch {
            throw QueueError(code: .unreachable, message: "The test could not act in between.")
        }
        return replies
    }

    private func size(_ reply: RedisReply) -> Int {
        reply.elements.map { $0.reduce(0) { $0 + size($1) } } ?? reply.bytes?.count ?? 0
    }
}

@Suite("The erasure of jobs that wait")
struct RedisErasureTests {
    private static let pseudonym = "h1:k1:" + String(repeating: "a", count: 64)
    private let fixture: RedisFixture
    private let client: WatchedClient
    private let keys: RedisKeys

    init() throws {
        fixture = try RedisFixture()
        client = WatchedClient(fixture.client)
        keys = fixture.keys
    }

    private func job(_ number: Int, bears: Bool = true, filler: Int = 0) -> String {
        let customer = bears ? Self.pseudonym : "nobody"
        let text = String(repeating: "x", count: filler)
        return #"{"v":1,"id":"\#(number)","source":"shopify","account":"shop","attempt":0,"#
            + #""customer":"\#(customer)","body":"\#(text)"}"#
    }

    private func letter(_ number: Int, bears: Bool = true, filler: Int = 0) -> String {
        #"{"id":"\#(number)","reason":"r","error":"e","attempt":0,"job":"#
            + job(number, bears: bears, filler: filler) + "}"
    }

    private func push(_ key: String, _ jobs: [String]) throws {
        _ = try fixture.client.send(RedisCommand(["RPUSH", key] + jobs))
    }

    private func remove(_ scope: OpenErasure.Scope = .customers([Self.pseudonym])) throws -> Int {
        let report = try RedisErasure.remove(
            scope,
            of: [fixture.source],
            client: client,
            mayGoOn: { true }
        )
        try report?.refused()
        return try #require(report).total
    }

    /// Jobs that still bear the pseudonym, wherever they are.
    private func left() throws -> Int {
        let names = [keys.queue, keys.suspect, keys.dead, keys.quarantine]
        let replies = try fixture.client.send(
            names.map { RedisCommand("LRANGE", $0, "0", "-1") }
                + [RedisCommand("ZRANGE", keys.retry, "0", "-1")]
        )
        return replies.flatMap { $0.elements ?? [] }.count { $0.text?.contains(Self.pseudonym) == true }
    }

    /// How often Redis ran a command, within scripts too.
    private func calls(_ name: String) throws -> Int {
        let text = try fixture.server.cli("INFO", "commandstats")
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(name):") }
        return line?.split(separator: "calls=").dropFirst().first.flatMap { Int($0.prefix { $0 != "," }) }
            ?? 0
    }

    @Test("reads and rewrites large jobs a few at a time: two hundred of them would be gigabytes")
    func largeJobs() throws {
        let filler = 1 << 20
        for number in 0..<30 { try push(keys.dead, [letter(number, filler: filler)]) }
        #expect(try remove() == 30)
        #expect(try left() == 0)
        #expect(client.largest.reply <= 4 << 20)
        #expect(client.largest.command <= 9 << 20)
        #expect(try fixture.client.send(RedisCommand("LLEN", keys.dead)).integer == 30)
    }

    @Test("a page of set-aside jobs keeps its bound where large ones follow many small ones")
    func mixedPage() throws {
        try push(keys.dead, (0..<100).map { letter($0) })
        for number in 0..<30 { try push(keys.dead, [letter(100 + number, filler: 1 << 20)]) }
        let letters = RedisDeadLetters(source: fixture.source, client: client)
        let page = try letters.page(from: 0, limit: 500)
        #expect(page.count == 115)
        #expect(client.largest.reply <= 16 << 20)
        #expect(try letters.list(count: 500).map(\.id) == (0..<130).map { "\($0)" })
    }

    @Test("reads a page of small jobs in few parts: each walks from the list's nearer end")
    func fewParts() throws {
        try push(keys.dead, (0..<500).map { letter($0) })
        let letters = RedisDeadLetters(source: fixture.source, client: client)
        #expect(try letters.page(from: 0, limit: 500).count == 500)
        let parts = try calls("lrange")
        #expect(parts <= 24, "It took \(parts).")
    }

    @Test("rewrites a whole account where its jobs stand, and searches for none of them")
    func wholeAccount() throws {
        try push(keys.queue, (0..<2000).map { job($0) })
        try push(keys.dead, (2000..<2300).map { letter($0) })
        try push(keys.queue, [job(2300).replacing(#""account":"shop""#, with: #""account":"other""#)])
        let account = AccountKey(source: fixture.source, account: "shop")
        #expect(try remove(.account(account)) == 2300)
        #expect(try left() == 1)
        #expect(try calls("lpos") == 0)
        #expect(try fixture.contents().queue == ((0..<2000) + [2300]).map { "\($0)" })
        #expect(try fixture.contents().dead == (2000..<2300).map { "\($0)" })
    }

    @Test("passes over no job while lanes take others at the head")
    func movingHead() throws {
        try push(keys.queue, (0..<2000).map { job($0) })
        client.afterExchange = { [fixture, keys] count in
            guard count <= 10 else { return }
            _ = try fixture.client.send(RedisCommand("LTRIM", keys.queue, "100", "-1"))
        }
        _ = try remove()
        #expect(try left() == 0)
        #expect(try fixture.contents().queue == (1000..<2000).map { "\($0)" })
    }

    @Test("finds jobs again that pushes shift, with one search for all of them")
    func movingTail() throws {
        try push(keys.queue, (0..<1000).map { job($0) })
        client.afterExchange = { [fixture, keys] count in
            guard count <= 10 else { return }
            let others = (0..<7).map { job(count * 1000 + $0, bears: false) }
            _ = try fixture.client.send(RedisCommand(["RPUSH", keys.queue] + others))
        }
        #expect(try remove() == 1000)
        #expect(try left() == 0)
        #expect(try fixture.contents().queue.prefix(1000) == (0..<1000).map { "\($0)" }[...])
        #expect(try calls("lpos") <= 10)
    }

    @Test("reaches dead letters that an operator sends back meanwhile", arguments: 1...6)
    func sentBack(after exchange: Int) throws {
        try push(keys.dead, (0..<300).map { letter($0) })
        client.afterExchange = { [fixture] count in
            guard count == exchange else { return }
            let letters = RedisDeadLetters(source: fixture.source, client: fixture.client)
            _ = try letters.requeue(letters.list(count: 200))
        }
        _ = try remove()
        #expect(try left() == 0)
        #expect(try fixture.contents().queue.count + fixture.contents().dead.count == 300)
    }

    @Test("reaches dead letters that come nearer while an operator deletes others")
    func deleted() throws {
        try push(keys.dead, (0..<1200).map { letter($0, bears: (500..<700).contains($0)) })
        client.afterExchange = { [fixture, keys] count in
            // The first list is the quarantine.
            guard count == 2 else { return }
            _ = try fixture.client.send(RedisCommand("LTRIM", keys.dead, "0", "-301"))
        }
        #expect(try remove() == 200)
        #expect(try left() == 0)
    }

    @Test("retries keep their scores, those that are due at the same moment too")
    func retries() throws {
        var command = RedisCommand("ZADD", keys.retry)
        for number in 0..<1200 {
            command.append(String(number < 600 ? 5 : 7))
            command.append(job(number))
        }
        _ = try fixture.client.send(command)
        #expect(try remove() == 1200)
        #expect(try left() == 0)
        #expect(try fixture.client.send(RedisCommand("ZCOUNT", keys.retry, "5", "5")).integer == 600)
        #expect(try fixture.client.send(RedisCommand("ZCOUNT", keys.retry, "7", "7")).integer == 600)
    }

    @Test("ends between two pages when it is told to")
    func stops() throws {
        try push(keys.queue, (0..<1200).map { job($0) })
        var pages = 0
        let report = try RedisErasure.remove(
            .customers([Self.pseudonym]),
            of: [fixture.source],
            client: client,
            mayGoOn: {
                pages += 1
                // Quarantine, dead letters and retries are a page each.
                return pages < 5
            }
        )
        #expect(report == nil)
        #expect(try left() == 700)
    }

    @Test("tells which keys could not be looked through, and goes on")
    func refusals() throws {
        try push(keys.dead, [letter(1)])
        _ = try fixture.client.send(RedisCommand("SET", keys.retry, "text"))
        let report = try RedisErasure.remove(
            .customers([Self.pseudonym]),
            of: [fixture.source],
            client: client,
            mayGoOn: { true }
        )
        #expect(report?.refusals == [.init(source: fixture.source, key: keys.retry)])
        #expect(report?.dead == 1)
    }

    @Test("a key of a wrong type keeps no other from being looked through, and is told", arguments: [0, 1])
    func brokenKey(place: Int) throws {
        let other = SourceID(literal: "payouts")
        let broken = [keys.queue, RedisKeys(source: other).dead][place]
        for key in [keys.queue, keys.dead, RedisKeys(source: other).queue] where key != broken {
            try push(key, [letter(1)])
        }
        _ = try fixture.client.send(RedisCommand("SET", broken, "text"))
        let report = try #require(
            try RedisErasure.remove(
                .customers([Self.pseudonym]),
                of: [fixture.source, other],
                client: client,
                mayGoOn: { true }
            )
        )
        let sources = [fixture.source, other]
        let error = #expect(throws: QueueError.self) { try report.refused(of: sources[place]) }
        #expect(throws: Never.self) { try report.refused(of: sources[1 - place]) }
        #expect(report.refusals(of: sources[place]) == [.init(source: sources[place], key: broken)])
        #expect(report.refusals(of: sources[1 - place]).isEmpty)
        #expect(error?.code == .unexpectedReply && error?.message.contains(broken) == true)
        #expect(try left() == 0)
        let queue = try RedisQueueInspector(client: fixture.client).peek(other, count: 1)
        #expect(queue.count == 1 && PseudonymText.all(in: queue.first ?? []).isEmpty)
    }
}
