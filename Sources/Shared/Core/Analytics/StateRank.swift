/// Which of the states that share an instant comes last (decision 0029).
///
/// Providers stamp whole seconds, so that "pending" and "paid" of one order often share one. Of two such
/// states the one that can only have come after the other is the later; where neither is further, the
/// content's hash decides. Each subject is ranked by itself: an order that still lists a refund as pending
/// does not undo what the refund says of itself.
enum StateRank {
    /// How far a sale is.
    ///
    /// Of two states that are as far, the one that knows more comes last. What says nothing about the
    /// standing comes after all that do, since it builds on it.
    static func of(_ sale: SaleState) -> [Int64] {
        let standing: Int64 =
            switch sale.standing {
            case .unpaid: 0
            case .counting: sale.isAuthorised ? 1 : 2
            case .voided: 3
            case .cancelled: 4
            case .unchanged: 5
            }
        return [standing, Int64(sale.detail)]
    }

    /// Money moves once: of two states of a refund the one with more of it is the later.
    ///
    /// Of one amount it is the one that knows more of what was paid back.
    static func of(_ refund: RefundState) -> [Int64] {
        [
            refund.amount, refund.giftCards, refund.tip, refund.tax, refund.shipping,
            Int64(refund.lines.count),
        ]
    }

    /// A dispute is opened before it is closed, and the fee comes back last.
    static func of(_ dispute: DisputeState) -> [Int64] {
        let outcome: Int64 =
            switch dispute.outcome {
            case .open: 0
            case .harmless: 1
            case .lost: 2
            case .won: 3
            }
        return [outcome, dispute.feeReturned]
    }

    /// A transaction has one state.
    static func of(_ redemption: RedemptionState) -> [Int64] {
        []
    }
}

/// One of the states that a message tells, with what decides its place within its instant.
struct RankedState<State> {
    var state: State
    var currency: Currency
    private var rank: [Int64]
    private var contentHash: [UInt8]
    /// The place in the message, so that a message which tells one subject twice is read in its own order.
    private var index: Int

    /// Returns all states of one sort that messages of one instant tell, the earliest first.
    ///
    /// A function of the set of messages: neither their order nor their repetition matters.
    static func all(
        in snapshots: [OrderSnapshot],
        _ states: (OrderFinancials) -> [State],
        rank: (State) -> [Int64]
    ) -> [RankedState] {
        let isShared = snapshots.count > 1
        let told = snapshots.flatMap { snapshot in
            states(snapshot.financials).enumerated().map { index, state in
                RankedState(
                    state: state,
                    currency: snapshot.financials.currency,
                    // A message that has its instant for itself is the usual one.
                    rank: isShared ? rank(state) : [],
                    contentHash: snapshot.contentHash,
                    index: index
                )
            }
        }
        return isShared ? told.sorted(by: precedes) : told
    }

    private static func precedes(_ lhs: RankedState, _ rhs: RankedState) -> Bool {
        if lhs.rank != rhs.rank { return lhs.rank.lexicographicallyPrecedes(rhs.rank) }
        if lhs.contentHash != rhs.contentHash {
            return lhs.contentHash.lexicographicallyPrecedes(rhs.contentHash)
        }
        return lhs.index < rhs.index
    }
}

extension OrderHeader {
    /// How far the order is that the header shows; of two headers of one instant the further one is shown.
    ///
    /// Compared like text: a cancellation first, then the payment, then the fulfilment.
    public var progress: [UInt8] {
        let payment: UInt8 =
            switch financialStatus {
            case "authorized": 1
            case "partially_paid": 2
            case "paid": 3
            case "partially_refunded": 4
            case "refunded": 5
            case "voided", "expired": 6
            default: 0
            }
        let fulfilment = fulfillmentStatus.flatMap { FulfilmentFact.Status(rawValue: $0) }
        let order: [FulfilmentFact.Status] = [
            .unfulfilled, .inProgress, .shipped, .delivered, .returned, .cancelled,
        ]
        let sent = fulfilment.flatMap { order.firstIndex(of: $0) } ?? 0
        return [cancelledAt == nil ? 0 : 1, payment, UInt8(sent)]
    }
}
