import Foundation
import Hummingbird
import HummingbirdTesting
import Shared
import TestSupport
import Testing

@testable import growth_dashboard

/// The page in a real browser; `deploy/test` installs it and the chart library.
@Suite("Page", .serialized)
struct DashboardPageTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test("the page shows the story's figures exactly, without a complaint of the browser")
    func story() async throws {
        try await withPage { browser, url in
            let visit = try browser.visit(url)
            #expect(visit.complaints.isEmpty)
            let text = Self.words(in: visit.markup)
            #expect(text.contains("₺53,000.00"))
            #expect(text.contains("▲ up +₺24,000.00 (+82.8%) vs Saturday"))
            #expect(text.contains("Cleared ₺2,000.00"))
            #expect(text.contains("Pending ₺51,000.00"))
            #expect(text.contains("₺12,100.00"))
            #expect(text.contains("+₺900.00 (+8.0%) vs yesterday, same time"))
            #expect(text.contains("-₺78.57 / day"))
            #expect(text.contains("driven by one day"))
            #expect(
                text.contains(
                    "Revenue fell 42.0% on Sat, Nov 21: ₺29,000.00 after ₺50,000.00 the day before."
                )
            )
            #expect(text.contains("No signal from stripe since Nov 22, 12:12."))
            #expect(visit.markup.components(separatedBy: "<tr>").count - 1 == 31 + 4 + 2 + 3)
            #expect(text.contains("restated"))
            #expect(text.contains("so far"))
            #expect(text.contains("Blue mug") && text.contains("₺1,500.00") && text.contains("-₺9.00"))
            #expect(text.contains("and 3 more"))
            #expect(visit.markup.contains("<span class=\"shop\">shopify</span>"))
            #expect(visit.markup.contains("<span class=\"shop\">shopier</span>"))
        }
    }

    /// The story with two products: its first, and one that differs from it in a few things.
    private func twins(_ change: (inout ProductSales.Product) -> Void) throws -> ReportStoreDouble.State {
        var state = Story.state
        var twin = try #require(state.products.products.first)
        change(&twin)
        state.products.products.removeLast()
        state.products.products.append(twin)
        return state
    }

    @Test("products of one shop don't name it; those of two accounts of a source name the account")
    func shops() async throws {
        var state = Story.state
        state.products.products.removeLast()
        try await withPage(state) { browser, url in
            let visit = try browser.visit(url)
            #expect(visit.markup.contains("Blue mug") && !visit.markup.contains("class=\"shop\""))
        }
        let twins = try twins { $0.account = AccountKey(source: $0.account.source, account: "other.example") }
        try await withPage(twins) { browser, url in
            let markup = try browser.visit(url).markup
            #expect(markup.contains("<span class=\"shop\">shop.example</span>"))
            #expect(markup.contains("<span class=\"shop\">other.example</span>"))
        }
    }

    @Test("products that look alike show their ids")
    func alike() async throws {
        let twins = try twins { ($0.productID, $0.variantID) = ("MUG-1", "v2") }
        try await withPage(twins) { browser, url in
            let markup = try browser.visit(url).markup
            #expect(markup.contains("<span class=\"sku id\">p1</span>"))
            #expect(markup.contains("<span class=\"sku id\">MUG-1 / v2</span>"))
        }
    }

    @Test("a dip that waits for a rate says so in its alert, at its marker and in its row")
    func waitingDip() async throws {
        var state = Story.state
        state.days[32].missingRates = [.euro]
        try await withPage(state, vega: Self.vegaFolder) { browser, url in
            let visit = try browser.visit(url + "?days=14")
            #expect(visit.complaints.isEmpty)
            let judged = "judged before amounts in EUR came, and waits for a rate of EUR"
            let text = Self.words(in: visit.markup)
            #expect(text.contains("₺50,000.00 the day before. It was \(judged)."))
            #expect(text.contains("▼ 42.0%\(judged)no rate: EUR"))
            #expect(text.contains("without EUR, which has no rate"))
            if Self.vegaFolder != nil {
                #expect(text.contains("-42.0% *"))
                #expect(visit.markup.contains("on Saturday, November 21, \(judged)"))
            }
        }
    }

    @Test("a dip that waits for a rate no more says that a rate does not change it")
    func waitedDip() async throws {
        var state = Story.state
        state.days[32].missingRates = [.euro]
        let over = instant("2026-11-23T21:00:00Z")
        try await withPage(state, at: over, vega: Self.vegaFolder) { browser, url in
            let visit = try browser.visit(url + "?days=14")
            let judged = "judged before amounts in EUR came, and a rate of EUR does not change it any more"
            let text = Self.words(in: visit.markup)
            #expect(text.contains("₺50,000.00 the day before. It was \(judged)."))
            #expect(text.contains("▼ 42.0%\(judged)no rate: EUR"))
            if Self.vegaFolder != nil {
                #expect(visit.markup.contains("on Saturday, November 21, \(judged)"))
            }
        }
    }

    @Test("without an alert the page says what is watched and no more; a day is one day")
    func calm() async throws {
        var state = Story.state
        state.alerts = []
        for index in state.days.indices { state.days[index].pending = 0 }
        state.days[33].pending = 5_000
        try await withPage(state) { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("No alert is open. Watched are days that are final"))
            #expect(text.contains("which growthctl status counts"))
            #expect(!text.contains("All good"))
            #expect(text.contains("pending, 1 day old on average"))
        }
        state.lastEvaluation = nil
        try await withPage(state) { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("The watchdog has not run yet."))
        }
    }

    @Test("the chart has one bar per day and status, a line and a dip")
    func chart() async throws {
        guard let folder = Self.vegaFolder else {
            return Self.missing("the chart library (deploy/vega-bundle)")
        }
        try await withPage(vega: folder) { browser, url in
            let visit = try browser.visit(url + "?days=14")
            #expect(visit.complaints.isEmpty)
            let bars = visit.markup.components(separatedBy: "aria-roledescription=\"bar\"").count - 1
            #expect(bars == 30)
            #expect(visit.markup.contains("Sunday, November 22: ₺51,000.00 pending of ₺53,000.00"))
            #expect(visit.markup.contains("Dip: 42.0% below the day before on Saturday, November 21"))
            #expect(visit.markup.contains("-42.0%"))
            #expect(visit.markup.contains("data-ready=\"15\""))
        }
    }

    @Test("without the chart library the page says how to get it")
    func noLibrary() async throws {
        try await withPage { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("Run deploy/vega-bundle once and reload"))
        }
    }

    @Test("an empty store shows how to send the first webhook")
    func empty() async throws {
        try await withPage(ReportStoreDouble.State()) { browser, url in
            let visit = try browser.visit(url)
            #expect(visit.complaints.isEmpty)
            let text = Self.words(in: visit.markup)
            #expect(text.contains("Ready when you are"))
            #expect(text.contains("curl -X POST http://127.0.0.1:8001/webhooks/generic/demo"))
            #expect(!text.contains("{{"))
        }
    }

    @Test("a database that is away is reported, with a way to try again")
    func outage() async throws {
        var state = Story.state
        state.failure = StoreError(code: .unavailable, message: "The file is locked.")
        try await withPage(state) { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("The database does not answer"))
            #expect(text.contains("Try again"))
        }
    }

    @Test("what one failed answer of a poll kept from being drawn is drawn with the next good one")
    func halfAPoll() async throws {
        var state = Story.state
        // The page asks for four reports at once, and again after 15 s; after a failure it waits up to 18 s.
        state.events[5] = { state in
            state.versions.data += 1
            state.days[33].cleared = 1_234_500
            state.days[34].pending = 4_321_000
            state.alerts.removeAll { $0.id == Story.dip.id }
            state.versions.alerts += 1
            state.productsFailure = StoreError(code: .unavailable, message: "The file is locked.")
        }
        state.events[9] = { $0.productsFailure = nil }
        try await withPage(state) { browser, url in
            let markup = try browser.visit(url, seconds: 45).markup
            let text = Self.words(in: markup)
            #expect(markup.contains("data-state=\"live\"") && text.contains("updated"))
            #expect(text.components(separatedBy: "₺63,345.00").count - 1 >= 2, "The card and the table.")
            #expect(text.components(separatedBy: "₺43,210.00").count - 1 >= 2, "The card and the table.")
            #expect(!text.contains("₺53,000.00") && !text.contains("₺12,100.00"))
            #expect(!text.contains("Revenue fell"))
        }
    }

    @Test("an alert is hidden behind another only as long as that one is open")
    func inhibited() async throws {
        var state = Story.state
        var dip = Story.dip
        dip.inhibitedBy = Story.resolved.id
        state.alerts = [dip, Story.resolved]
        try await withPage(state) { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("Revenue fell 42.0% on Sat, Nov 21"))
            #expect(!text.contains("No alert is open"))
        }
        dip.inhibitedBy = Story.signalLost.id
        state.alerts = [Story.signalLost, dip]
        try await withPage(state) { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("No signal from stripe") && !text.contains("Revenue fell"))
        }
    }

    @Test(
        "revenue is new where it was nothing before, not where it was or stays negative or nothing",
        arguments: [
            (-10_000, -50_000, "▼ down -₺400.00 vs"), (-10_000, 40_000, "▲ up +₺500.00 vs"),
            (0, -50_000, "▼ down -₺500.00 vs"), (0, 0, "→ ₺0.00 vs"), (0, 50_000, "▲ up +₺500.00 (new) vs"),
        ] as [(Int64, Int64, String)]
    )
    func newRevenue(before: Int64, after: Int64, expected: String) async throws {
        var state = Story.state
        (state.days[32].cleared, state.days[32].pending) = (before, 0)
        (state.days[33].cleared, state.days[33].pending) = (after, 0)
        state.untilNow = before
        state.days[34].pending = after
        try await withPage(state) { browser, url in
            let text = Self.words(in: try browser.visit(url).markup)
            #expect(text.contains("\(expected) Saturday"))
            #expect(text.contains("\(expected) yesterday, same time"))
        }
    }

    @Test("with a token the page asks for it")
    func signIn() async throws {
        try await withPage(token: Secret("a-long-enough-token")) { browser, url in
            let visit = try browser.visit(url)
            #expect(Self.words(in: visit.markup).contains("Access token"))
        }
    }

    @Test(
        "it fits a telephone without scrolling sideways",
        arguments: [(320, "light"), (375, "light"), (375, "dark")]
    )
    func narrow(width: Int, scheme: String) async throws {
        guard let folder = Self.vegaFolder else {
            return Self.missing("the chart library (deploy/vega-bundle)")
        }
        let pictures = try Pictures()
        try await withPage(vega: folder) { browser, url in
            let picture = pictures.file("\(scheme)-\(width).png")
            let look = try browser.narrow(url, width: width, scheme: scheme, picture: picture)
            #expect(look.hasPrefix("{\"scroll_width\":\(width),\"ready\":true,"))
            #expect(look.hasSuffix("\"small_targets\":[]}"))
        }
    }

    @Test(
        "the filters show what the address asks for, and offer the rest",
        arguments: [
            (
                "?days=90&source=stripe",
                #"["90","stripe of *,stripe,generic,shopier,shopify"," of ,USD,EUR,GBP"]"#
            ),
            ("?currency=EUR", #"["30","* of *,generic,shopier,shopify,stripe","EUR of ,EUR,TRY,USD,GBP"]"#),
            ("", #"["30","* of *,generic,shopier,shopify,stripe"," of ,USD,EUR,GBP"]"#),
        ]
    )
    func filters(query: String, expected: String) async throws {
        guard let folder = Self.vegaFolder else {
            return Self.missing("the chart library (deploy/vega-bundle)")
        }
        let pictures = try Pictures()
        try await withPage(vega: folder) { browser, url in
            let picture = pictures.file("filters.png")
            let look = try browser.narrow("\(url)\(query)", width: 375, scheme: "light", picture: picture)
            #expect(look.contains("\"filters\":\(expected),"), "\(look)")
        }
    }

    @Test("it is drawn on a desk, light and dark", arguments: ["light", "dark"])
    func desk(theme: String) async throws {
        let pictures = try Pictures()
        try await withPage(vega: Self.vegaFolder) { browser, url in
            let picture = pictures.file("\(theme)-1280.png")
            try browser.picture(of: "\(url)?theme=\(theme)", size: "1280,1500", to: picture)
            let attributes = try FileManager.default.attributesOfItem(atPath: picture)
            #expect((attributes[.size] as? Int ?? 0) > 50_000)
        }
    }

    /// Serves a store's dashboard on a free port and hands over a browser with its address.
    private func withPage(
        _ state: ReportStoreDouble.State = Story.state,
        at now: Timestamp = Story.now,
        vega: String? = nil,
        token: Secret? = nil,
        _ test: @escaping @Sendable (Chromium, String) throws -> Void
    ) async throws {
        guard let path = Chromium.path else { return Self.missing("chromium (apt-get install chromium)") }
        var dashboard = try DashboardUnderTest(state)
        dashboard.configuration.token = token
        dashboard.clock.now = now
        if let vega { dashboard.configuration.vegaFolder = vega }
        try await dashboard.application().test(.live) { client in
            let port = try #require(client.port)
            let browser = try Chromium(path: path)
            // The browser blocks its thread, which must not be one of those that serve the page.
            try await Task.detached { try test(browser, "http://127.0.0.1:\(port)/") }.value
        }
    }

    /// Says that something is missing; where the whole suite is wanted, that is a failure.
    private static func missing(_ what: String) {
        if environment["GROWTH_FULL_SUITE"] != nil {
            Issue.record("The page was not tested: this machine lacks \(what).")
        } else {
            print("NOT TESTED: the page needs \(what); deploy/test installs it.")
        }
    }

    private static var vegaFolder: String? {
        environment["GROWTH_VEGA_DIR"].flatMap { VegaBundle(folder: $0).newest() == nil ? nil : $0 }
    }

    /// The text of a document without its tags, every run of white space as one space.
    private static func words(in markup: String) -> String {
        var text = ""
        var isTag = false
        for character in markup {
            switch character {
            case "<": isTag = true
            case ">": isTag = false
            case _ where !isTag: text.append(character)
            default: break
            }
        }
        let decoded = text.replacing("&nbsp;", with: " ").replacing("\u{A0}", with: " ").replacing(
            "&amp;",
            with: "&"
        )
        return decoded.split { $0.isWhitespace }.joined(separator: " ")
    }
}

/// Where pictures of the page go: `GROWTH_SCREENSHOTS`, or nowhere for long.
private struct Pictures: Sendable {
    private let folder: String?
    private let temporary: TemporaryDirectory

    init() throws {
        folder = ProcessInfo.processInfo.environment["GROWTH_SCREENSHOTS"]
        temporary = try TemporaryDirectory()
    }

    func file(_ name: String) -> String {
        folder.map { "\($0)/\(name)" } ?? temporary.file(name)
    }
}
