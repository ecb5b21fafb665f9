import Testing

@testable import Shared

@Suite("Form bodies")
struct FormBodyTests {
    private func form(_ text: String, type: String? = nil) -> FormBody? {
        Array(text.utf8).withUnsafeBytes { FormBody($0, contentType: type) }
    }

    private func text(_ form: FormBody?, _ name: String) -> String? {
        form?[name].map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("decodes pairs; the last of two fields with one name wins")
    func pairs() {
        let form = form("a=1&b=x+y%20z&a=2&c&%C3%A7=%F0%9F%8E%81&d=%zz%2&e=%&=x&&")
        #expect(text(form, "a") == "2")
        #expect(text(form, "b") == "x y z")
        #expect(text(form, "c") == "")
        #expect(text(form, "ç") == "🎁")
        #expect(text(form, "d") == "%zz%2")
        #expect(text(form, "e") == "%")
        #expect(form?.fields.map(\.name) == ["a", "b", "c", "ç", "d", "e"])
    }

    @Test("turns fields into a JSON object and repairs what is no UTF-8")
    func json() throws {
        let parsed = try #require(self.form("q=%22%5C%0A&bad=%FF"))
        #expect(String(decoding: parsed.json(), as: UTF8.self) == #"{"q":"\"\\\n","bad":"\#u{FFFD}"}"#)
    }

    @Test("takes 64 fields and no more")
    func fieldLimit() {
        let pairs = (1...64).map { "f\($0)=x" }.joined(separator: "&")
        #expect(form(pairs)?.fields.count == 64)
        #expect(form(pairs + "&g=x") == nil)
        #expect(form(String(repeating: "a=1&", count: 100_000)) == nil)
        // A separator costs nothing, be there 256 of them or a body full.
        #expect(form(String(repeating: "&", count: 2 << 20) + "a=1")?.fields.count == 1)
        #expect(form(String(repeating: "a&", count: 256))?.fields.count == 1)
        #expect(form(String(repeating: "a&", count: 257)) == nil)
        #expect(form(String(repeating: "n", count: 257) + "=1") == nil)
    }

    @Test("reads multipart with a preamble, quoted boundaries, file parts and no content type")
    func multipart() {
        let body =
            "preamble\r\n--xyz \r\nContent-Disposition: form-data; name=\"res\"\r\n\r\nline 1\r\nline 2\r\n"
            + "--xyz\r\nX-Other: 1\r\ncontent-disposition: form-data; filename=\"a.txt\"; name=hash\r\n\r\n"
            + "\r\n--xyz--\r\nepilogue"
        let first = form(body, type: "multipart/form-data; charset=utf-8; Boundary=\"xyz\"")
        #expect(text(first, "res") == "line 1\r\nline 2")
        #expect(text(first, "hash") == "")
        let bare = "--q\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--q--"
        #expect(text(form(bare), "a") == "1")
    }

    @Test(
        "refuses multipart that ends early or has no boundary",
        arguments: [
            ("multipart/form-data", "--x--"), ("multipart/form-data; boundary=", "--x--"),
            ("multipart/form-data; boundary=x", ""), ("multipart/form-data; boundary=x", "--x"),
            ("multipart/form-data; boundary=x", "--x-"),
            ("multipart/form-data; boundary=x", "--x\r\n"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue"
            ),
            ("multipart/form-data; boundary=\(String(repeating: "b", count: 71))", "--x--"),
        ]
    )
    func brokenMultipart(_ type: String, _ body: String) {
        #expect(form(body, type: type) == nil)
    }

    @Test("survives every truncation and any byte")
    func hostile() {
        let body = Array("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--".utf8)
        var seed: UInt64 = 42
        for end in 0...body.count {
            body[..<end].withUnsafeBytes { bytes in
                let form = FormBody(bytes, contentType: "multipart/form-data; boundary=x")
                #expect((form != nil) == (end == body.count))
            }
        }
        for _ in 0..<2_000 {
            var mutated = body
            for _ in 0..<4 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                mutated[Int(seed >> 33) % mutated.count] = UInt8(truncatingIfNeeded: seed >> 24)
            }
            mutated.withUnsafeBytes { bytes in
                let count = FormBody(bytes, contentType: nil)?.fields.count ?? 0
                #expect(count <= FormBody.maximumFields, "seed 42")
            }
        }
    }
}
