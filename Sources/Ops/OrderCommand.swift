import ArgumentParser
import Shared
import SharedRuntime
import SharedStore

/// One order: how it went, and what the ledger holds of it.
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order",
        abstract: "Shows an order: the states that it was seen in, its ledger, and what cleared it.",
        discussion: """
            An order is found by the provider's id, else by the number that its customer knows, such as \
            '#1001', else by the id of its payment, of a refund or of a dispute, where the provider gives \
            them one; where several are found, they are listed. A state comes from a message of the \
            provider, or from the fulfilment that was reported. Nothing that names the customer is shown.

            EXAMPLES:
              growthctl order generic 5503184
              growthctl order generic '#1001'
              growthctl order generic re_5503
              growthctl order generic 1001 --account shop
            """
    )

    @Argument(help: "The source.", completion: Ops.sourceCompletion) var source: String
    @Argument(help: "The provider's id of the order, its number, or the id of a payment, refund or dispute.")
    var id: String
    @Option(help: "That of this account; those of all accounts without it.") var account: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let source = try Ops.source(source)
        try Ops.run { settings in
            let store = try Ops.store(settings, access: .reports)
            func found(_ id: String) throws -> [OrderHistory] {
                try store.orders(source, externalID: id).filter { order in
                    account.map { $0 == order.key.account.account } ?? true
                }
            }
            var orders = try found(id)
            if orders.isEmpty {
                var ids = try store.orderIDs(source, number: id, limit: Self.mostOrders)
                if ids.isEmpty { ids = try store.orderIDs(source, part: id, limit: Self.mostOrders) }
                orders = try ids.flatMap(found)
                guard Set(orders.map(\.key.externalID)).count < 2 else {
                    output.show([("orders", Self.header(orders))])
                    return StandardError.print(
                        "Several orders bear this number or id: name one by its own id."
                    )
                }
            }
            guard !orders.isEmpty else {
                let place = account.map { " in the account \($0)" } ?? ""
                throw Refusal("There is no order \(id) of \(source)\(place).")
            }
            output.show([
                ("orders", Self.header(orders)), ("states", Self.states(orders)),
                ("entries", Self.entries(orders)),
            ])
        }
    }

    /// The most orders of one number that are listed.
    private static let mostOrders = 100

    private static func header(_ orders: [OrderHistory]) -> Table {
        var table = Table(columns: [
            "order", "account", "number", "currency", "total", "payment", "fulfilment", "placed_at",
            "cancelled_at", "test",
        ])
        table.rows = orders.map { order in
            [
                .text(order.key.externalID), .text(order.key.account.account), text(order.header.number),
                text(order.header.currency?.code),
                order.header.totalMinor.map { .amount($0, order.header.currency?.exponent ?? 2) } ?? .none,
                text(order.header.financialStatus), text(order.header.fulfillmentStatus),
                text(order.header.placedAt?.description), text(order.header.cancelledAt?.description),
                .flag(order.header.isTest),
            ]
        }
        return table
    }

    private static func states(_ orders: [OrderHistory]) -> Table {
        var table = Table(columns: ["account", "at", "payment", "fulfilment", "told_by"])
        table.rows = rows(orders, \.states) { state in
            [
                .text("\(state.at)"), text(state.financialStatus), text(state.fulfillmentStatus),
                .text(state.isReported ? "fulfilment" : "provider"),
            ]
        }
        return table
    }

    private static func entries(_ orders: [OrderHistory]) -> Table {
        var table = Table(columns: [
            "account", "entry", "date", "kind", "reference", "currency", "amount", "status", "cleared_at",
            "cleared_by", "because",
        ])
        table.rows = rows(orders, \.entries) { entry in
            [
                .number(Int(entry.id)), .text("\(entry.date)"), .text(entry.kind.rawValue),
                text(entry.reference.isEmpty ? nil : entry.reference), .text(entry.currency.code),
                .amount(entry.amountMinor, entry.currency.exponent), .text(entry.status.rawValue),
                text(entry.clearedAt?.description), text(entry.evidence?.rawValue),
                entry.reason.map { .prose($0) } ?? .none,
            ]
        }
        return table
    }

    /// The rows of every order, with its account before each: accounts may have orders of one id.
    private static func rows<Part>(
        _ orders: [OrderHistory],
        _ parts: KeyPath<OrderHistory, [Part]>,
        _ cells: (Part) -> [Table.Cell]
    ) -> [[Table.Cell]] {
        orders.flatMap { order in
            order[keyPath: parts].map { [.text(order.key.account.account)] + cells($0) }
        }
    }

    private static func text(_ text: String?) -> Table.Cell { text.map { .text($0) } ?? .none }
}
