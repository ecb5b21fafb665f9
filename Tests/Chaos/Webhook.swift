/// What a webhook says of one order, in the words of the model.
struct Statement: Sendable {
    /// What it says of the order's money.
    enum Change: Sendable {
        /// So much was sold; an earlier sale of the order no longer counts.
        case sale(goods: Int64, shipping: Int64)
        /// The sale is off.
        case cancelled
        /// So much of the order went back, under this id.
        case refund(id: String, amount: Int64)
        /// So much of the order went back in all.
        case refundedTotal(Int64)
    }

    /// What it says of the order's row.
    struct Row: Hashable, Sendable {
        /// The order's total in minor units.
        var total: Int64
        /// Its payment status.
        var status: String
    }

    /// The order: source, account and id, joined by `|`.
    var order: String
    /// The currency's code.
    var currency: String
    /// For which instant it holds, in seconds since 1970; no two statements of an order share one.
    var at: Int64
    /// What it says of the order's row; nil when nothing.
    var row: Row?
    /// What it says of the order's money.
    var changes: [Change]
}

/// What has to come of a webhook that was accepted.
enum Meaning: Sendable {
    /// It is stored, and the ledger follows from it.
    case statement(Statement)
    /// It is a dead letter with this reason.
    case invalid(reason: String)
}

/// How the client behaves.
enum Manner: Sendable {
    /// Waits for the answer, and sends again until it is accepted.
    case patient
    /// Hangs up after the last byte; sends again, unless it gives up for good.
    case hangsUp(givesUp: Bool)
    /// Hangs up in the middle of the body, then sends again.
    case breaksOff
}

/// One webhook, ready to be sent.
struct Webhook: Sendable {
    /// The delivery: source, account and delivery id, joined by `|`.
    var delivery: String
    /// The whole HTTP request.
    var request: [UInt8]
    /// What has to come of it.
    var meaning: Meaning
    /// How the client behaves.
    var manner = Manner.patient

    init(
        delivery: String,
        path: String,
        headers: [(String, String)] = [],
        body: String,
        meaning: Meaning
    ) {
        let head = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        let text = """
            POST \(path) HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\(head)\
            content-length: \(body.utf8.count)\r\n\r\n\(body)
            """
        self.delivery = delivery
        self.request = Array(text.utf8)
        self.meaning = meaning
    }
}
