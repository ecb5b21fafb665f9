import MoneyCheck
import MoneyModel
import Shared
import TestSupport

@testable import growth_worker

/// A quarter's webhooks on their way through the intake's pipeline and the worker's batches into a database.
final class QuarterRun {
    let books: QuarterBooks
    /// Why jobs became dead letters, with what they were about.
    private(set) var dead: [String] = []

    init(_ quarter: Quarter, hasRates: Bool = true) throws {
        books = try QuarterBooks(quarter, hasRates: hasRates)
    }

    init(_ books: QuarterBooks) {
        self.books = books
    }

    /// Delivers webhooks in batches of 256, as a lane does.
    func deliver(_ webhooks: [Webhook], batch: Int = 256) throws {
        var intake = try MoneyIntake()
        for start in stride(from: 0, to: webhooks.count, by: batch) {
            let part = webhooks[start..<min(start + batch, webhooks.count)]
            let lines = try part.map { try intake.receive($0).line }
            try commit(lines) { part[part.startIndex + $0].subject }
        }
    }

    /// Commits one batch of envelopes through the worker's own code.
    func commit(_ lines: [[UInt8]], subject: (Int) -> String = { "job \($0)" }) throws {
        let preparation = BatchPreparation(adapters: ProviderCatalog.adapters)
        guard let prepared = preparation.prepare(lines.map { QueuedJob(payload: $0) }) else {
            throw TestSupportError("The preparation gave up.")
        }
        let commit = BatchCommit(
            store: books.store,
            clock: ManualClock(QuarterBooks.now),
            waitBeforeRetry: { _, _ in false },
            mayGoOn: { true },
            worked: {}
        )
        var all = prepared.dead
        switch try commit.run(prepared.items) {
        case .committed(_, let late): all += late
        case .abandoned: throw TestSupportError("The database gave up.")
        }
        dead += all.map { "\(subject($0.index)): \($0.reason)" }
    }

    /// What differs from the model.
    func mismatches() async throws -> QuarterComparison {
        var comparison = QuarterComparison(books)
        try await comparison.compare()
        return comparison
    }
}
