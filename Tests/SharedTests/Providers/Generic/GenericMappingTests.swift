import Shared
import TestSupport
import Testing

@Suite("Generic: mapping files")
struct GenericMappingTests {
    private func mapping() throws -> GenericMapping {
        try GenericMapping(DeliveredFixture("generic/foreign.mapping").bytes)
    }

    @Test("a foreign shape becomes a canonical order")
    func applied() throws {
        let adapter = GenericAdapter(mappings: ["store-b": try mapping()])
        let result = try DeliveredFixture("generic/foreign").normalized(
            by: adapter,
            source: SourceID(literal: "generic"),
            account: "store-b",
            topic: "CAPTURE.DONE"
        )
        let order = try #require(result.orders.first)
        #expect(order.key.externalID == "O-77")
        #expect(order.observedAt == instant("2026-11-23T10:00:00Z"))
        // 2 x 18.00 + 5 = 41.00
        #expect(order.financials?.currency == .dollar)
        #expect(order.financials?.sale?.goods == 4_100)
        #expect(order.financials?.sale?.standing == .counting)
        #expect(order.financials?.refunds.isEmpty == true)
        #expect(result.skus.map(\.productID) == ["u1", "u2"])
        #expect(result.note == nil)
    }

    @Test("a mapped message of an unmapped type is still refused")
    func unmappedType() throws {
        let adapter = GenericAdapter(mappings: ["store-b": try mapping()])
        #expect(throws: Rejection.self) {
            try DeliveredFixture(text: #"{"event_type":"CAPTURE.UNDONE","resource":{"id":"1"}}"#).normalized(
                by: adapter,
                source: SourceID(literal: "generic"),
                account: "store-b"
            )
        }
    }

    @Test("a paid order whose amounts were not kept is refused, whatever the mapping's currency")
    func stripped() throws {
        let file = #"""
            {"fields":{"type":"/event_type","order.id":"/resource/id","order.total":"/resource/total/value"},
             "constants":{"order.currency":"TRY"},
             "values":{"type":{"SALE":"order.paid","END":"order.cancelled"}}}
            """#
        let adapter = GenericAdapter(mappings: ["store-b": try GenericMapping(Array(file.utf8))])
        func normalized(_ type: String) throws -> Normalized {
            try DeliveredFixture(text: #"{"event_type":"\#(type)","resource":{"id":"Y-9","total":{}}}"#)
                .normalized(by: adapter, source: SourceID(literal: "generic"), account: "store-b")
        }
        let error = #expect(throws: Rejection.self) { try normalized("SALE") }
        #expect(error?.reason.code == "missing-field")
        // A cancellation needs none.
        #expect(try normalized("END").orders.count == 1)
    }

    @Test("the intake keeps what the mapping points to, and pseudonymises the customer")
    func paths() throws {
        let mapping = try mapping()
        #expect(mapping.keptPaths.contains("resource.units[].unit.value"))
        #expect(mapping.keptPaths.contains("resource.total/amount.value"))
        #expect(!mapping.keptPaths.contains("resource.payer.email_address"))
        #expect(mapping.identityPaths.map(\.path) == ["resource.payer.email_address"])
        #expect(mapping.identityPaths.map(\.identity) == [.email])
    }

    @Test(
        "a wrong file is refused with the field that is wrong",
        arguments: [
            ("[]", GenericMappingError.notAnObject), ("{", .notAnObject),
            (#"{"amounts":"minor"}"#, .unknownMember("amounts")),
            (#"{"items":{"at":"/x","price":"/y"}}"#, .unknownMember("items.price")),
            (#"{"values":"minor"}"#, .notASection("values")),
            (#"{"items":{"at":"/x","fields":[]}}"#, .notASection("items.fields")),
            (#"{"items":[]}"#, .notASection("items")),
            (#"{"fields":{"order.colour":"/x"}}"#, .unknownField("order.colour")),
            (#"{"fields":{"order.id":"x"}}"#, .invalidPointer("order.id")),
            (#"{"signature":{}}"#, .invalidSignature("header")),
            (#"{"signature":{"header":"a b"}}"#, .invalidSignature("header")),
            (#"{"signature":{"header":"a","encoding":"rot13"}}"#, .invalidSignature("encoding")),
            (#"{"signature":{"header":"a","prefix":3}}"#, .invalidSignature("prefix")),
            (#"{"signature":{"header":"a","key":"x"}}"#, .invalidSignature("key")),
            (#"{"fields":{"order.id":"/a.b"}}"#, .invalidPointer("order.id")),
            (#"{"constants":{"order.currency":3}}"#, .notText("constants.order.currency")),
            (#"{"values":{"nonsense":{}}}"#, .unknownField("nonsense")),
            (#"{"values":{"type":{"A":1}}}"#, .notText("values.type.A")),
            (#"{"items":{"fields":{}}}"#, .invalidPointer("items.at")),
        ]
    )
    func wrongFiles(file: String, error: GenericMappingError) {
        #expect(throws: error) { try GenericMapping(Array(file.utf8)) }
    }

    @Test("pointers follow RFC 6901")
    func pointers() throws {
        // The examples of section 5 of the RFC.
        let text =
            #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
        let root = try JSONDocument(Array(text.utf8)).root
        let expected: [(String, String?)] = [
            ("/foo/0", "bar"), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"),
            (#"/i\j"#, "5"), (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"), ("/foo/01", nil), ("/foo/-", nil),
            ("/foo/9", nil), ("/foo/99999999999999999999", nil), ("/foo/0/x", nil),
        ]
        for (pointer, text) in expected {
            let pointer = try #require(JSONPointer(pointer))
            #expect(pointer.value(in: root).text == text, "\(pointer.tokens)")
        }
        #expect(JSONPointer("foo") == nil)
        #expect(JSONPointer("/a~2") == nil)
        #expect(JSONPointer("")?.tokens == [])
    }

    @Test("a mapping names the header of the source's own HMAC, its encoding and its prefix")
    func signature() throws {
        // printf '{"id":1}' | openssl dgst -sha256 -hmac s1
        let hex = Self.hex
        func verdict(_ signature: String, _ headers: [String: String]) throws -> SignatureVerdict {
            let mapping = try GenericMapping(Array(#"{"signature":\#(signature)}"#.utf8))
            let adapter = GenericAdapter(mappings: ["own": mapping])
            return Array(#"{"id":1}"#.utf8).withUnsafeBytes { body in
                adapter.verify(
                    WebhookRequest(
                        variant: "",
                        pathSource: SourceID(literal: "own"),
                        headers: FixtureHeaders(headers),
                        body: body,
                        receivedAt: EnvelopeFixture.receivedAt
                    ),
                    secrets: SourceSecrets(secrets: [Secret("s1")])
                )
            }
        }
        let verified = SignatureVerdict.verified(secret: 0)
        let prefixed = #"{"header":"X-Shop-Signature","encoding":"hex","prefix":"v0="}"#
        #expect(try verdict(prefixed, ["x-shop-signature": "v0=\(hex)"]) == verified)
        #expect(try verdict(prefixed, ["x-shop-signature": hex]) == .failed(.malformed))
        #expect(try verdict(prefixed, ["x-shop-signature": "v0=\(Self.base64)"]) == .failed(.malformed))
        #expect(try verdict(prefixed, ["x-growth-signature": hex]) == verified)
        #expect(try verdict(prefixed, [:]) == .failed(.missing))
        let plain = #"{"header":"X-Shop-Signature"}"#
        for code in [hex, Self.base64, "sha256=\(hex)"] {
            #expect(try verdict(plain, ["x-shop-signature": code]) == verified, "\(code)")
        }
        let base64 = #"{"header":"x-shop-signature","encoding":"base64"}"#
        #expect(try verdict(base64, ["x-shop-signature": Self.base64]) == verified)
        #expect(try verdict(base64, ["x-shop-signature": hex]) == .failed(.malformed))
    }

    private static let base64 = "gCfDY8X8sIMWGa6e7D+dZzqp8dDntY61yjza3jdyG3g="
    private static let hex = "8027c363c5fcb0831619ae9eec3f9d673aa9f1d0e7b58eb5ca3cdade37721b78"
}
