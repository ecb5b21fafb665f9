import TestSupport
import Testing

@testable import SharedStore

@Suite("Who told what a row shows")
struct RowTellersTests {
    private struct Fields: RowFields {
        var rawValue: Int64
        static let names = ["a", "b", "c", "d"]
    }

    /// A message that states some fields; a field's value is the message's number.
    private struct Message {
        var teller: Teller
        var stated: Fields
        var tellsOfState = true
    }

    private func message(
        at time: Int64,
        _ stated: Fields,
        inbox: Int64 = 0,
        hash: UInt8 = 0,
        tellsOfState: Bool = true
    ) -> Message {
        let teller = Teller(observedAt: time, contentHash: [hash], inboxID: inbox)
        return Message(teller: teller, stated: stated, tellsOfState: tellsOfState)
    }

    private let a = Fields(rawValue: 1)
    private let b = Fields(rawValue: 2)

    /// What a row shows after messages: whose state, and whose value in each field.
    private func shown(after messages: [Message]) throws -> [Teller?] {
        var row = RowTellers<Fields>()
        var state: Teller?
        var values = [Teller?](repeating: nil, count: Fields.names.count)
        for message in messages {
            let change = row.take(
                message.stated,
                from: message.teller,
                tellsOfState: message.tellsOfState,
                isReplay: false
            )
            if change.isNewest { state = message.teller }
            for (bit, _) in Fields.names.enumerated()
            where change.fields.contains(Fields(rawValue: 1 << Int64(bit))) {
                values[bit] = message.teller
            }
            // The database keeps nothing else.
            let others = try RowTellers<Fields>.others(told: row.told)
            #expect(others == row.others)
            row = RowTellers(newest: row.newest, held: row.held, others: others)
        }
        return [state] + values
    }

    @Test("every order of arrival shows of each field what the newest message that states it says")
    func permutations() throws {
        var random = SeededGenerator(test: "RowTellers")
        for _ in 0..<10_000 {
            let messages = (0..<Int.random(in: 1...6, using: &random)).map { number in
                message(
                    at: Int64.random(in: 0...3, using: &random),
                    Fields(rawValue: Int64.random(in: 0..<16, using: &random)),
                    inbox: Int64(number),
                    hash: UInt8(number),
                    tellsOfState: Int.random(in: 0...4, using: &random) > 0
                )
            }
            func newest(_ messages: [Message]) -> Teller? {
                messages.map(\.teller).max { $1.outranks($0) }
            }
            let expected =
                [newest(messages.filter(\.tellsOfState))]
                + Fields.names.indices.map { bit in
                    newest(messages.filter { $0.stated.contains(Fields(rawValue: 1 << Int64(bit))) })
                }
            for _ in 0..<4 {
                let again = messages + messages.filter { _ in Bool.random(using: &random) }
                #expect(try shown(after: again.shuffled(using: &random)) == expected)
            }
        }
    }

    @Test("what the bank decided goes before what is newer")
    func precedence() {
        let paid = Teller(precedence: 1, observedAt: 5, contentHash: [1], inboxID: 1)
        let polled = Teller(observedAt: 9, contentHash: [1], inboxID: 2)
        #expect(paid.outranks(polled) && !polled.outranks(paid) && !paid.outranks(paid))
    }

    @Test("a replay corrects what the same message told, and nothing that another told")
    func corrections() {
        let first = message(at: 1, [a, b], inbox: 1, hash: 9)
        let second = message(at: 2, [a], inbox: 2, hash: 9)
        var row = RowTellers<Fields>()
        for message in [first, second] {
            _ = row.take(message.stated, from: message.teller, isReplay: false)
        }
        let read = message(at: 1, [a, b], inbox: 1, hash: 3)
        var replayed = row
        let expected = RowTellers<Fields>.Change(isNewest: false, fields: b)
        #expect(replayed.take(read.stated, from: read.teller, isReplay: true) == expected)
        #expect(replayed.take(read.stated, from: read.teller, isReplay: true).isEmpty)
        #expect(row.take(read.stated, from: read.teller, isReplay: false).isEmpty)
        // The message that tells of the state may be read as an older one.
        let older = message(at: 0, [a], inbox: 2, hash: 3)
        let change = row.take(older.stated, from: older.teller, isReplay: true)
        #expect(change == RowTellers<Fields>.Change(isNewest: true, fields: a))
    }

    @Test("a row from before it was kept who told is corrected by what is not older")
    func unknownTeller() {
        let old = Teller(observedAt: 5, contentHash: [5], inboxID: nil)
        for (time, isNewest) in [(4, false), (5, true), (6, true)] {
            var row = RowTellers<Fields>(newest: old, held: a, others: [:])
            let teller = Teller(observedAt: Int64(time), contentHash: [1], inboxID: 3)
            #expect(row.take(a, from: teller, isReplay: true).isNewest == isNewest)
        }
    }

    @Test("a damaged column is said to be one", arguments: ["a", "x=0:1:00:1", "a=0:1:00", "a=0:x:00:1"])
    func damage(told: String) {
        #expect(throws: (any Error).self) { try RowTellers<Fields>.others(told: told) }
    }
}
