import Foundation
import Shared
import SharedRedis
import SharedStore

extension Diagnosis {
    /// Longer than a dead lane waits for the reaper, in microseconds.
    private static let reapingTime: UInt32 = 2_500_000

    /// Looks for what nobody else tells: what is lost, what is stuck, and what would refuse a queue.
    func care(_ client: RedisClient) throws(QueueError) -> [Finding] {
        let inspector = RedisQueueInspector(client: client)
        let sources = ProviderCatalog.adapters.map(\.source)
        let texts =
            try inspector.wrongCounters(of: sources).map { counter in
                "The counter \(counter.field) of \(counter.key) is no number, so that the queue is refused: "
                    + "redis-cli HDEL \(counter.key) \(counter.field)"
            }
            + inspector.endlessKeys(of: sources).map { key in
                "\(key) must end by itself and does not, so somebody wrote it by hand: "
                    + "redis-cli EXPIRE \(key) 60"
            } + stranded(inspector, client)
        return (try emptied(client)) + texts.map { Finding(check: "queues", isFine: false, text: $0) }
    }

    /// Whether Redis was emptied or replaced, and nobody has said yet that he saw it.
    private func emptied(_ client: RedisClient) throws(QueueError) -> [Finding] {
        // A database that can't be read is told elsewhere.
        guard let store = try? Ops.store(settings, access: .reports), let claim = try? store.claim(),
            let mark = try? store.installation()
        else { return [] }
        let look = try RedisInstallation.look(client)
        let text: String
        if let loss = claim.loss {
            text =
                "Redis was emptied or replaced, as was found at \(loss.foundAt): what waited in it is gone. "
                + "Have the providers send again what came since \(loss.since), then: "
                + "growthctl queue acknowledge"
        } else if claim.token != nil, look.isTokenReadable, look.token == nil,
            look.installation ?? mark == mark
        {
            text =
                "Redis was emptied or replaced since a worker looked last: what waited in it is gone. The "
                + "next look of a worker tells since when. Where it is meant to be new: "
                + "growthctl queue acknowledge"
        } else {
            return []
        }
        return [Finding(check: "redis", isFine: false, text: text)]
    }

    // MARK: Batches that nobody has

    /// Batches in hand of lanes that are gone and that nobody takes back.
    private func stranded(
        _ inspector: RedisQueueInspector,
        _ client: RedisClient
    ) throws(QueueError) -> [String] {
        let workers = try SystemSample.workers(client)
        guard workers.brokenKeys.isEmpty else { return [] }
        let known = Set(workers.records.map(\.id))
        var found = try batches(inspector, besides: known)
        // A lane that died a moment ago is not taken for dead yet.
        if !found.isEmpty, !known.isEmpty {
            usleep(Self.reapingTime)
            let still = Set(try batches(inspector, besides: known).map(\.lane))
            found = found.filter { still.contains($0.lane) }
        }
        return found.map { batch in
            let cause = batch.isKnown ? "which has no lease" : "whose worker is not on the books"
            let advice =
                known.isEmpty
                ? "start a worker, which takes them back"
                : "see in the workers' logs why none takes them back"
            return "In hand of \(batch.lane), \(cause): "
                + "\(batch.jobs.counted("job", "jobs")) of \(batch.source); \(advice)."
        }
    }

    private struct Batch {
        var source: SourceID
        var lane: String
        var jobs: Int
        var isKnown: Bool
    }

    private func batches(
        _ inspector: RedisQueueInspector,
        besides known: Set<String>
    ) throws(QueueError) -> [Batch] {
        var batches: [Batch] = []
        for source in ProviderCatalog.adapters.map(\.source) {
            for hand in try inspector.look(at: source).inFlight where hand.jobs > 0 {
                let isKnown = known.contains(hand.worker)
                guard !isKnown || hand.leaseMilliseconds == nil else { continue }
                batches.append(Batch(source: source, lane: hand.lane, jobs: hand.jobs, isKnown: isKnown))
            }
        }
        return batches
    }
}
