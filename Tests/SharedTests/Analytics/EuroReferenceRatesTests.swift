import Shared
import Testing

@Suite("The ECB's reference rates")
struct EuroReferenceRatesTests {
    static let document = """
        <?xml version="1.0" encoding="UTF-8"?>
        <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="urn:eurofxref">
          <gesmes:subject>Reference rates</gesmes:subject>
          <!-- invented -->
          <Cube>
            <Cube time='2026-11-24'>
              <Cube currency='USD' rate='1.0817'/>
              <Cube currency="TRY" rate="48.2103"/>
              <Cube currency='JPY' rate='163.05'></Cube>
            </Cube>
            <Cube time='2026-11-23'>
              <Cube currency='USD' rate='1.0790'/>
            </Cube>
          </Cube>
        </gesmes:Envelope>

        """

    private func read(_ text: String) throws -> EuroReferenceRates {
        try EuroReferenceRates(xml: Array(text.utf8))
    }

    @Test("give the euro as it is and others as exact quotients; days without the base are counted")
    func cross() throws {
        let (rates, missing) = try read(Self.document).rates(into: .lira)
        #expect(missing == 1)
        #expect(
            rates.map { "\($0.currency) \($0.date) \($0.text)" } == [
                "EUR 2026-11-24 48.2103", "JPY 2026-11-24 48.2103/163.05", "USD 2026-11-24 48.2103/1.0817",
            ]
        )
        let inverse = try read(Self.document).rates(into: .euro)
        #expect(inverse.daysWithoutBase == 0)
        #expect(
            inverse.rates.map { "\($0.currency) \($0.date) \($0.text)" } == [
                "USD 2026-11-23 1/1.0790", "JPY 2026-11-24 1/163.05", "TRY 2026-11-24 1/48.2103",
                "USD 2026-11-24 1/1.0817",
            ]
        )
        let late = try read(Self.document).rates(into: .euro, from: BusinessDate("2026-11-24"))
        #expect(late.rates.count == 3)
    }

    @Test("convert exactly, half to even, with one rounding")
    func exact() throws {
        let dollar = try #require(ExchangeRate("48.2103/1.0817"))
        // 100.00 · 48.2103 / 1.0817 = 4456.8996949…
        #expect(try dollar.convert(10_000, from: 2, to: 2) == 445_690)
        #expect(try dollar.convert(-10_000, from: 2, to: 2) == -445_690)
        let yen = try #require(ExchangeRate("48.2103/163.05"))
        // 5000 · 48.2103 / 163.05 = 1478.3900643…
        #expect(try yen.convert(5000, from: 0, to: 2) == 147_839)
        let half = try #require(ExchangeRate("1/8"))
        #expect(try half.convert(4, from: 2, to: 2) == 0 && half.convert(12, from: 2, to: 2) == 2)
        #expect(try #require(ExchangeRate("999999999999/0.000000000001")).digits == 999_999_999_999)
        #expect(throws: MoneyOverflow.self) {
            try ExchangeRate("999999999999/0.000000000001")?.convert(.max, from: 0, to: 4)
        }
        let tiny = try #require(ExchangeRate("0.000000000001/999999999999"))
        #expect(try tiny.convert(.max, from: 4, to: 0) == 0)
    }

    @Test(
        "a quotient has two good sides",
        arguments: ["1/", "/1", "1/0", "0/1", "1/2/3", "1/-2", "a/1", "1/1."]
    )
    func badQuotient(text: String) {
        #expect(ExchangeRate(text) == nil)
    }

    @Test(
        "a document that is anything else is refused",
        arguments: [
            "", "x", "<Envelope>", "<Envelope/>", "<a><Cube time='2026-11-24'/></a>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><Envelope/>", "<Envelope><![CDATA[x]]></Envelope>",
            "<Envelope><?php x?></Envelope>", "<Envelope><Cube time='&lt;'/></Envelope>",
            "<Envelope><Cube><Cube time='2026-02-30'><Cube currency='USD' rate='1'/></Cube></Cube></Envelope>",
            "<Envelope><Cube><Cube time='2026-11-24'><Cube currency='USD' rate='-1'/></Cube></Cube></Envelope>",
            "<Envelope><Cube><Cube time='2026-11-24'><Cube currency='USD' rate='1/2'/></Cube></Cube></Envelope>",
            "<Envelope><Cube><Cube time='2026-11-24'><Cube currency='US' rate='1'/></Cube></Cube></Envelope>",
            "<Envelope><Cube><Cube time='2026-11-24'><Cube currency='USD'/></Cube></Cube></Envelope>",
            "<Envelope><Cube><Cube currency='USD' rate='1'/></Cube></Envelope>",
            "<Envelope><Cube><Cube time='2026-11-24'><Cube currency='USD' rate='1'/></Cube></Envelope>",
            "<Envelope><Cube a='1' a='2'/></Envelope>", "<Envelope></Envelope><Envelope/>",
        ]
    )
    func refused(text: String) {
        #expect(throws: EuroReferenceRates.Failure.self) { try read(text) }
    }

    @Test("a day or a currency that stands twice is named with its line")
    func twice() throws {
        let twice = Self.document.replacing("2026-11-23", with: "2026-11-24")
        let failure = #expect(throws: EuroReferenceRates.Failure.self) { try read(twice) }
        #expect(failure?.description == "Line 11: the day 2026-11-24 stands twice.")
        let currency = Self.document.replacing("JPY", with: "USD")
        #expect(throws: EuroReferenceRates.Failure.self) { try read(currency) }
    }

    @Test("every cut of a document is refused, and nothing traps")
    func cuts() {
        let bytes = Array(Self.document.utf8)
        for end in 0..<(bytes.count - 2) {
            #expect(throws: EuroReferenceRates.Failure.self) {
                try EuroReferenceRates(xml: Array(bytes[..<end]))
            }
        }
    }
}
