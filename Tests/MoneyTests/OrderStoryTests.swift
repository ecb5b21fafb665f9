import MoneyCheck
import MoneyModel
import Shared
import TestSupport
import Testing

/// Single orders: what the engine reads out of their webhooks against what happened.
@Suite("The story of an order")
struct OrderStoryTests {
    @Test("is told the same by any order and repetition of its webhooks, in pieces or at once: 10,000 cases")
    func arrivals() throws {
        var random = SeededGenerator(test: "Order stories")
        var cases = 0
        while cases < 10_000 {
            let quarter = Quarter(seed: random.next(), orders: 60)
            let calendar = try #require(BusinessCalendar(identifier: quarter.zone.name))
            let books = quarter.books
            let stories = try snapshots(of: quarter)
            for order in quarter.orders {
                let told = stories[order.name] ?? []
                let cells = books.orderCells[order.name] ?? [:]
                let expected = Dictionary(
                    uniqueKeysWithValues: cells.map { ("\(Zone.dateText($0.day)) \($0.kind.rawValue)", $1) }
                )
                for _ in 0..<10 {
                    cases += 1
                    let arrivals = (told + told.filter { _ in random.chance(1, in: 3) }).shuffled(
                        using: &random
                    )
                    let ledger = try ledger(of: arrivals, calendar: calendar, using: &random)
                    #expect(
                        ledger == expected,
                        "seed \(quarter.seed), \(order.name):\n\(order.log.joined(separator: "\n"))"
                    )
                }
            }
        }
    }

    /// What every order's webhooks say about its money, by the order's name.
    private func snapshots(of quarter: Quarter) throws -> [String: [OrderSnapshot]] {
        var intake = try MoneyIntake()
        var stories: [String: [OrderSnapshot]] = [:]
        for webhook in quarter.webhooks where !webhook.subject.hasPrefix("payout") {
            let (source, line) = try intake.receive(webhook)
            let decoded = try DecodedEnvelope(decoding: line)
            let adapter = try #require(ProviderCatalog.adapters.first { $0.source == source })
            for fact in try adapter.normalize(decoded.envelope, body: decoded.body).facts {
                guard case .order(let fact) = fact, let financials = fact.financials else { continue }
                let snapshot = OrderSnapshot(
                    observedAt: fact.observedAt,
                    contentHash: financials.contentHash,
                    financials: financials
                )
                stories[webhook.subject, default: []].append(snapshot)
            }
        }
        return stories
    }

    /// Feeds a ledger in up to three pieces, each time posting what it lacks, and returns its sums by day and
    /// kind.
    private func ledger(
        of arrivals: [OrderSnapshot],
        calendar: BusinessCalendar,
        using random: inout SeededGenerator
    ) throws -> [String: Int64] {
        guard !arrivals.isEmpty else { return [:] }
        var sums: [LedgerCell: CellAmount] = [:]
        let cuts = (0..<2).map { _ in Int.random(in: 1...arrivals.count, using: &random) } + [arrivals.count]
        for cut in cuts.sorted() {
            let projected = try OrderProjection.project(Array(arrivals.prefix(cut)), calendar: calendar)
            // A void takes its entries out; what it leaves is compared like everything else.
            let postings = try OrderProjection.postings(desired: projected.cells, existing: sums)
            for posting in postings {
                let held = sums[posting.cell]
                sums[posting.cell] = CellAmount(
                    amountMinor: (held?.amountMinor ?? 0) + posting.amountMinor,
                    effectiveAt: max(held?.effectiveAt ?? posting.effectiveAt, posting.effectiveAt)
                )
            }
        }
        var byDay: [String: Int64] = [:]
        for (cell, amount) in sums {
            byDay["\(cell.date) \(cell.kind.rawValue)", default: 0] += amount.amountMinor
        }
        return byDay.filter { $0.value != 0 }
    }
}
