import Testing

@testable import Shared

@Suite struct FieldPathTests {
    private func root(_ text: String) throws -> JSONValue {
        try JSONDocument(Array(text.utf8)).root
    }

    @Test("a field names its path from the root, whether it is there or not")
    func paths() throws {
        let body = Field(try root(#"{"a":{"b":[{"c":1,"d":null},[2,{"e":""}]]},"f":"x"}"#))
        #expect(body.path.isEmpty)
        #expect(body["f"].path == "f")
        #expect(body["a"]["b"].path == "a.b")
        let elements = body["a"]["b"].elements
        #expect(elements.map(\.path) == ["a.b[0]", "a.b[1]"])
        #expect(elements[0]["c"].path == "a.b[0].c")
        #expect(elements[1].elements.map(\.path) == ["a.b[1][0]", "a.b[1][1]"])
        #expect(elements[1].elements[1]["e"].path == "a.b[1][1].e")
        #expect(elements[0]["none"]["at"]["all"].path == "a.b[0].none.at.all")
        #expect(elements[0]["d"]["below"].path == "a.b[0].d.below")
        #expect(body["f"]["below"].path == "f.below")
        #expect(!body["none"].exists && body["none"].value.kind == .missing)
    }

    @Test("the path begins where the field was made, wherever that lies in its document")
    func rootWithin() throws {
        let line = try root(#"{"v":1,"body":{"items":[{"price":"x"}]}}"#)
        let item = Field(line["body"])["items"].elements.first
        #expect(item?["price"].path == "items[0].price")
        #expect(Field(.missing)["a"]["b"].path == "a.b")
    }

    @Test("of duplicate keys the path is that of the last")
    func duplicates() throws {
        let body = Field(try root(#"{"a":{"x":1},"a":{"y":[0,1]}}"#))
        #expect(body["a"]["y"].elements.map(\.path) == ["a.y[0]", "a.y[1]"])
    }
}
