import Shared
import Testing

@Suite struct JSONWriterTests {
    @Test("commas stand between members and elements, nowhere else")
    func commas() {
        var writer = JSONWriter(capacity: 64)
        writer.object { writer in
            writer.key("a")
            writer.append(int: 1)
            writer.key("b")
            writer.array { writer in
                writer.array { _ in }
                writer.object { _ in }
                writer.append(bool: true)
                writer.append(string: nil)
            }
            writer.key("c")
            writer.append(raw: "{\"x\":1}".utf8)
            writer.key("d")
            writer.append(int: Int64.min)
        }
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == #"{"a":1,"b":[[],{},true,null],"c":{"x":1},"d":-9223372036854775808}"#)
    }

    @Test("every text comes back as it went in, on one line")
    func roundTrip() throws {
        let texts = ["", "\"\\/", "a\nb\r\tc\u{0}\u{1F}\u{7F}", "é日😀\u{2028}", "\u{FFFD}"]
        var writer = JSONWriter()
        writer.array { writer in
            for text in texts { writer.append(string: text) }
        }
        #expect(!writer.bytes.contains(0x0A))
        #expect(try JSONDocument(writer.bytes).root.elements.map(\.string) == texts)
    }

    @Test("a substring is written like a string")
    func substring() {
        var writer = JSONWriter()
        writer.append(string: "secret: \"x\"".dropFirst(8))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #""\"x\"""#)
    }
}
