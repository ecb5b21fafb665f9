import Foundation
import Shared
import SharedRedis
import Testing

@Suite("Redis keys")
struct RedisKeysTests {
    @Test("docs/redis-keys.md lists every key, and no other")
    func page() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/redis-keys.md"), encoding: .utf8)
        let listed = page.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\| `(growth:[^`]+)` \|/).map { String($0.output.1) }
        }
        let keys = RedisKeys(source: SourceID(literal: "shopify"))
        let lane = "<host>:<pid>:<nonce>:<lane>"
        let worker = "<host>:<pid>:<nonce>"
        let all =
            Mirror(reflecting: keys).children.filter { $0.label != "prefix" }.compactMap {
                $0.value as? String
            }
            + [
                keys.inflight(lane: lane), keys.lease(lane: lane), keys.reaped(lane: lane),
                keys.redaction(intake: "<host>:<pid>"),
                RedisKeys.queues, RedisKeys.workers, RedisKeys.installation, RedisKeys.installationToken,
                RedisKeys.worker(worker), RedisKeys.signals(worker: worker),
            ]
        #expect(listed.sorted() == all.sorted())
    }
}
