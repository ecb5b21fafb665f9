import TestSupport
import Testing

@testable import Shared

@Suite("Unlisted paths")
struct UnlistedPathTests {
    private static let policy = FieldPolicy(
        version: 7,
        keep: ["id", "lines[].price", "totals.*.amount", "state_of_2024_report"],
        keepText: ["lines[].title"],
        pseudonymise: [("email", .email)]
    )

    private func survey(_ json: String, limit: Int = 256) throws -> [String: Int] {
        let found = try Array(json.utf8).withUnsafeBytes { bytes throws(JSONError) in
            try UnlistedPath.survey(bytes, policy: Self.policy, limit: limit)
        }
        return Dictionary(
            uniqueKeysWithValues: found.map { ("\($0.key.kind.rawValue) \($0.key.path)", $0.value) }
        )
    }

    @Test("lists what the policy does not, with indexes folded, by what becomes of the value")
    func lists() throws {
        let found = try survey(
            #"""
            {"id":"1","email":"a@b.co","lines":[{"title":"Mug","price":"1","note":"x","seen":true},
             {"note":"y","weight":1.5,"rank":3}],"totals":{"shop":{"amount":"1","text":"z"}},"gone":null,
             "tags":["a","b",["c"]],"deep":{"custom":{"phone":5321234567}}}
            """#
        )
        #expect(
            found == [
                "dropped-text lines[].note": 2, "kept-flag lines[].seen": 1, "dropped-number lines[].rank": 1,
                "dropped-number lines[].weight": 1, "dropped-text totals.shop.text": 1,
                "dropped-text tags[]": 2, "dropped-text tags[][]": 1, "dropped-number deep.custom.phone": 1,
            ]
        )
        #expect(try survey(#"["x",{"tag":"z"}]"#) == ["dropped-text []": 1, "dropped-text [].tag": 1])
        #expect(try survey(#""x""#) == ["dropped-text ": 1])
    }

    @Test(
        "shows a key that may be data as *",
        arguments: [
            "a@b.co", "05321234567", "4111 1111 1111 1111", "Ayşe", "two words", "", "20240", "a1b2c3d4",
            "$ref",
            #"\u0061@b.co"#, "x.y", "a[]", "john_smith", "JohnSmith", "ayse", "mehmet-yilmaz", "Grace Price",
            "grace_price", "order_of_ayse", "gracesorder", "kim", "note2024", "___", "123",
            String(repeating: "k", count: 41), "TR330006100519786457841326",
        ]
    )
    func dataKeys(_ key: String) throws {
        #expect(try survey(#"{"\#(key)":"v"}"#) == ["dropped-text *": 1])
        #expect(try survey(#"{"note":{"\#(key)":[{"text":"v"}]}}"#) == ["dropped-text note.*[].text": 1])
    }

    @Test("shows the names of fields, also escaped ones")
    func fieldKeys() throws {
        for key in [
            "note", "firstName", "FirstName", "FIRST_NAME", "address-1", "sha256", "_links", "htmlURL",
            "gift_message_text", "taxID",
        ] {
            #expect(try survey(#"{"\#(key)":"v"}"#) == ["dropped-text \(key)": 1])
        }
        #expect(try survey(#"{"\u006eote":"v"}"#) == ["dropped-text note": 1])
    }

    @Test("is bounded: paths by length, documents by different paths")
    func bounded() throws {
        let depth = 60
        let deep =
            (0..<depth).map { _ in #"{"container":"# }.joined() + #""v""#
            + String(repeating: "}", count: depth)
        let found = try survey(deep)
        let path = try #require(found.keys.first)
        #expect(path.hasSuffix("**"))
        #expect(path.utf8.count <= UnlistedPath.maximumLength + "dropped-text ".utf8.count)
        #expect(try survey(#"[\#(deep),{"tag":"v"}]"#).keys.contains("dropped-text [].tag"))
        let words = ["note", "order", "line", "item", "price", "tax", "ship", "pay", "tag", "text"]
        let wide = (0..<1000).map { number in
            let names = [number / 100, number / 10 % 10, number % 10].map { words[$0] }
            return #""\#(names.joined(separator: "_"))":"v""#
        }
        #expect(try survey("{\(wide.joined(separator: ","))}", limit: 100).count == 100)
    }

    @Test(
        "names exactly what the redactor drops",
        arguments: [
            ("/webhooks/shopify", "shopify/order.json"), ("/webhooks/shopify", "shopify/refund.json"),
            ("/webhooks/stripe", "stripe/charge.json"), ("/webhooks/stripe", "stripe/customer.json"),
            ("/webhooks/shopier", "shopier/order.json"), ("/webhooks/generic/a", "generic/order.json"),
            ("/payouts/shopify", "payouts/shopify.json"), ("/fulfilment/a", "fulfilment/shipped.json"),
        ]
    )
    func agreesWithRedactor(_ path: String, _ file: String) throws {
        let body = try Fixture.bytes(file)
        let headers = ["x-shopify-topic": "unlisted/update"]
        let sent = try EnvelopeFixture(path: path, headers: headers, body: body)
        let match = try #require(ProviderCatalog.route(for: path))
        let found = try #require(
            body.withUnsafeBytes { bytes in
                let request = WebhookRequest(
                    variant: "",
                    pathSource: match.pathSource,
                    headers: FixtureHeaders(headers),
                    body: bytes,
                    receivedAt: EnvelopeFixture.receivedAt
                )
                return UnlistedPath.survey(request, receiver: match.receiver, limit: .max)
            }
        )
        let dropped = found.paths.filter { [.droppedText, .droppedNumber].contains($0.key.kind) }
        #expect(dropped.values.reduce(0, +) == sent.envelope.droppedCount)
    }
}

@Suite("Redaction survey")
struct RedactionSurveyTests {
    private let source = SourceID(literal: "generic")

    private func paths(_ range: Range<Int>) -> [UnlistedPath: Int] {
        Dictionary(uniqueKeysWithValues: range.map { (UnlistedPath(path: "p\($0)", kind: .droppedText), 2) })
    }

    @Test("holds so many rows per source and counts the rest as a whole")
    func bounded() throws {
        var survey = RedactionSurvey()
        for start in stride(from: 0, to: 2000, by: 100) {
            survey.add(paths(start..<start + 100), policy: 1, source: source, account: "a")
        }
        survey.add(paths(0..<1), policy: 1, source: SourceID(literal: "stripe"), account: "")
        let changed = survey.takeChanged()
        #expect(changed.map(\.source.name) == ["generic", "stripe"])
        let page = try #require(changed.first?.page)
        #expect(page.rows.count == RedactionSurvey.maximumRows)
        #expect(page.documents == 20)
        #expect(page.others == (2000 - RedactionSurvey.maximumRows) * 2)
        #expect(survey.takeChanged().isEmpty)
        let line = page.encoded(at: EnvelopeFixture.receivedAt)
        #expect(line.count < 128 << 10)
        #expect(!line.contains(0x0A))
    }

    @Test("is read back as it was, added up over intakes, and never read from anything else")
    func roundTrip() throws {
        var survey = RedactionSurvey()
        survey.add(paths(0..<3), policy: 4, source: source, account: "shop")
        let page = try #require(survey.takeChanged().first?.page)
        let line = page.encoded(at: EnvelopeFixture.receivedAt)
        var sum = try #require(RedactionSurvey.Page(decoding: line))
        #expect(sum.rows == page.rows && sum.documents == 1)
        sum.add(page)
        #expect(sum.documents == 2)
        #expect(sum.rows.values.allSatisfy { $0 == 4 })
        var most = RedactionSurvey.Page()
        most.documents = .max
        sum.add(most)
        #expect(sum.documents == .max)
        for text in [
            "", "{}", "[]", #"{"v":2,"documents":1,"others":0,"rows":[]}"#, #"{"v":1,"documents":1e9}"#,
        ] {
            #expect(RedactionSurvey.Page(decoding: Array(text.utf8)) == nil, "\(text)")
        }
    }
}
