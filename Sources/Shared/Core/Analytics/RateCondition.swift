/// How the exchange rates stand of the currencies that the last days hold.
public struct RateCondition: Hashable, Sendable {
    /// How many days are looked at, today among them.
    public static let days = 7
    /// A newest rate that lies more days back is old: banks publish none for up to five days, at Christmas.
    public static let patience = 5

    /// A currency that days leave out of their figures.
    public struct Gap: Hashable, Sendable {
        /// The currency.
        public var currency: Currency
        /// The first of the days.
        public var firstDay: BusinessDate
        /// How many days it is.
        public var days: Int
        /// Whether the first day has a rate: then it comes to more than ``ExchangeRate/largestCounted``.
        public var hasRate: Bool

        /// Creates a gap.
        public init(currency: Currency, firstDay: BusinessDate, days: Int, hasRate: Bool) {
            self.currency = currency
            self.firstDay = firstDay
            self.days = days
            self.hasRate = hasRate
        }
    }

    /// The newest rate of a currency.
    public struct Newest: Hashable, Sendable {
        /// The currency.
        public var currency: Currency
        /// From which day on it holds.
        public var date: BusinessDate

        /// Creates an entry.
        public init(currency: Currency, date: BusinessDate) {
            self.currency = currency
            self.date = date
        }
    }

    /// The present business day.
    public var today: BusinessDate
    /// What is left out, by currency.
    public var gaps: [Gap]
    /// How many days leave something out.
    public var incompleteDays: Int
    /// The newest rates on or before today of the currencies with entries, by currency; without those that
    /// have none.
    public var newest: [Newest]

    /// Creates a condition.
    public init(today: BusinessDate, gaps: [Gap] = [], incompleteDays: Int = 0, newest: [Newest] = []) {
        self.today = today
        self.gaps = gaps
        self.incompleteDays = incompleteDays
        self.newest = newest
    }

    /// How many days back the oldest of the newest rates lies; 0 where there is none.
    public var oldestAge: Int { newest.map { $0.date.days(until: today) }.max() ?? 0 }

    /// The newest rates that are old.
    public var old: [Newest] { newest.filter { $0.date.days(until: today) > Self.patience } }
}
