import Foundation
package import TestSupport

/// Puts envelopes on the queues of a Redis, as the intake does.
package struct RedisLoad {
    private let redis: RedisServer

    package init(_ redis: RedisServer) {
        self.redis = redis
    }

    /// Pushes the envelopes of every source and returns how many there were.
    package func push(_ queues: [String: [[UInt8]]]) throws -> Int {
        let directory = try TemporaryDirectory()
        let file = directory.file("commands")
        var bytes: [UInt8] = []
        var count = 0
        for (source, lines) in queues.sorted(by: { $0.key < $1.key }) {
            append(["SADD", "growth:queues", source].map { Array($0.utf8) }, to: &bytes)
            for line in lines {
                append([Array("RPUSH".utf8), Array("growth:{\(source)}:queue".utf8), line], to: &bytes)
            }
            count += lines.count
        }
        try Data(bytes).write(to: URL(filePath: file))
        let pushed = try ProcessRunner.run(
            "/bin/sh",
            ["-c", "exec redis-cli -s \(redis.socketPath) --pipe < \(file)"],
            limit: .seconds(120)
        )
        guard pushed.isSuccess else { throw TestSupportError("redis-cli --pipe failed: \(pushed.errors)") }
        return count
    }

    private func append(_ words: [[UInt8]], to bytes: inout [UInt8]) {
        bytes += Array("*\(words.count)\r\n".utf8)
        for word in words {
            bytes += Array("$\(word.count)\r\n".utf8)
            bytes += word
            bytes += [13, 10]
        }
    }
}
