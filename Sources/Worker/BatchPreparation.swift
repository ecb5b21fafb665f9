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

    /// Jobs to store, in the order of the batch; rejected ones are among them, so that the inbox knows them.
    var items: [Item] = []
    /// Jobs that can never be done, with the reason; by their place in the batch.
    var dead: [(index: Int, reason: DeadReason)] = []
}

/// Reads and normalises jobs; a pure function over their bytes.
struct BatchPreparation {
    /// Returns the adapter of a source, or nil.
    let adapter: (SourceID) -> (any WebhookNormalizing)?

    /// Reads and normalises every job; a bad job is an element of the result, never an error.
    func prepare(_ jobs: [QueuedJob]) -> PreparedBatch {
        var batch = PreparedBatch()
        batch.items.reserveCapacity(jobs.count)
        for (index, job) in jobs.enumerated() {
            let envelope: Envelope
            do {
                envelope = try Envelope(decoding: job.payload)
            } catch {
                batch.dead.append((index, error.reason))
                continue
            }
            do {
                let normalized = try normalize(envelope)
                batch.items.append(.init(index: index, delivery: Delivery(envelope: envelope, normalized: normalized)))
            } catch {
                batch.dead.append((index, error.reason))
                batch.items.append(
                    .init(index: index, delivery: Delivery(envelope: envelope, rejection: error.reason))
                )
            }
        }
        return batch
    }

    private func normalize(_ envelope: Envelope) throws(Rejection) -> Normalized {
        if let unreadable = envelope.unreadable {
            throw Rejection(
                DeadReason(
                    code: unreadable,
                    detail: "The body held no readable document; only its size and hash were kept."
                )
            )
        }
        guard let adapter = adapter(envelope.source) else {
            throw Rejection(.unknownSource(envelope.source.name))
        }
        let document: JSONDocument
        do {
            document = try JSONDocument(envelope.body)
        } catch {
            throw Rejection(.unreadableEnvelope("The body inside the envelope is not JSON."))
        }
        return try adapter.normalize(envelope, body: document.root)
    }
}
