import Foundation
import Shared

/// Inputs to begin with: small ones by hand, and the fixtures.
enum FuzzSeeds {
    static let json: [[UInt8]] = [
        #"{"n":null,"t":true,"f":false,"i":-42,"d":1.50e+10,"s":"x\"\\\/\b\f\n\r\t","a":[1],"o":{}}"#,
        #"[[[],[{}]],"\ud83d\ude00","\ud800x","\udc00\ud83d","é日😀",-0.0E-0,9223372036854775807]"#,
        #" { "a" : [ 1 , "exactly seven bytes" ] , "a" : 2 , "\u0061" : "sixteen bytes..." } "#, "1", "\"\"",
        "",
    ].map { Array($0.utf8) }

    static let redaction: [[UInt8]] = [
        #"{"id":820982911946154500,"email":"jon@example.com","line_items":[{"title":"x \"y\" 4111 1111 1111 1111","price":"1.50"}]}"#,
        #"{"\u0065mail":"\ud83d\ude00@b.c","a":{"b":{"amount":"1.50"},"c":{"amount":2}},"n":[-0.5e+10,1,null,true,false,""]}"#,
        #"[{"id":"TR33 0006 1005 1978 6457 8413 26","title":"192.168.1.1 2001:db8::1 +90 (532) 111-22-33 é日😀"}]"#,
        #" { "title" : "٠٥٣٢١١١٢٢٣٣ ＠ %40 2021-12-31" , "phone" : "+90 (0) 532 111 22 33" , "x@y.z" : [ [ ] , { } ] } "#,
        #"{"customer":{"id":207119551,"email":" İI@X ","orders_count":3},"email":["a"],"a":{"x\u0040y":{"amount":12345678.9}}}"#,
        #"{"status":"paid","k":{"kind":"sale","note":"call 0532 111 22 33"},"m":[["a b",[1]],2],"sku":"AB 12 é","gateway":"Cash on delivery","created_at":"2021-12-31 10:00:00","id":"1 234,50","people":[{"mail":"X@y.z"},{"mail":""}]}"#,
    ].map { Array($0.utf8) }

    static let texts: [[UInt8]] = [
        "call me at +90 (532) 111-22-33 or write to jon.doe+shop@example.com",
        "Kart 4111 1111 1111 1111, IBAN TR33 0006 1005 1978 6457 8413 26, IP 192.168.1.1",
        "2021-12-31 10:00:00 order 1234567 of 2001:0db8:85a3::8a2e:0370:7334", "SKU-123/45_6",
        "İstanbul 34000",
    ].map { Array($0.utf8) }

    static let requests: [[UInt8]] = [
        "POST /webhooks/shopify HTTP/1.1\r\nHost: a\r\nX-Shopify-Topic: orders/paid\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET /healthz HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ].map { Array($0.utf8) }

    static let forms: [[UInt8]] = [
        "application/x-www-form-urlencoded\nres=eyJhIjoxfQ%3D%3D&hash=0&a+b=%F0%9F%98%80&a+b=2&=x&y",
        "multipart/form-data; boundary=b0\n--b0\r\nContent-Disposition: form-data; name=\"res\"\r\n\r\nabc\r\n--b0--\r\n",
        "\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--x--", "\na=1&b=%4", "\n",
    ].map { Array($0.utf8) }

    static let signatures: [[UInt8]] = [
        "t=1795428000,v1=\(String(repeating: "ab", count: 32)),v0=x\nmsg_1\n1795428000\n{\"a\":1}",
        "v1,\(String(repeating: "A", count: 43))= v1a,AAAA\nmsg_2\n1795428001\n", "sha256=00\n\n\nbody", "\n",
    ].map { Array($0.utf8) }

    /// The first is a whole envelope.
    static let envelopes: [[UInt8]] = [
        #"{"v":1,"id":"01KATQ0000000000000000TEST","source":"generic","account":"own","topic":"order.paid","delivery_id":"d1","event_id":"e1","received_at":"2026-11-23T10:00:00.000Z","occurred_at":null,"signature":"unsigned","secret":null,"sha256":"00","bytes":7,"test":false,"intake":"i","attempt":0,"key":"k1","redacted":{"pseudonymised":0,"dropped":1},"customer":null,"body":{"a":1}}"#,
        #"{"v":1,"id":"","source":"a","account":"","topic":"","delivery_id":"","event_id":"","received_at":"2026-11-23T10:00:00Z","occurred_at":"2026-11-23T10:00:00+03:00","signature":"verified","secret":1,"sha256":"","bytes":0,"test":true,"intake":"","attempt":3,"key":"","redacted":{"pseudonymised":1,"dropped":0},"customer":"h1:k1:00","unreadable":"not-json","body":null}"#,
        #"{"id":"1","reason":"not-json","error":"x","attempt":2,"worker":"w","at":"2026-11-23T10:00:00Z","job":{"a":[1, 2]}}"#,
        #"{"reason":"poison","at":"2026-11-23T10:00:00Z","job":"no json"}"#, "nothing",
    ].map { Array($0.utf8) }

    static let replies: [[UInt8]] = [
        "+OK\r\n:42\r\n$5\r\na\r\nbc\r\n$-1\r\n*-1\r\n*3\r\n:1\r\n*1\r\n$0\r\n\r\n-ERR no\r\n",
        "*1\r\n*1\r\n*1\r\n:7\r\n",
        "HTTP/1.1 400 Bad Request\r\n", "$100000\r\nx", "*1048577\r\n",
    ].map { Array($0.utf8) }

    static let segments: [[UInt8]] = {
        var bytes: [UInt8] = []
        for (index, text) in ["{}", #"{"a":1}"#, ""].enumerated() {
            SpoolRecord(
                source: SourceID(literal: "generic-a"),
                spooledAt: Timestamp(milliseconds: Int64(index)),
                envelope: Array(text.utf8)
            )?.encode(into: &bytes)
        }
        let cursor = SpoolCursor(segment: .first, offset: 40).text
        return [
            bytes, Array(bytes.dropLast()), [0x47] + bytes, Array(cursor.utf8), Array("00000007.spool".utf8),
            [2, 3, 0x61, 0x62, 0x63, 5, 1, 2, 3, 4, 5, 0, 0, 9, 0, 0, 40, 7, 0],
        ]
    }()

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The fixtures of the providers that are small enough to be mutated quickly.
    static func documents(upTo size: Int = 2_000) throws -> [[UInt8]] {
        try fixtures().map(\.bytes).filter { $0.count <= size }
    }

    /// All fixtures of the providers, with the names of their folders.
    static func fixtures() throws -> [(source: String, name: String, bytes: [UInt8])] {
        try ["shopify", "shopier", "stripe", "generic", "payouts", "fulfilment"].flatMap { source in
            let files = folder.appendingPathComponent("SharedTests/Fixtures/\(source)")
            return try FileManager.default.contentsOfDirectory(atPath: files.path).sorted()
                .filter { $0.hasSuffix(".json") }
                .map { (source, $0, Array(try Data(contentsOf: files.appendingPathComponent($0)))) }
        }
    }

    /// Inputs that once showed a defect, by target: every run begins with them.
    static func found(_ target: String) throws -> [(name: String, bytes: [UInt8])] {
        let files = folder.appendingPathComponent("FuzzTests/Found/\(target)")
        guard FileManager.default.fileExists(atPath: files.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: files.path).sorted().map {
            ($0, Array(try Data(contentsOf: files.appendingPathComponent($0))))
        }
    }
}
