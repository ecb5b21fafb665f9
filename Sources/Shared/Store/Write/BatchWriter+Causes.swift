import Shared

extension BatchWriter {
    /// Notes why postings about an order change their days.
    func noteCauses(of postings: [Posting], existing: [LedgerCell: CellAmount], isVoided: Bool) {
        guard !postings.isEmpty else { return }
        let hadSale = existing.contains { $0.key.reference.isEmpty && $0.value.amountMinor != 0 }
        for posting in postings {
            let cause = RestatementCause(
                ofReference: posting.cell.reference,
                hadSale: hadSale,
                isVoided: isVoided
            )
            noteCause(cause, on: posting.cell.date)
        }
    }

    /// Notes why a day changes; whatever a replay brings is the replay's doing.
    func noteCause(_ cause: RestatementCause, on date: BusinessDate) {
        causes[date, default: []].insert(replayNumber == nil ? cause : .replay)
    }
}
