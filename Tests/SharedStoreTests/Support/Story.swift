import Testing

@testable import Shared

/// Instants of November 2026.
enum Day {
    static let start = at(20, hour: 12)

    /// An instant of a day of November 2026, in UTC.
    static func at(_ day: Int, hour: Int = 9) -> Timestamp {
        // 2026-11-01T00:00:00Z
        Timestamp(milliseconds: 1_793_491_200_000 + Int64((day - 1) * 24 + hour) * 3_600_000)
    }

    static func date(_ day: Int) -> BusinessDate {
        BusinessDate(daysSinceEpoch: 20_758 + Int32(day - 1))
    }
}

/// Deliveries about one shop.
enum Story {
    static let source = SourceID(literal: "shopify")
    static let account = AccountKey(source: source, account: "shop.example")

    static func key(_ order: String) -> OrderKey {
        OrderKey(account: account, externalID: order)
    }

    /// A delivery of facts; `body` stands for the raw body.
    static func delivery(
        _ id: String,
        _ facts: [Fact],
        body: String? = nil,
        source: SourceID = Story.source,
        account: String = "shop.example",
        receivedAt: Timestamp = Day.start,
        isTest: Bool = false,
        customer: String? = nil,
        content: String = "{}",
        signature: Envelope.Signature = .verified,
        object: String = "o"
    ) -> Delivery {
        let envelope = envelope(
            id,
            body: body ?? id,
            source: source,
            account: account,
            receivedAt: receivedAt,
            isTest: isTest,
            customer: customer,
            content: content,
            signature: signature
        )
        return Delivery(envelope: envelope, normalized: Normalized(facts: facts, objectID: object))
    }

    static func envelope(
        _ id: String,
        body: String,
        source: SourceID = Story.source,
        account: String = "shop.example",
        receivedAt: Timestamp = Day.start,
        isTest: Bool = false,
        customer: String? = nil,
        unreadable: String? = nil,
        content: String = "{}",
        signature: Envelope.Signature = .verified
    ) -> Envelope {
        Envelope(
            id: "01\(id)",
            source: source,
            provenance: Provenance(account: account, topic: "orders/updated", deliveryID: id, isTest: isTest),
            receivedAt: receivedAt,
            signature: signature,
            secretIndex: 0,
            bodySHA256: sha(body),
            byteCount: 2,
            intake: "test",
            keyID: "k1",
            pseudonymisedCount: 0,
            droppedCount: 0,
            customer: customer,
            unreadable: unreadable,
            body: unreadable == nil ? Array(content.utf8) : []
        )
    }

    /// 64 hex digits that differ with the text.
    private static func sha(_ text: String) -> String {
        let digits = text.utf8.map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
        return String((digits + String(repeating: "0", count: 64)).prefix(64))
    }

    /// What an order says at an instant.
    static func order(
        _ id: String = "1001",
        at observedAt: Timestamp,
        sale: SaleState? = nil,
        refunds: [RefundState] = [],
        disputes: [DisputeState] = [],
        isTest: Bool = false,
        header: Bool = true,
        status: String = "paid",
        currency: Currency = .lira,
        account: AccountKey = Story.account,
        total: Int64? = nil,
        charge: String? = nil
    ) -> Fact {
        .order(
            OrderFact(
                key: OrderKey(account: account, externalID: id),
                observedAt: observedAt,
                header: header
                    ? OrderHeader(
                        number: "#\(id)",
                        currency: currency,
                        totalMinor: total,
                        financialStatus: status,
                        placedAt: sale?.placedAt,
                        isTest: isTest
                    ) : nil,
                financials: OrderFinancials(
                    currency: currency,
                    exponent: currency.exponent,
                    isTest: isTest,
                    sale: sale,
                    refunds: refunds,
                    disputes: disputes
                ),
                chargeID: charge
            )
        )
    }

    static func sale(
        _ goods: Int64,
        on day: Int = 10,
        standing: SaleState.Standing = .counting,
        isAuthorised: Bool = false,
        discount: Int64 = 0,
        shipping: Int64 = 0,
        tax: Int64 = 0
    ) -> SaleState {
        SaleState(
            standing: standing,
            isAuthorised: isAuthorised,
            placedAt: Day.at(day),
            goods: goods,
            discount: discount,
            shipping: shipping,
            tax: tax
        )
    }

    static func payout(
        _ id: String = "po_1",
        net: Int64?,
        status: PayoutFact.Status = .paid,
        paid day: Int? = 15,
        at observed: Int = 15,
        lines: [PayoutLine] = [],
        hasAllLines: Bool = true,
        account: AccountKey = Story.account,
        currency: Currency = .lira
    ) -> Fact {
        .payout(
            PayoutFact(
                account: account,
                externalID: id,
                currency: currency,
                exponent: currency.exponent,
                netMinor: net,
                status: status,
                paidAt: day.map { Day.at($0) },
                observedAt: Day.at(observed),
                lines: lines,
                hasAllLines: hasAllLines
            )
        )
    }

    static func line(
        _ id: String,
        _ type: PayoutLine.LineType = .charge,
        order: String?,
        subject: String? = nil,
        gross: Int64,
        fee: Int64 = 0,
        on day: Int? = 11,
        currency: Currency = .lira,
        origin: PayoutLine.Origin? = nil
    ) -> PayoutLine {
        PayoutLine(
            id: id,
            type: type,
            orderExternalID: order,
            subject: subject,
            grossMinor: gross,
            feeMinor: fee,
            currency: currency,
            origin: origin,
            occurredAt: day.map { Day.at($0) }
        )
    }
}

/// A small, seeded generator of random numbers (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension Array {
    /// Every order of the elements.
    var permutations: [[Element]] {
        guard count > 1 else { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
