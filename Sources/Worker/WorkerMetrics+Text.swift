import Shared
import SharedRedis

extension WorkerMetrics {
    /// Writes everything; the figures of the queues only while they are fresh.
    func write(to text: inout MetricsText, at now: Timestamp) {
        let state = self.now
        writeLanes(state, to: &text)
        writeHistograms(state, to: &text)
        guard let sample = state.sample(at: now) else {
            return
        }
        writeQueues(sample, at: now, to: &text)
        writeCounters(sample, to: &text)
        writeRedis(sample, to: &text)
    }

    private func writeLanes(_ state: State, to text: inout MetricsText) {
        func bySource(_ name: String, _ help: String, _ value: (Settled) -> Int) {
            let samples = sources.map { ($0.name, Double(value(state.settled[$0] ?? Settled()))) }
            text.family("growth_worker_\(name)_total", .counter, help, by: "source", samples)
        }
        bySource("processed", "Jobs acknowledged, whatever became of them.") { $0.processed }
        bySource("failed", "Jobs acknowledged that were put off or became dead letters.") {
            $0.retried + $0.dead
        }
        bySource("retried", "Jobs put off.") { $0.retried }
        bySource("dead", "Jobs that became dead letters.") { $0.dead }
        bySource("fenced", "Steps that came after their lease had ended, unacknowledged.") { $0.fenced }
        text.family(
            "growth_worker_commit_failures_total",
            .counter,
            "Transactions that failed, by kind.",
            by: "code",
            ["constraint", "incompatible", "unavailable"].map { ($0, Double(state.commitFailures[$0] ?? 0)) }
        )
        text.family(
            "growth_worker_redis_failures_total",
            .counter,
            "Steps and looks at the queues that Redis did not answer.",
            state.redisFailures
        )
        text.family(
            "growth_worker_redis_up",
            .gauge,
            "Whether Redis answered when it was last asked.",
            state.isRedisUp ? 1 : 0
        )
        text.family(
            "growth_worker_stalled",
            .gauge,
            "Whether work waits that no lane of this worker asks for.",
            state.isStalled ? 1 : 0
        )
    }

    private func writeHistograms(_ state: State, to text: inout MetricsText) {
        text.histogram("growth_worker_batch_jobs", "Jobs per batch.", state.batchJobs)
        text.histogram(
            "growth_worker_batch_seconds",
            "From the taking of a batch to its acknowledgement.",
            state.batchSeconds
        )
        text.histogram(
            "growth_worker_redis_seconds",
            "How long Redis took to answer a step.",
            state.redisSeconds
        )
        text.histogram(
            "growth_worker_commit_seconds",
            "How long a transaction took.",
            state.commitSeconds
        )
        text.histogram(
            "growth_worker_received_to_committed_seconds",
            "From the receipt of a webhook to its commit.",
            state.waits
        )
    }

    private func writeQueues(_ sample: Sample, at now: Timestamp, to text: inout MetricsText) {
        func gauge(_ name: String, _ help: String, _ value: (QueueSnapshot) -> Double) {
            let samples = sample.queues.map { ($0.source.name, value($0)) }
            text.family("growth_queue_\(name)", .gauge, help, by: "source", samples)
        }
        gauge("size", "Jobs that wait.") { Double($0.depth) }
        gauge("oldest_seconds", "How long the job that is served next has waited.") {
            $0.oldestSeconds(at: now) ?? 0
        }
        gauge("in_flight", "Jobs that lanes have in hand.") { Double($0.jobsInFlight) }
        gauge("orphaned", "Jobs in hand of lanes without a lease.") {
            Double($0.inFlight.filter { $0.leaseMilliseconds == nil }.reduce(0) { $0 + $1.jobs })
        }
        gauge("suspect_size", "Jobs whose worker died, to be tried alone.") { Double($0.suspects) }
        gauge("retry_size", "Jobs that wait for another try.") { Double($0.retries) }
        gauge("dead_size", "Dead letters.") { Double($0.dead) }
        gauge("quarantine_size", "Deliveries in quarantine.") { Double($0.quarantined) }
        gauge("paused", "Whether an operator paused the queue.") { $0.paused == nil ? 0 : 1 }
    }

    /// What the scripts count in Redis, over all workers.
    private func writeCounters(_ sample: Sample, to text: inout MetricsText) {
        for (field, help) in [
            ("acked", "Jobs that were done."), ("retried", "Jobs that were put off."),
            ("dead", "Jobs that became dead letters."),
            ("promoted", "Retries that went back to the queue."),
            ("reaped", "Jobs taken back from dead lanes."), ("fenced", "Steps that came too late."),
            ("requeued", "Set-aside jobs that an operator put back."),
        ] {
            let samples = sample.queues.map { ($0.source.name, Double($0.counters[field] ?? 0)) }
            text.family("growth_queue_\(field)_total", .counter, help, by: "source", samples)
        }
    }

    private func writeRedis(_ sample: Sample, to text: inout MetricsText) {
        let redis = sample.redis
        text.family("growth_queue_workers", .gauge, "Workers on the books.", sample.workers)
        text.family("growth_queue_redis_memory_bytes", .gauge, "Memory that Redis uses.", redis.usedBytes)
        text.family(
            "growth_queue_redis_memory_limit_bytes",
            .gauge,
            "Limit of that memory, 0 for none.",
            redis.maximumBytes ?? 0
        )
        text.family(
            "growth_queue_redis_noeviction",
            .gauge,
            "Whether a full Redis keeps its keys.",
            redis.evictionPolicy == "noeviction" ? 1 : 0
        )
        text.family(
            "growth_queue_redis_append_only",
            .gauge,
            "Whether Redis writes an append-only file.",
            redis.isAppendOnly ? 1 : 0
        )
        text.family(
            "growth_queue_redis_append_only_ok",
            .gauge,
            "Whether the last write to it succeeded.",
            redis.isAppendOnlyFine ? 1 : 0
        )
    }
}
