import Shared

/// Five weeks of a shop: a dip on the Saturday, a record on the Sunday, a quiet Stripe, one restated day.
enum Story {
    /// Monday 2026-11-23, 14:37 in Istanbul.
    static let now = instant("2026-11-23T11:37:00Z")

    static var state: ReportStoreDouble.State {
        ReportStoreDouble.State(
            versions: ReportVersions(data: 48_213, alerts: 31),
            days: days,
            untilNow: 1_120_000,
            firstDay: date("2026-10-20"),
            products: products,
            shares: [
                RevenueShare(
                    source: SourceID(literal: "shopier"),
                    currency: .lira,
                    netMinor: 4_000_000,
                    orders: 30
                ),
                RevenueShare(
                    source: SourceID(literal: "shopify"),
                    currency: .dollar,
                    netMinor: 31_000,
                    orders: 7
                ),
            ],
            signals: signals,
            lastEvaluation: instant("2026-11-23T11:36:30Z"),
            alerts: [signalLost, dip, resolved]
        )
    }

    static let products = ProductSales(
        products: [
            ProductSales.Product(
                account: AccountKey(source: SourceID(literal: "shopify"), account: "shop.example"),
                productID: "p1",
                sku: "MUG-1",
                title: "Blue mug",
                units: 12,
                netMinor: 150_000
            ),
            ProductSales.Product(
                account: AccountKey(source: SourceID(literal: "shopier"), account: ""),
                productID: "55",
                variantID: "7",
                units: 2,
                netMinor: -900
            ),
        ],
        count: 5,
        missingRates: [.euro]
    )

    /// The state once amounts came for the dip's day and the day before in currencies without a rate.
    static var waitingDip: ReportStoreDouble.State {
        var state = state
        state.days[31].missingRates = [.dollar]
        state.days[32].missingRates = [.euro, .dollar]
        return state
    }

    static let dip = Alert(
        id: 7,
        rule: .revenueDip,
        scope: "*",
        fingerprint: "REVENUE_DIP|*|2026-11-21",
        severity: .critical,
        state: .firing,
        activeSince: instant("2026-11-21T23:00:00Z"),
        firedAt: instant("2026-11-21T23:00:20Z"),
        detail: AlertDetail(
            date: date("2026-11-21"),
            previousMinor: 5_000_000,
            currentMinor: 2_900_000,
            thresholdPercent: 20
        )
    )

    static let signalLost = Alert(
        id: 8,
        rule: .noSignal,
        scope: "stripe",
        fingerprint: "NO_SIGNAL|stripe",
        severity: .warning,
        state: .firing,
        activeSince: instant("2026-11-23T09:12:00Z"),
        firedAt: instant("2026-11-23T09:12:10Z"),
        detail: AlertDetail(lastReceivedAt: instant("2026-11-22T09:12:00Z"))
    )

    static let resolved = Alert(
        id: 5,
        rule: .noSignal,
        scope: "*",
        fingerprint: "NO_SIGNAL|*",
        severity: .critical,
        state: .resolved,
        activeSince: instant("2026-11-01T09:00:00Z"),
        firedAt: instant("2026-11-01T09:00:10Z"),
        resolvedAt: instant("2026-11-01T10:00:00Z"),
        resolveReason: "SIGNAL",
        detail: AlertDetail()
    )

    static let signals = [
        SourceSignal(
            source: SourceID(literal: "stripe"),
            firstReceivedAt: instant("2026-10-20T09:00:00Z"),
            lastReceivedAt: instant("2026-11-22T09:12:00Z"),
            countLastDay: 0
        ),
        SourceSignal(
            source: SourceID(literal: "shopify"),
            firstReceivedAt: instant("2026-10-20T08:00:00Z"),
            lastReceivedAt: instant("2026-11-23T11:36:02Z"),
            countLastDay: 61
        ),
        SourceSignal(
            source: SourceID(literal: "shopier"),
            firstReceivedAt: instant("2026-10-21T08:00:00Z"),
            lastReceivedAt: instant("2026-11-23T11:20:00Z"),
            countLastDay: 24
        ),
        SourceSignal(
            source: SourceID(literal: "generic"),
            firstReceivedAt: nil,
            lastReceivedAt: nil,
            countLastDay: 0
        ),
    ]

    /// Cleared and pending of the fourteen days until yesterday, in whole lira.
    private static let fortnight: [(cleared: Int64, pending: Int64)] = [
        (41_000, 0), (43_500, 0), (40_200, 1800), (44_100, 2400), (47_000, 3100), (52_000, 4500),
        (50_500, 5200),
        (39_000, 6100), (36_000, 8200), (33_000, 12_500), (21_000, 24_800), (9000, 41_000), (-1500, 30_500),
        (2000, 51_000),
    ]

    static var days: [DayFigures] {
        var days = (0..<20).map { index in
            let date = date("2026-10-20").advanced(by: index)
            return day(date, cleared: 34_000 + Int64(index * 7919 % 9000), pending: 0, orders: 20 + index % 7)
        }
        for (index, (cleared, pending)) in fortnight.enumerated() {
            let date = date("2026-11-09").advanced(by: index)
            days.append(day(date, cleared: cleared, pending: pending, orders: 24 + index))
        }
        days[23].restatedAt = instant("2026-11-14T08:00:00Z")
        days[33].components = [.sale: 5_600_000, .discount: -200_000, .refund: -100_000]
        var today = DayFigures(date: date("2026-11-23"), pending: 1_210_000, orders: 9)
        today.components = [.sale: 1_210_000]
        return days + [today]
    }

    private static func day(_ date: BusinessDate, cleared: Int64, pending: Int64, orders: Int) -> DayFigures {
        DayFigures(
            date: date,
            cleared: cleared * 100,
            pending: pending * 100,
            orders: orders,
            finalizedAt: Timestamp(milliseconds: Int64(date.daysSinceEpoch + 1) * 86_400_000)
        )
    }
}

/// The instant of an RFC 3339 text that a test states.
func instant(_ text: String) -> Timestamp {
    guard let instant = Timestamp(rfc3339: text) else { preconditionFailure("\(text) is no instant.") }
    return instant
}

/// The date of a text that a test states.
func date(_ text: String) -> BusinessDate {
    guard let date = BusinessDate(text) else { preconditionFailure("\(text) is no date.") }
    return date
}
