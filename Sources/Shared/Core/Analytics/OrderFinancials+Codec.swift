import Crypto

/// Stored financials cannot be read back.
public struct FinancialsCodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The member that is missing or wrong, as a path such as `sale.standing`; empty when it is no JSON.
    public let member: String

    /// Creates an error about a member.
    public init(member: String) {
        self.member = member
    }

    /// What failed, and what to do; holds no value.
    public var description: String {
        let what = member.isEmpty ? "are no JSON document" : "have no valid member `\(member)`"
        return "Stored financials \(what); restore the snapshot from a backup or replay its delivery."
    }
}

extension OrderFinancials {
    /// Returns the canonical form: one line of JSON, equal exactly for equal financials.
    ///
    /// Members stand in a fixed order; what is zero, empty or unknown is left out. Times are milliseconds
    /// since the Unix epoch. The form is stored, so members may be added but never renamed.
    public func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("currency", currency.code)
            json.member("exponent", Int64(exponent))
            if isTest { json.member("test", 1) }
            if let sale {
                json.key("sale")
                sale.write(to: &json)
            }
            json.list("refunds", refunds) { $0.write(to: &$1) }
            json.member("refundedTotal", refundedTotal)
            json.amounts([("released", released)])
            json.list("disputes", disputes) { $0.write(to: &$1) }
            json.list("redemptions", redemptions) { $0.write(to: &$1) }
        }
        return json.bytes
    }

    /// Reads the canonical form; unknown members are ignored.
    public init(encoded bytes: [UInt8]) throws(FinancialsCodingError) {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(bytes).root
        } catch {
            throw FinancialsCodingError(member: "")
        }
        guard root.kind == .object else { throw FinancialsCodingError(member: "") }
        let reader = FinancialsReader(value: root, path: "")
        guard let currency = Currency(try reader.text("currency")) else { throw reader.error("currency") }
        let exponent = try reader.amount("exponent")
        guard (0...18).contains(exponent) else { throw reader.error("exponent") }
        self.init(currency: currency, exponent: Int(exponent), isTest: try reader.amount("test") != 0)
        if root["sale"].exists { sale = try SaleState(FinancialsReader(value: root["sale"], path: "sale.")) }
        refundedTotal = try reader.number("refundedTotal")
        released = try reader.amount("released")
        for element in try reader.elements("refunds") { refunds.append(try RefundState(element)) }
        for element in try reader.elements("disputes") { disputes.append(try DisputeState(element)) }
        for element in try reader.elements("redemptions") { redemptions.append(try RedemptionState(element)) }
    }

    /// The first 16 bytes of the SHA-256 of the canonical form: equal content, equal hash.
    public var contentHash: [UInt8] { Self.contentHash(ofForm: encoded()) }

    /// The content hash of financials whose canonical form is at hand.
    public static func contentHash(ofForm form: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: form).prefix(16))
    }
}

extension SaleState {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            switch standing {
            case .unpaid: json.member("standing", "unpaid")
            case .counting: json.member("standing", "counting")
            case .voided: json.member("standing", "voided")
            case .cancelled(let instant):
                json.member("standing", "cancelled")
                json.member("cancelledAt", instant.milliseconds)
            case .unchanged: json.member("standing", "unchanged")
            }
            if isAuthorised { json.member("authorised", 1) }
            json.member("placedAt", placedAt?.milliseconds)
            if hasWeakPlacedAt { json.member("weakPlacedAt", 1) }
            json.member("detail", Int64(detail))
            json.amounts([
                ("goods", goods), ("discount", discount), ("shipping", shipping), ("tax", tax),
                ("duty", duty),
                ("tip", tip), ("giftCards", giftCards),
            ])
            json.lines(lines)
        }
    }

    fileprivate init(_ reader: FinancialsReader) throws(FinancialsCodingError) {
        let standing: Standing
        switch try reader.text("standing") {
        case "unpaid": standing = .unpaid
        case "counting": standing = .counting
        case "voided": standing = .voided
        case "cancelled":
            guard let instant = try reader.instant("cancelledAt") else { throw reader.error("cancelledAt") }
            standing = .cancelled(instant)
        case "unchanged": standing = .unchanged
        default: throw reader.error("standing")
        }
        self.init(
            standing: standing,
            isAuthorised: try reader.amount("authorised") != 0,
            placedAt: try reader.instant("placedAt"),
            hasWeakPlacedAt: try reader.amount("weakPlacedAt") != 0,
            detail: Int(try reader.amount("detail")),
            goods: try reader.amount("goods"),
            discount: try reader.amount("discount"),
            shipping: try reader.amount("shipping"),
            tax: try reader.amount("tax"),
            duty: try reader.amount("duty"),
            tip: try reader.amount("tip"),
            giftCards: try reader.amount("giftCards"),
            lines: try reader.lines()
        )
    }
}

extension RefundState {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("processedAt", processedAt?.milliseconds)
            json.amounts([
                ("amount", amount), ("shipping", shipping), ("tax", tax), ("tip", tip),
                ("giftCards", giftCards), ("announced", announced),
            ])
            json.lines(lines)
        }
    }

    fileprivate init(_ reader: FinancialsReader) throws(FinancialsCodingError) {
        self.init(
            id: try reader.text("id"),
            processedAt: try reader.instant("processedAt"),
            amount: try reader.amount("amount"),
            shipping: try reader.amount("shipping"),
            tax: try reader.amount("tax"),
            tip: try reader.amount("tip"),
            giftCards: try reader.amount("giftCards"),
            announced: try reader.amount("announced"),
            lines: try reader.lines()
        )
    }
}

extension DisputeState {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("outcome", outcome.rawValue)
            json.amounts([("amount", amount), ("fee", fee), ("feeReturned", feeReturned)])
            json.member("openedAt", openedAt?.milliseconds)
            json.member("closedAt", closedAt?.milliseconds)
        }
    }

    fileprivate init(_ reader: FinancialsReader) throws(FinancialsCodingError) {
        guard let outcome = Outcome(rawValue: try reader.text("outcome")) else {
            throw reader.error("outcome")
        }
        self.init(
            id: try reader.text("id"),
            outcome: outcome,
            amount: try reader.amount("amount"),
            fee: try reader.amount("fee"),
            feeReturned: try reader.amount("feeReturned"),
            openedAt: try reader.instant("openedAt"),
            closedAt: try reader.instant("closedAt")
        )
    }
}

extension RedemptionState {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.amounts([("amount", amount)])
            json.member("processedAt", processedAt?.milliseconds)
        }
    }

    fileprivate init(_ reader: FinancialsReader) throws(FinancialsCodingError) {
        self.init(
            id: try reader.text("id"),
            amount: try reader.amount("amount"),
            processedAt: try reader.instant("processedAt")
        )
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: String, _ value: String) {
        self.key(key)
        append(string: value[...])
    }

    fileprivate mutating func member(_ key: String, _ value: Int64?) {
        guard let value else { return }
        self.key(key)
        append(int: value)
    }

    fileprivate mutating func amounts(_ amounts: [(String, Int64)]) {
        for (key, amount) in amounts where amount != 0 {
            member(key, amount)
        }
    }

    fileprivate mutating func list<Element>(
        _ key: String,
        _ elements: [Element],
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        guard !elements.isEmpty else { return }
        self.key(key)
        array { json in
            for element in elements { write(element, &json) }
        }
    }
}

/// Reads members of one object and names the one that is wrong.
private struct FinancialsReader {
    let value: JSONValue
    let path: String

    func error(_ key: String) -> FinancialsCodingError {
        FinancialsCodingError(member: path + key)
    }

    func text(_ key: String) throws(FinancialsCodingError) -> String {
        guard let text = value[key].string else { throw error(key) }
        return text
    }

    func number(_ key: String) throws(FinancialsCodingError) -> Int64? {
        let member = value[key]
        guard member.exists else { return nil }
        guard let number = member.int64 else { throw error(key) }
        return number
    }

    func amount(_ key: String) throws(FinancialsCodingError) -> Int64 {
        try number(key) ?? 0
    }

    func instant(_ key: String) throws(FinancialsCodingError) -> Timestamp? {
        try number(key).map(Timestamp.init(milliseconds:))
    }

    func lines() throws(FinancialsCodingError) -> [LineState] {
        guard value["lines"].exists else { return [] }
        var lines: [LineState] = []
        for element in try elements("lines") {
            guard let line = LineState(element.value) else { throw error("lines") }
            lines.append(line)
        }
        return lines
    }

    func elements(_ key: String) throws(FinancialsCodingError) -> [FinancialsReader] {
        let member = value[key]
        guard member.exists else { return [] }
        guard member.kind == .array else { throw error(key) }
        return member.elements.map { FinancialsReader(value: $0, path: path + key + ".") }
    }
}
