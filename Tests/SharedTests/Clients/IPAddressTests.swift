import Testing

@testable import Shared

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "are read in every form of RFC 4291",
        arguments: [
            ("0.0.0.0", 0xFFFF_0000_0000), ("127.0.0.1", 0xFFFF_7F00_0001),
            ("255.255.255.255", 0xFFFF_FFFF_FFFF),
            ("::", 0), ("::1", 1), ("1::", 1 << 112), ("::ffff:127.0.0.1", 0xFFFF_7F00_0001),
            ("::FFFF:7f00:1", 0xFFFF_7F00_0001),
            ("2001:db8:0:0:8:800:200c:417a", 0x2001_0db8_0000_0000_0008_0800_200c_417a),
            ("2001:DB8::8:800:200C:417A", 0x2001_0db8_0000_0000_0008_0800_200c_417a),
            ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008),
            ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000),
            ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004_0005_0006_0007_0008),
            ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304),
            ("64:ff9b::192.0.2.33", 0x0064_ff9b_0000_0000_0000_0000_c000_0221),
        ] as [(String, UInt128)]
    )
    func forms(_ text: String, _ bits: UInt128) {
        #expect(IPAddress(text)?.bits == bits)
    }

    @Test(
        "are not what could be read in another way",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "01.2.3.4", "1.2.3.-4", "1.2.3.+4",
            "1.2.3.4 ", "0x7f.0.0.1", "1..2.3", "1.2.3.", ":", ":::", "1:2", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
            "+1::", "::1%eth0", "[::1]", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", ":1::", "1:::2",
            "١.2.3.4", "::1.2.3", "1.2.3.4:80",
            "1111111111111111111111111111111111111111111111111111111111",
        ]
    )
    func noAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("a subscriber is an IPv4 address, or 64 bits of an IPv6 address")
    func subscribers() throws {
        let first = try #require(IPAddress("2001:db8:1:2:3:4:5:6"))
        #expect(first.subscriber == IPAddress("2001:db8:1:2::"))
        let other = try #require(IPAddress("2001:db8:1:3::"))
        #expect(other.subscriber == other)
        let four = try #require(IPAddress("192.0.2.1"))
        #expect(four.subscriber == four && four.isIPv4 && !first.isIPv4)
    }

    @Test(
        "ranges hold what their length says",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/8", "10.9.9.9", true), ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
            ("192.0.2.0/32", "192.0.2.1", false), ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "203.0.113.9", true), ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("::ffff:10.0.0.0/104", "10.1.1.1", true), ("2001:db8::/33", "2001:db8:7fff::", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
        ]
    )
    func ranges(_ range: String, _ address: String, _ isIn: Bool) throws {
        let network = try #require(IPNetwork(range))
        #expect(network.contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(
        "ranges need a length that fits",
        arguments: [
            "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "/8", "10/8", "::1/0x8",
        ]
    )
    func noRanges(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }
}
