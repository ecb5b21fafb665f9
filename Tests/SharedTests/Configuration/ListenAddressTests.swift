import Testing

@testable import Shared

@Suite("Listen address")
struct ListenAddressTests {
    @Test(
        "reads and writes its forms",
        arguments: [
            "127.0.0.1:8001", "0.0.0.0:0", "localhost:65535", "[::1]:80", "[fe80::1%eth0]:80",
            "unix:/run/a b.sock",
        ]
    )
    func roundTrip(text: String) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.description == text)
        #expect(ListenAddress(address.description) == address)
    }

    @Test(
        "refuses what is none",
        arguments: [
            "", ":", ":80", "host", "host:", "host:x", "host:-1", "host:65536", "[]:80", "[::1:80",
            "ho st:80",
            "http://127.0.0.1:80", "a/b:80", "unix:", "unix:relative", "host:99999999999999999999",
            "unix:/" + String(repeating: "a", count: 107), String(repeating: "a", count: 254) + ":80",
        ]
    )
    func refused(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test("takes a path as long as the kernel does")
    func longestPath() {
        #expect(ListenAddress("unix:/" + String(repeating: "a", count: 106)) != nil)
    }

    @Test("knows what only this machine can reach")
    func local() throws {
        for text in ["127.0.0.1:1", "127.255.0.9:1", "localhost:1", "[::1]:1", "unix:/s"] {
            #expect(try #require(ListenAddress(text)).isLocal, "\(text)")
        }
        for text in [
            "0.0.0.0:1", "[::]:1", "128.0.0.1:1", "127.0.0.1.example.com:1", "127.1:1", "127.0.0.256:1",
        ] {
            #expect(try #require(ListenAddress(text)).isLocal == false, "\(text)")
        }
    }
}
