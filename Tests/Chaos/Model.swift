/// What orders and ledger should hold after a set of statements; shares no code with the engine.
///
/// The newest sale counts, refunds add up by their ids, a refunded total is the newest one; of an order that
/// is off, the rest went back too. The order in which statements are added does not matter.
struct Model {
    /// What should be known of one order.
    struct Order: Equatable {
        /// Sums of the ledger by currency and kind, such as `TRY SALE`; zeros left out.
        var sums: [String: Int64] = [:]
        /// The order's row; nil while no statement said anything of it.
        var row: Statement.Row?
    }

    private struct State {
        var rowAt = Int64.min
        var row: Statement.Row?
        var saleAt = Int64.min
        var isCancelled = false
        var goods: Int64 = 0
        var shipping: Int64 = 0
        var totalAt = Int64.min
        var refundedTotal: Int64 = 0
        var refunds: [String: Int64] = [:]
        var currency = ""
    }

    private var states: [String: State] = [:]

    /// Adds what one webhook said; twice is once.
    mutating func add(_ statement: Statement) {
        var state = states[statement.order] ?? State()
        state.currency = statement.currency
        if let row = statement.row, statement.at >= state.rowAt {
            (state.rowAt, state.row) = (statement.at, row)
        }
        for change in statement.changes {
            switch change {
            case .sale(let goods, let shipping):
                guard statement.at >= state.saleAt else { continue }
                (state.saleAt, state.goods, state.shipping) = (statement.at, goods, shipping)
            case .cancelled:
                state.isCancelled = true
            case .refund(let id, let amount): state.refunds[id] = amount
            case .refundedTotal(let amount):
                guard statement.at >= state.totalAt else { continue }
                (state.totalAt, state.refundedTotal) = (statement.at, amount)
            }
        }
        states[statement.order] = state
    }

    /// What every order should be.
    var orders: [String: Order] {
        states.mapValues { state in
            let stated = state.refunds.values.reduce(0, +) + state.refundedTotal
            let refunded = state.isCancelled ? max(stated, state.goods) : stated
            let sums = [
                "\(state.currency) SALE": state.goods, "\(state.currency) SHIPPING": state.shipping,
                "\(state.currency) REFUND": -refunded,
            ]
            return Order(sums: sums.filter { $0.value != 0 }, row: state.row)
        }
    }

    /// Sums over all orders by currency and kind.
    var totals: [String: Int64] {
        var totals: [String: Int64] = [:]
        for order in orders.values { totals.merge(order.sums, uniquingKeysWith: +) }
        return totals.filter { $0.value != 0 }
    }
}
