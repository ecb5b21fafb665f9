/// The message that told something of a row, by its place among all that tell of the same row.
struct Teller: Hashable {
    /// What weighs more than the time: 1 for a payout's state that the bank decided, otherwise 0.
    var precedence: Int64 = 0
    /// The provider's time; milliseconds.
    var observedAt: Int64
    /// What tells messages of one instant apart, compared byte by byte.
    var contentHash: [UInt8]
    /// Its inbox row; nil in rows from before schema 7.
    var inboxID: Int64?

    /// Whether what it tells goes before what the other told.
    func outranks(_ other: Teller) -> Bool {
        if precedence != other.precedence { return precedence > other.precedence }
        if observedAt != other.observedAt { return observedAt > other.observedAt }
        return other.contentHash.lexicographicallyPrecedes(contentHash)
    }

    /// Whether it is the same message, which a replay reads in another way.
    ///
    /// Where it is not known which message told, one that is not older may.
    func corrects(_ other: Teller) -> Bool {
        guard outranks(other) || other.outranks(self) else { return false }
        return other.inboxID.map { $0 == inboxID } ?? (observedAt >= other.observedAt)
    }
}

/// Columns of a table that a message may leave out; each is one bit.
protocol RowFields: OptionSet, Hashable, Sendable where RawValue == Int64, Element == Self {
    /// The name of each in ``RowTellers/others``, from the lowest bit on; without spaces, `=` and `:`.
    static var names: [String] { get }
}

extension RowFields {
    /// Its members, one by one.
    var singles: SingleFields<Self> { SingleFields(rest: rawValue) }
}

/// The members of a set of fields.
struct SingleFields<Fields: RowFields>: Sequence, IteratorProtocol {
    fileprivate var rest: Int64

    mutating func next() -> Fields? {
        guard rest != 0 else { return nil }
        defer { rest &= rest &- 1 }
        return Fields(rawValue: rest & -rest)
    }
}

/// Which messages told what a row shows: its state the newest of all, each field the newest that states it.
///
/// So a row is a function of the set of messages, whatever the order in which they came (decision 0032).
struct RowTellers<Fields: RowFields>: Equatable {
    /// Who told of the row's state; nil while nobody did.
    private(set) var newest: Teller?
    /// The fields that hold something.
    private(set) var held: Fields = []
    /// Who told the fields that ``newest`` did not; none of most rows.
    private(set) var others: [Fields: Teller] = [:]

    /// What a message changes.
    struct Change: Equatable {
        /// Whether it tells of the row's state from now on.
        var isNewest: Bool
        /// The fields that take what it states.
        var fields: Fields

        var isEmpty: Bool { !isNewest && fields.isEmpty }
    }

    init() {}

    init(newest: Teller?, held: Fields, others: [Fields: Teller]) {
        (self.newest, self.held, self.others) = (newest, held, others)
    }

    /// Takes in what a message states.
    ///
    /// - Parameters:
    ///   - stated: The fields that it states.
    ///   - teller: Its place among the others.
    ///   - tellsOfState: Whether it tells of the row's state and not of some field alone.
    ///   - isReplay: Whether it may correct what it told before.
    /// - Returns: What the row takes from it.
    mutating func take(
        _ stated: Fields,
        from teller: Teller,
        tellsOfState: Bool = true,
        isReplay: Bool
    ) -> Change {
        func goesBefore(_ known: Teller?) -> Bool {
            known.map { teller.outranks($0) || isReplay && teller.corrects($0) } ?? true
        }
        let old = newest
        let isNewest = tellsOfState && goesBefore(old)
        var taken: Fields = []
        for field in stated.singles where !held.contains(field) || goesBefore(others[field] ?? old) {
            taken.insert(field)
        }
        if isNewest {
            newest = teller
            if let old {
                for field in held.subtracting(taken).singles where others[field] == nil {
                    others[field] = old
                }
            }
        }
        if !isNewest || !others.isEmpty {
            for field in taken.singles { others[field] = isNewest ? nil : teller }
        }
        held.formUnion(taken)
        return Change(isNewest: isNewest, fields: taken)
    }
}

extension RowTellers {
    /// The column that keeps ``others``: `name=precedence:time:hash:inbox`, separated by spaces; nil when
    /// there are none.
    var told: String? {
        guard !others.isEmpty else { return nil }
        let parts = Fields.names.enumerated().compactMap { bit, name -> String? in
            guard let teller = others[Fields(rawValue: 1 << Int64(bit))] else { return nil }
            let hash = Stored.hex(teller.contentHash)
            let inbox = teller.inboxID.map(String.init) ?? ""
            return "\(name)=\(teller.precedence):\(teller.observedAt):\(hash):\(inbox)"
        }
        return parts.joined(separator: " ")
    }

    /// Reads the column back.
    ///
    /// - Throws: ``StoreError`` when the store cannot have written it.
    static func others(told: String?) throws -> [Fields: Teller] {
        guard let told else { return [:] }
        var others: [Fields: Teller] = [:]
        for part in told.split(separator: " ") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, let bit = Fields.names.firstIndex(of: String(pair[0])),
                let teller = Teller(told: pair[1])
            else { throw Stored.damaged("teller") }
            others[Fields(rawValue: 1 << Int64(bit))] = teller
        }
        return others
    }
}

extension Teller {
    fileprivate init?(told: Substring) {
        let parts = told.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let precedence = Int64(parts[0]), let observedAt = Int64(parts[1]),
            parts[3].isEmpty || Int64(parts[3]) != nil
        else { return nil }
        self.init(
            precedence: precedence,
            observedAt: observedAt,
            contentHash: parts[2].isEmpty ? [] : Stored.bytes(hex: String(parts[2])),
            inboxID: Int64(parts[3])
        )
    }
}
