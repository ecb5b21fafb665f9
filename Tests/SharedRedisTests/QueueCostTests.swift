import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

/// What the queue costs Redis; prints its figures and holds the one that must never grow.
@Suite(.serialized) struct QueueCostTests {
    @Test("a claimed and acknowledged job costs the append-only file its moves, never its payload again")
    func cost() throws {
        let fixture = try RedisFixture(.init(appendOnly: true, extraArguments: ["--appendfsync", "no"]))
        let jobs = 256 * 16
        let filler = String(repeating: "x", count: 8192)
        for batch in 0..<16 {
            try fixture.pushPayloads(
                (0..<256).map { index in
                    Array(#"{"v":1,"id":"\#(batch)-\#(index)","source":"shopify","body":"\#(filler)"}"#.utf8)
                }
            )
        }
        let lane = try fixture.lane("host-1.example.org")
        _ = try lane.step(acknowledging: nil, takingUpTo: 0)
        let before = try figures(fixture.server)
        var outcome: BatchOutcome?
        var done = 0
        while case .jobs(let taken) = try lane.step(acknowledging: outcome, takingUpTo: 256), !taken.isEmpty {
            outcome = BatchOutcome(jobCount: taken.count)
            done += taken.count
        }
        let after = try figures(fixture.server)
        #expect(done == jobs)
        let fileBytes = Double(after.fileBytes - before.fileBytes) / Double(jobs)
        let microseconds = Double(after.microseconds - before.microseconds) / Double(jobs)
        print(
            "Queue cost at batch 256, 8 KB: \(microseconds) us of Redis and \(fileBytes) B of file per job."
        )
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
