import Shared

/// What a batch of jobs says: deliveries to commit and jobs that are dead before any commit.
struct PreparedBatch {
    /// One job that could be read: its place in the batch and what is to be stored of it.
    struct Item {
        /// The job's place in the batch.
        var index: Int
        /// What is to be stored.
        var delivery: Delivery
    }

    /// One job that can't be done as it is: its place in the batch and why.
    struct Dead {
        /// The job's place in the batch.
        var index: Int
        /// Why.
        var reason: DeadReason
    }

    /// Jobs to store, in the order of the batch; rejected ones are among them, so that the inbox knows them.
    var items: [Item] = []
    /// Jobs that can't be done as they are, with the reason; by their place in the batch.
    var dead: [Dead] = []

    /// The envelopes of the jobs that could be read, by their place in the batch.
    var envelopes: [Int: Envelope] {
        Dictionary(items.map { ($0.index, $0.delivery.envelope) }) { first, _ in first }
    }

    /// All dead jobs in the order of the batch, each once: with the reason that was found first.
    func dead(with late: [Dead]) -> [Dead] {
        Dictionary((dead + late).map { ($0.index, $0) }) { first, _ in first }.values
            .sorted { $0.index < $1.index }
    }
}

/// Reads and normalises jobs; a pure function over their bytes.
struct BatchPreparation {
    private let reader: DeliveryReader

    init(adapters: [any ProviderAdapter]) {
        reader = DeliveryReader(adapters: adapters)
    }

    /// Reads and normalises every job; a bad job is an element of the result, never an error.
    ///
    /// `mayGoOn` is asked after every job; when it says no, the result is nil.
    func prepare(_ jobs: [QueuedJob], mayGoOn: () -> Bool = { true }) -> PreparedBatch? {
        var batch = PreparedBatch()
        batch.items.reserveCapacity(jobs.count)
        for (index, job) in jobs.enumerated() {
            guard index == 0 || mayGoOn() else { return nil }
            let decoded: DecodedEnvelope
            do {
                decoded = try DecodedEnvelope(decoding: job.payload)
            } catch {
                batch.dead.append(.init(index: index, reason: error.reason))
                continue
            }
            let delivery = reader.delivery(of: decoded)
            batch.items.append(.init(index: index, delivery: delivery))
            if let reason = delivery.rejection { batch.dead.append(.init(index: index, reason: reason)) }
        }
        guard mayGoOn() else { return nil }
        return batch
    }
}
