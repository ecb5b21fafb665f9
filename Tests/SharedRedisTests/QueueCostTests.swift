import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

/// What the queue costs Redis; prints its figures and holds the one that must never grow.
@Suite(.serialized) struct QueueCostTests {
    private static let batch = 256
    private static let batches = 16

    @Test("a claimed and acknowledged job costs the append-only file its moves, never its payload again")
    func cost() throws {
        let fixture = try fixture()
        for batch in 0..<Self.batches { try push(batch, to: fixture) }
        try check("\(Self.batches) batches waiting", fixture) { _ in }
    }

    @Test("a queue that is one batch is claimed without a copy")
    func oneBatch() throws {
        let fixture = try fixture()
        try push(0, to: fixture)
        try check("one batch waiting", fixture) { done in
            if done < Self.batches { try push(done, to: fixture) }
        }
        #expect(try !fixture.server.cli("INFO", "commandstats").contains("cmdstat_sort"))
    }

    private func fixture() throws -> RedisFixture {
        try RedisFixture(.init(appendOnly: true, extraArguments: ["--appendfsync", "no"]))
    }

    private func push(_ batch: Int, to fixture: RedisFixture) throws {
        let filler = String(repeating: "x", count: 8192)
        try fixture.pushPayloads(
            (0..<Self.batch).map { index in
                Array(#"{"v":1,"id":"\#(batch)-\#(index)","source":"shopify","body":"\#(filler)"}"#.utf8)
            }
        )
    }

    /// Takes and acknowledges all batches, and says what they cost.
    private func check(_ name: String, _ fixture: RedisFixture, taken: (_ batches: Int) throws -> Void) throws
    {
        let lane = try fixture.lane("host-1.example.org")
        _ = try lane.step(acknowledging: nil, takingUpTo: 0)
        let before = try figures(fixture.server)
        var outcome: BatchOutcome?
        var done = 0
        var pushed = 0
        while case .jobs(let jobs) = try lane.step(acknowledging: outcome, takingUpTo: Self.batch),
            !jobs.isEmpty
        {
            outcome = BatchOutcome(jobCount: jobs.count)
            done += jobs.count
            let size = try figures(fixture.server).fileBytes
            try taken(done / Self.batch)
            pushed += try figures(fixture.server).fileBytes - size
        }
        let after = try figures(fixture.server)
        #expect(done == Self.batch * Self.batches)
        let fileBytes = Double(after.fileBytes - before.fileBytes - pushed) / Double(done)
        let microseconds = Double(after.microseconds - before.microseconds) / Double(done)
        print("Queue cost, batch 256, 8 KB, \(name): \(microseconds) us and \(fileBytes) B of file per job.")
        // Five commands a batch of 256: a few bytes a job.
        #expect(fileBytes < 80)
    }

    private func figures(_ server: RedisServer) throws -> (microseconds: Int, fileBytes: Int) {
        let commands = try server.cli("INFO", "commandstats")
        let persistence = try server.cli("INFO", "persistence")
        // What the scripts call is within their time; the reading of the batch is a command of its own.
        let spent = commands.split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("cmdstat_evalsha:") || $0.hasPrefix("cmdstat_lrange:") }
            .compactMap { line in line.split(separator: ",").first { $0.contains("usec=") } }
            .compactMap { Int($0.drop { $0 != "=" }.dropFirst()) }
        let size = persistence.split(whereSeparator: \.isNewline).first { $0.hasPrefix("aof_current_size:") }
        return (
            spent.reduce(0, +),
            size.flatMap { Int($0.dropFirst(17).filter(\.isNumber)) } ?? 0
        )
    }
}
