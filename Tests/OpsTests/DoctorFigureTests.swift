import Shared
import SharedRedis
import SharedStore
import TestSupport
import Testing

@Suite("growthctl doctor, about messages that don't arrive and rates that don't come")
struct DoctorFigureTests {
    private let console: Console

    init() throws {
        console = try Console()
        #expect(try console.run("key", "generate").isSuccess)
        #expect(try console.run("migrate").isSuccess)
    }

    private func finding(_ check: String) throws -> (state: String, text: String) {
        let found = try console.json("doctor").elements.filter { $0["check"].string == check }
        #expect(found.count == 1)
        let row = try #require(found.first)
        return (row["state"].string ?? "", row["finding"].string ?? "")
    }

    private func ago(minutes: Int64) -> Timestamp {
        SystemTime.now.advanced(byMilliseconds: -minutes * 60_000)
    }

    // MARK: Messages about alerts

    private func open(_ name: String, at now: Timestamp, _ store: SQLiteStore) throws {
        let epoch = try #require(try store.acquireLease(holder: "t", milliseconds: 1000, at: now))
        let alert = Alert(
            id: 0,
            rule: .noSignal,
            scope: name,
            fingerprint: name,
            severity: .warning,
            state: .firing,
            activeSince: now,
            firedAt: now,
            detail: AlertDetail(lastReceivedAt: now)
        )
        #expect(try store.apply([.open(alert)], epoch: epoch, at: now))
    }

    @Test("messages that wait for long or were given up are hints, and alerts list says so too")
    func messages() throws {
        var configuration = try SQLiteStore.Configuration.of(console.home)
        configuration.channels = [AlertWebhook.channel]
        let store = try SQLiteStore(configuration, at: SystemTime.now)
        #expect(try finding("notifications").state == "ok")
        try open("a", at: ago(minutes: 5), store)
        #expect(try finding("notifications").state == "ok")
        #expect(try console.run("alerts", "list").errors.isEmpty)
        try open("b", at: ago(minutes: 40), store)
        let late = try finding("notifications")
        #expect(late.state == "hint" && late.text.contains("2 messages"), "\(late.text)")
        #expect(late.text.contains("40m") && late.text.contains("growthctl alerts test"), "\(late.text)")
        #expect(try console.run("alerts", "list").errors.contains("growthctl alerts notifications"))
        let due = try store.dueNotifications(channel: AlertWebhook.channel, at: SystemTime.now, limit: 9)
        for message in due {
            try store.note(.givenUp, of: message.id, error: "status 410", at: ago(minutes: 1))
        }
        let lost = try finding("notifications")
        #expect(lost.state == "hint" && lost.text.contains("2 messages"), "\(lost.text)")
        #expect(lost.text.contains("growthctl alerts notifications --all"), "\(lost.text)")
        let list = try console.run("alerts", "list", "--json")
        #expect(list.errors.contains("given up") && list.isSuccess, "\(list.errors)")
        #expect(try JSONDocument(Array(list.output.utf8)).root.elements.count == 2)
        #expect(try console.run("doctor").isSuccess, "Hints are no faults.")
    }

    @Test("workers of which one sends alerts and another does not are a hint")
    func disagreement() throws {
        func report(_ name: String, channels: String?) throws {
            _ = try console.redis.cli("SADD", RedisKeys.workers, name)
            let fields = ["host", "h", "pid", "1", "beat", "\(SystemTime.now)"]
            let key = RedisKeys.worker(name)
            for pair in 0..<3 {
                _ = try console.redis.cli("HSET", key, fields[2 * pair], fields[2 * pair + 1])
            }
            if let channels { _ = try console.redis.cli("HSET", key, "channels", channels) }
            _ = try console.redis.cli("EXPIRE", key, "60")
        }
        func hints() throws -> [String] {
            try console.json("doctor").elements.filter {
                $0["check"].string == "notifications" && $0["state"].string == "hint"
            }.map { $0["finding"].string ?? "" }
        }
        try report("h:1:a", channels: "webhook")
        try report("h:2:older", channels: nil)
        #expect(try hints().isEmpty)
        try report("h:3:b", channels: "")
        let text = try #require(try hints().first)
        #expect(text.contains("h:3:b") && text.contains("GROWTH_ALERT_WEBHOOK_URL"), "\(text)")
        #expect(!text.contains("h:2:older"), "\(text)")
    }

    // MARK: Exchange rates

    @Test("a currency without a rate, or with an old one, is a hint with its first day and what to do")
    func rates() throws {
        #expect(try finding("rates").state == "ok")
        let store = try SQLiteStore(.of(console.home), at: SystemTime.now)
        let now = SystemTime.now
        let configuration = try SQLiteStore.Configuration.of(console.home)
        let today = configuration.calendar.date(of: now)
        func order(_ id: String, _ currency: String) throws {
            let currency = try #require(Currency(currency))
            let account = AccountKey(source: SourceID(literal: "generic"), account: "shop")
            let fact = OrderFact(
                key: OrderKey(account: account, externalID: id),
                observedAt: now,
                header: OrderHeader(currency: currency, financialStatus: "paid", placedAt: now),
                financials: OrderFinancials(
                    currency: currency,
                    exponent: currency.exponent,
                    sale: SaleState(standing: .counting, placedAt: now, goods: 1000)
                )
            )
            let fixture = try EnvelopeFixture(
                path: "/webhooks/generic/shop",
                body: Array(#"{"id":"\#(id)"}"#.utf8)
            )
            let delivery = Delivery(
                envelope: fixture.envelope,
                normalized: Normalized(facts: [.order(fact)], objectID: id)
            )
            _ = try store.commit([delivery], at: now)
        }
        try order("1", "USD")
        let missing = try finding("rates")
        #expect(missing.state == "hint" && missing.text.contains("USD"), "\(missing.text)")
        #expect(missing.text.contains("\(today)") && missing.text.contains("growthctl fx import"))
        func rate(_ currency: Currency, _ date: BusinessDate) throws {
            let rate = DatedRate(currency: currency, date: date, rate: "42.5")
            try store.importRates([rate], provider: "test", at: now)
        }
        try rate(.dollar, today.advanced(by: -5))
        #expect(try finding("rates").state == "ok")
        try order("2", "EUR")
        try rate(.euro, today.advanced(by: -6))
        let old = try finding("rates")
        #expect(old.state == "hint" && old.text.contains("EUR") && !old.text.contains("USD"), "\(old.text)")
        #expect(old.text.contains("\(today.advanced(by: -6))"), "\(old.text)")
        #expect(old.text.contains("growthctl fx import"), "\(old.text)")
    }
}
