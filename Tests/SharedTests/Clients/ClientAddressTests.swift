import Testing

@testable import Shared

@Suite("Whom a request came from")
struct ClientAddressTests {
    private static let proxies = "127.0.0.1, 10.0.0.0/8, fd00::/8"

    private func client(
        _ peer: String,
        list: [String] = [],
        standard: [String] = [],
        trusted: String = proxies
    ) throws -> String {
        let peer: ClientAddress = try peer == "unix" ? .unixSocket : .ip(#require(IPAddress(peer)))
        let client = ClientAddress.of(
            peer: peer,
            xForwardedFor: list,
            forwarded: standard,
            trusted: try trusted.isEmpty ? .none : #require(TrustedProxies(trusted))
        )
        guard case .ip(let address) = client else { return "unix" }
        let known = [
            "127.0.0.1", "10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2", "203.0.113.7", "2001:db8::1",
            "fd00::1",
        ]
        return known.first { IPAddress($0) == address } ?? "another"
    }

    @Test("who is not trusted names nobody but itself")
    func untrusted() throws {
        #expect(try client("203.0.113.7", list: ["192.0.2.1"]) == "203.0.113.7")
        #expect(try client("203.0.113.7", standard: ["for=192.0.2.1"]) == "203.0.113.7")
        #expect(try client("127.0.0.1", list: ["192.0.2.1"], trusted: "") == "127.0.0.1")
        #expect(try client("unix", list: ["192.0.2.1"]) == "unix")
    }

    @Test("a list is read from its end to the first who is not trusted")
    func walk() throws {
        #expect(try client("127.0.0.1") == "127.0.0.1")
        #expect(try client("127.0.0.1", list: ["192.0.2.1"]) == "192.0.2.1")
        #expect(try client("127.0.0.1", list: ["192.0.2.1, 192.0.2.2"]) == "192.0.2.2")
        #expect(try client("127.0.0.1", list: ["192.0.2.1,10.0.0.1 ,\tfd00::1"]) == "192.0.2.1")
        #expect(try client("127.0.0.1", list: ["192.0.2.1", "192.0.2.2, 10.0.0.1"]) == "192.0.2.2")
        #expect(try client("127.0.0.1", list: ["10.0.0.2, 10.0.0.1"]) == "10.0.0.2")
        #expect(try client("unix", list: ["192.0.2.1"], trusted: "unix:") == "192.0.2.1")
        #expect(try client("unix", list: ["192.0.2.1, 10.0.0.1"], trusted: "unix:") == "10.0.0.1")
    }

    @Test("what is no address ends the walk at the last one known")
    func unreadable() throws {
        for entry in [
            "unknown", "", "_hidden", "192.0.2.1:80:80", "192.0.2.1;", "\"192.0.2.1", "[::1", "a.b.c.d",
        ] {
            #expect(
                try client("127.0.0.1", list: ["192.0.2.1, \(entry), 10.0.0.1"]) == "10.0.0.1",
                "\(entry)"
            )
            #expect(try client("127.0.0.1", list: [entry]) == "127.0.0.1", "\(entry)")
        }
    }

    @Test("ports and brackets are read past")
    func ports() throws {
        #expect(try client("127.0.0.1", list: ["192.0.2.1:4711"]) == "192.0.2.1")
        #expect(try client("127.0.0.1", list: ["[2001:db8::1]:4711"]) == "2001:db8::1")
        #expect(try client("127.0.0.1", list: ["[2001:db8::1]"]) == "2001:db8::1")
        #expect(try client("127.0.0.1", list: ["2001:db8::1"]) == "2001:db8::1")
    }

    @Test("the standard header is read with its quotes, ports and other parameters")
    func standard() throws {
        func read(_ values: String...) throws -> String { try client("127.0.0.1", standard: values) }
        #expect(try read("for=192.0.2.1") == "192.0.2.1")
        #expect(try read("For=\"192.0.2.1:4711\";proto=https;by=10.0.0.9") == "192.0.2.1")
        #expect(
            try read("for=192.0.2.2, host=\"a,for=192.0.2.1\" ; for=\"[2001:db8::1]:4711\"") == "2001:db8::1"
        )
        #expect(try read("for=192.0.2.1", "for=10.0.0.1;by=_a") == "192.0.2.1")
        #expect(try read("for=192.0.2.1, by=10.0.0.1") == "127.0.0.1")
        #expect(try read("for=192.0.2.1;for=192.0.2.2") == "127.0.0.1")
        #expect(try read("for=192.0.2.1, for=unknown") == "127.0.0.1")
        #expect(try read("for=\"192.0.2.1, for=192.0.2.2") == "127.0.0.1")
        #expect(try read("host=\"\\\"\", for=192.0.2.1") == "192.0.2.1")
    }

    @Test("two headers that disagree are both not believed: one of them is the client's own")
    func both() throws {
        #expect(try client("127.0.0.1", list: ["192.0.2.1"], standard: ["for=192.0.2.2"]) == "127.0.0.1")
        #expect(try client("127.0.0.1", list: ["192.0.2.1"], standard: ["for=192.0.2.1"]) == "192.0.2.1")
    }

    @Test("an endless list is read to a bound")
    func bounded() throws {
        let list = String(repeating: "10.0.0.1,", count: 5000)
        #expect(try client("127.0.0.1", list: ["192.0.2.1," + list + "10.0.0.2"]) == "10.0.0.1")
    }

    @Test("proxies are addresses, ranges and the socket")
    func proxies() throws {
        #expect(TrustedProxies.none.isEmpty)
        #expect(try #require(TrustedProxies("unix:")).contains(.unixSocket))
        #expect(try #require(TrustedProxies(" 10.0.0.1 ,::1/128")).isEmpty == false)
        for text in ["", ",", "10.0.0.1,", "localhost", "10.0.0.1;10.0.0.2", "unix:/run/a.sock"] {
            #expect(TrustedProxies(text) == nil, "\(text)")
        }
    }
}
