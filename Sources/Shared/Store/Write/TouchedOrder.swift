import Shared

/// An order that a batch touches.
struct TouchedOrder {
    let key: OrderKey
    let id: Int64
    /// Whether the batch created its row, so that the database holds no snapshot or entry of it.
    var isNew: Bool
    /// Which messages told what its row shows.
    var tellers: RowTellers<OrderFields>
    /// The day on which it counts, and in which currency.
    var saleDate: BusinessDate?
    var saleCurrency: Currency?
    /// The snapshots that the batch added.
    var snapshots: [OrderSnapshot] = []
    /// The inbox row of the last of them.
    var inboxID: Int64 = 0
    /// Whether the batch posted entries.
    var hasPostings = false
    /// The delivery for which a superseded snapshot counts again; its entries need keys of their own.
    var revivedBy: Int64?
}

/// The orders that a batch touches, in the order in which it named them.
struct TouchedOrders {
    private(set) var all: [TouchedOrder] = []
    private var places: [OrderKey: Int] = [:]

    /// Where an order is; nil when the batch did not name it yet.
    func place(of key: OrderKey) -> Int? { places[key] }

    /// An order, by its place.
    subscript(place: Int) -> TouchedOrder {
        get { all[place] }
        set { all[place] = newValue }
    }

    /// Puts an order back to its place; without one, behind all others.
    mutating func keep(_ order: TouchedOrder, at place: Int?) {
        if let place {
            all[place] = order
        } else {
            places[order.key] = all.count
            all.append(order)
        }
    }
}

/// The columns of an order that a message may leave out.
struct OrderFields: RowFields {
    var rawValue: Int64

    static let number = OrderFields(rawValue: 1)
    static let currency = OrderFields(rawValue: 2)
    static let total = OrderFields(rawValue: 4)
    static let financialStatus = OrderFields(rawValue: 8)
    static let fulfillmentStatus = OrderFields(rawValue: 16)
    static let rawStatus = OrderFields(rawValue: 32)
    static let placedAt = OrderFields(rawValue: 64)
    static let cancelledAt = OrderFields(rawValue: 128)
    static let customer = OrderFields(rawValue: 256)

    static let names = [
        "number", "currency", "total", "financial", "fulfillment", "status", "placed", "cancelled",
        "customer",
    ]
}

extension OrderFields {
    /// What a message states; a message without a header may still name its customer.
    init(_ header: OrderHeader?, customer: String?) {
        self = customer == nil ? [] : .customer
        guard let header else { return }
        if header.number != nil { insert(.number) }
        if header.currency != nil { insert(.currency) }
        if header.totalMinor != nil { insert(.total) }
        if header.financialStatus != nil { insert(.financialStatus) }
        if header.fulfillmentStatus != nil { insert(.fulfillmentStatus) }
        if header.rawStatus != nil { insert(.rawStatus) }
        if header.placedAt != nil { insert(.placedAt) }
        if header.cancelledAt != nil { insert(.cancelledAt) }
    }
}

extension Teller {
    /// The teller of what a message says of an order: by the provider's time, then by how far the order is,
    /// then by content (decision 0029).
    init(_ fact: OrderFact, inboxID: Int64) {
        self.init(observedAt: fact.observedAt.milliseconds, contentHash: [], inboxID: inboxID)
        guard let header = fact.header else { return }
        let numbers = [header.totalMinor, header.placedAt?.milliseconds, header.cancelledAt?.milliseconds]
        let texts = [
            header.number, header.currency?.code, header.financialStatus, header.fulfillmentStatus,
            header.rawStatus, header.isTest ? "test" : nil,
        ]
        let digest = Stored.digest(texts, numbers)
        contentHash = header.progress + digest
    }
}
