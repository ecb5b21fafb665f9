import Foundation
import GRDB
import TestSupport

/// Compares what was sent with what is stored, and says what is wrong.
struct Verdict {
    /// What is wrong; empty when nothing is.
    private(set) var failures: [String] = []
    /// Deliveries that were accepted.
    private(set) var accepted = 0
    /// Accepted deliveries that are stored.
    private(set) var committed = 0
    /// Accepted deliveries that are dead letters for their expected reason.
    private(set) var dead = 0
    /// Jobs that were made to take three workers with them, and are dead letters with the reason `poison`.
    private(set) var poisoned = 0
    /// Others that were in hand when three workers were killed: by the same rule they are dead letters too.
    private(set) var innocents = 0
    /// Accepted deliveries that are nowhere.
    private(set) var lost = 0
    /// Stored although nobody got an answer: the client gave up, or heard nothing.
    private(set) var unanswered = 0
    /// Dead letters beyond the first of one envelope.
    private(set) var deadAgain = 0
    /// Orders that were compared with the model.
    private(set) var orders = 0

    private let entries: [String: Journal.Entry]
    private let states: [String: [String]]
    private let letters: [String: [Letter]]
    private let poison: Set<String>
    private let deaths: Deaths

    private struct Letter {
        var reason: String
        var delivery: String
        /// The lane that had the job in hand.
        var lane: String
        var at: Date
    }

    init(site: Site, entries: [String: Journal.Entry], havoc: Havoc) throws {
        self.entries = entries
        poison = Set(havoc.poison)
        deaths = havoc.deaths
        let database = try DatabaseQueue(path: site.database)
        states = try database.read(Self.inbox)
        letters = try Self.letters(site.link.deadLetters())
        checkDeliveries()
        checkLetters()
        try database.read { try checkLedger($0) }
    }

    /// Notes what the caller found wrong.
    mutating func fail(_ texts: [String]) {
        failures += texts
    }

    /// A failure of which the first few examples are told.
    private mutating func fail(_ text: String, _ examples: [String]) {
        guard !examples.isEmpty else { return }
        failures.append("\(examples.count) \(text): \(examples.sorted().prefix(5).joined(separator: "; "))")
    }

    // MARK: Reading

    /// The states of the inbox's rows, by delivery.
    private static func inbox(_ db: Database) throws -> [String: [String]] {
        var states: [String: [String]] = [:]
        let sql = "SELECT source||'|'||account_ref||'|'||delivery_id, state FROM growth_inbox"
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() {
            states[row[0], default: []].append(row[1])
        }
        return states
    }

    /// Dead letters by the id of their envelope.
    private static func letters(_ texts: [String]) throws -> [String: [Letter]] {
        var letters: [String: [Letter]] = [:]
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for text in texts {
            guard let letter = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let id = letter["id"] as? String, let reason = letter["reason"] as? String,
                let lane = letter["worker"] as? String, let at = letter["at"] as? String
            else { throw TestSupportError("A dead letter is no dead letter: \(text.prefix(80))") }
            let job = letter["job"] as? [String: Any] ?? [:]
            let parts = ["source", "account", "delivery_id"].map { job[$0] as? String ?? "" }
            letters[id, default: []].append(
                Letter(
                    reason: reason,
                    delivery: parts.joined(separator: "|"),
                    lane: lane,
                    at: try format.parse(at)
                )
            )
        }
        return letters
    }

    // MARK: Checks

    /// Every delivery that was accepted is where it belongs, once.
    private mutating func checkDeliveries() {
        var missing: [String] = []
        var misplaced: [String] = []
        for (delivery, entry) in entries {
            let rows = states[delivery] ?? []
            if rows.count > 1 { misplaced.append("\(delivery) is stored \(rows.count) times") }
            guard !entry.envelopes.isEmpty else {
                if !rows.isEmpty { unanswered += 1 }
                continue
            }
            accepted += 1
            switch entry.meaning {
            case .statement:
                if let state = rows.first, ["DONE", "STALE", "NOOP"].contains(state) {
                    committed += 1
                } else if rows.isEmpty, entry.envelopes.allSatisfy(isDeadOfPoison) {
                    dead += 1
                } else {
                    missing.append("\(delivery) \(rows) \(entry.envelopes.first ?? "")")
                }
            case .invalid(let reason):
                let found = entry.envelopes.map { letters[$0]?.first?.reason }
                if zip(found, entry.envelopes).allSatisfy({ $0 == reason || isDeadOfPoison($1) }) {
                    dead += 1
                } else {
                    missing.append("\(delivery) \(rows), \(reason), but \(found)")
                }
            }
        }
        lost = missing.count
        fail("accepted deliveries are lost", missing)
        fail("deliveries are stored more than once", misplaced)
        fail("deliveries are stored that were never sent", states.keys.filter { entries[$0] == nil })
    }

    /// Every dead letter has its reason in what was sent.
    private mutating func checkLetters() {
        var strange: [String] = []
        for (envelope, found) in letters {
            deadAgain += found.count - 1
            for letter in found {
                if letter.reason == "poison" {
                    if poison.contains(envelope) { poisoned += 1 } else { innocents += 1 }
                    let count = deaths.explaining(envelope, lane: letter.lane, at: letter.at)
                    guard count < 3 else { continue }
                    strange.append(
                        "\(envelope) is poison after \(count) deaths, \(deaths.story(of: envelope)), "
                            + "the last of lane \(letter.lane) at \(deaths.seconds(letter.at)) s"
                    )
                    continue
                }
                guard case .invalid(let reason) = entries[letter.delivery]?.meaning else {
                    strange.append("\(envelope) of \(letter.delivery): \(letter.reason)")
                    continue
                }
                if reason != letter.reason { strange.append("\(envelope): \(letter.reason), not \(reason)") }
            }
        }
        fail("dead letters are not to be explained", strange)
        fail("poison jobs are no dead letters", poison.filter { !isDeadOfPoison($0) })
    }

    private func isDeadOfPoison(_ envelope: String) -> Bool {
        letters[envelope]?.contains { $0.reason == "poison" } ?? false
    }

    /// Orders and sums are those of the model.
    private mutating func checkLedger(_ db: Database) throws {
        var model = Model()
        for (delivery, entry) in entries where states[delivery] != nil {
            if case .statement(let statement) = entry.meaning { model.add(statement) }
        }
        let expected = model.orders
        let stored = try Self.orders(db)
        orders = expected.count
        let keys = Set(expected.keys).union(stored.keys)
        let different = keys.filter { expected[$0] != stored[$0] }.map { key in
            "\(key) should be \(expected[key].map { "\($0)" } ?? "absent"), "
                + "is \(stored[key].map { "\($0)" } ?? "absent")"
        }
        fail("orders differ from the model", different)
        var cube: [String: Int64] = [:]
        let sql = "SELECT currency||' '||kind, sum(amount_minor) FROM growth_daily GROUP BY 1"
        for row in try Row.fetchAll(db, sql: sql) where row[1] as Int64 != 0 { cube[row[0]] = row[1] }
        if cube != model.totals { failures.append("the sums are \(cube), not \(model.totals)") }
    }

    private static func orders(_ db: Database) throws -> [String: Model.Order] {
        var orders: [String: Model.Order] = [:]
        let sql = """
            SELECT o.source||'|'||o.account_ref||'|'||o.external_id, o.total_minor, o.financial_status,
              e.currency||' '||e.kind, sum(e.amount_minor)
            FROM growth_order o LEFT JOIN growth_ledger_entry e ON e.order_id=o.id AND e.status<>'VOID'
            GROUP BY o.id, e.currency, e.kind
            """
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() {
            let key: String = row[0]
            var order = orders[key] ?? Model.Order()
            if let total = row[1] as Int64?, let status = row[2] as String? {
                order.row = .init(total: total, status: status)
            }
            if let kind = row[3] as String?, let sum = row[4] as Int64?, sum != 0 { order.sums[kind] = sum }
            orders[key] = order
        }
        return orders
    }
}
