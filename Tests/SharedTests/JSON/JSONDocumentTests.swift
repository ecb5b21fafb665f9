import Shared
import Testing

@Suite struct JSONDocumentTests {
    private func root(_ text: String) throws -> JSONValue {
        try JSONDocument(Array(text.utf8)).root
    }

    @Test("each value knows its kind and decodes only as what it is")
    func kinds() throws {
        let value = try root(#"{"n":null,"t":true,"f":false,"i":-42,"d":1.50,"s":"x","a":[1],"o":{}}"#)
        let kinds = ["n", "t", "f", "i", "d", "s", "a", "o", "none"].map { value[$0].kind }
        #expect(kinds == [.null, .bool, .bool, .number, .number, .string, .array, .object, .missing])
        #expect(value["t"].bool == true)
        #expect(value["f"].bool == false)
        #expect(value["n"].bool == nil)
        #expect(value["i"].int64 == -42)
        #expect(value["d"].int64 == nil)
        #expect(value["d"].text == "1.50")
        #expect(value["d"].string == nil)
        #expect(value["s"].int64 == nil)
        #expect(value["s"].text == "x")
        #expect(!value["n"].exists)
        #expect(!value["none"].exists)
        #expect(value["a"].exists)
    }

    @Test("what is absent stays absent however far one asks")
    func missing() throws {
        let value = try root(#"{"a":[{"b":1}]}"#)
        #expect(value["a"][0]["b"].int64 == 1)
        #expect(value["a"][1]["b"]["c"][9].kind == .missing)
        #expect(value["a"][-1].kind == .missing)
        #expect(value["a"]["b"].kind == .missing)
        #expect(value[0].kind == .missing)
        #expect(value["x"].elements.isEmpty)
        #expect(value["x"].members.isEmpty)
        #expect(value["x"].rawBytes.isEmpty)
        #expect(JSONValue.missing["a"][0].text == nil)
    }

    @Test("of duplicate keys the last counts, and members shows all")
    func duplicates() throws {
        let value = try root(#"{"a":1,"b":2,"a":{"c":3},"\u0061":4}"#)
        #expect(value["a"].int64 == 4)
        #expect(value.members.map(\.key) == ["a", "b", "a", "a"])
        #expect(value.members.map(\.value.kind) == [.number, .number, .object, .number])
    }

    @Test("keys are compared after their escapes are taken out, by their scalars")
    func escapedKeys() throws {
        let value = try root(#"{"\u0065mail":1,"a\/b":2,"\ud83d\ude00":3,"\ud800":4,"e\u0301":5}"#)
        #expect(value["email"].int64 == 1)
        #expect(value["a/b"].int64 == 2)
        #expect(value["😀"].int64 == 3)
        #expect(value["\u{FFFD}"].int64 == 4)
        #expect(value["e\u{301}"].int64 == 5)
        #expect(value["\u{E9}"].kind == .missing)
        #expect(value[#"\u0065mail"#].kind == .missing)
    }

    @Test("escapes are decoded; half a surrogate pair becomes U+FFFD")
    func escapes() throws {
        let value = try root(
            #"["\"\\\/\b\f\n\r\t","\u0041\u00e9\u20ac","\ud83d\ude00","\ud800x","\udc00\ud83d","\ud83d\ud83d\ude00"]"#
        )
        let texts = value.elements.map(\.string)
        #expect(texts[0] == "\"\\/\u{8}\u{C}\n\r\t")
        #expect(texts[1] == "Aé€")
        #expect(texts[2] == "😀")
        #expect(texts[3] == "\u{FFFD}x")
        #expect(texts[4] == "\u{FFFD}\u{FFFD}")
        #expect(texts[5] == "\u{FFFD}😀")
    }

    @Test("64-bit integers are exact, and what does not fit is no integer")
    func integers() throws {
        let value = try root("[9223372036854775807,-9223372036854775808,9223372036854775808,-0,1e2,1.0]")
        #expect(value.elements.map(\.int64) == [.max, .min, nil, 0, nil, nil])
    }

    @Test("raw bytes are the value as it stands in the document")
    func rawBytes() throws {
        let value = try root(#" { "a" : [ 1 , "é\n" ] , "b" : 1.50 } "#)
        #expect(String(decoding: value["a"].rawBytes, as: UTF8.self) == #"[ 1 , "é\n" ]"#)
        #expect(String(decoding: value["a"][1].rawBytes, as: UTF8.self) == #""é\n""#)
        #expect(String(decoding: value["b"].rawBytes, as: UTF8.self) == "1.50")
        #expect(value.rawBytes.first == UInt8(ascii: "{"))
        #expect(value.rawBytes.last == UInt8(ascii: "}"))
    }

    @Test("elements behind containers are found")
    func skipping() throws {
        let value = try root(#"[[1,[2,{"x":[3]}]],{"y":{}},"z",[],{},7]"#)
        #expect(value.elements.count == 6)
        #expect(value[2].string == "z")
        #expect(value[5].int64 == 7)
        #expect(value[0][1][1]["x"][0].int64 == 3)
    }
}
