import Foundation

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
        #"{"status":"paid","k":{"kind":"sale","note":"call 0532 111 22 33"},"m":[["a b",[1]],2],"people":[{"mail":"X@y.z"},{"mail":""}]}"#,
    ].map { Array($0.utf8) }

    static let texts: [[UInt8]] = [
        "call me at +90 (532) 111-22-33 or write to jon.doe+shop@example.com",
        "Kart 4111 1111 1111 1111, IBAN TR33 0006 1005 1978 6457 8413 26, IP 192.168.1.1",
        "2021-12-31 10:00:00 order 1234567 of 2001:0db8:85a3::8a2e:0370:7334", "SKU-123/45_6",
        "İstanbul 34000",
    ].map { Array($0.utf8) }

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
