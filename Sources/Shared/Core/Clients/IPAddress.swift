/// An IPv4 or IPv6 address; an IPv4 address and its IPv4-mapped IPv6 form are the same.
public struct IPAddress: Hashable, Sendable {
    /// The 128 bits; of an IPv4 address its mapped form `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2).
    let bits: UInt128

    /// The bits that stand before an IPv4 address.
    private static let mappedPrefix: UInt128 = 0xFFFF << 32

    /// Creates an address from its 128 bits.
    init(bits: UInt128) {
        self.bits = bits
    }

    /// Reads an address as RFC 4291 section 2.2 and the dotted form of IPv4 write it, or nil.
    ///
    /// Zones (`%eth0`), ports, brackets and numbers with leading zeros, which some read as octal, are none.
    public init?(_ text: some StringProtocol) {
        if let address = Self.dotted(text.utf8) {
            bits = Self.mappedPrefix | UInt128(address)
        } else if let bits = Self.groups(String(text)) {
            self.bits = bits
        } else {
            return nil
        }
    }

    /// Whether it is an IPv4 address.
    public var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// What one subscriber is given: an IPv4 address as it is, of an IPv6 address its /64.
    public var subscriber: IPAddress {
        isIPv4 ? self : IPAddress(bits: bits & ~UInt128(UInt64.max))
    }

    private static func dotted(_ text: some Collection<UInt8>) -> UInt32? {
        guard text.count <= 15 else { return nil }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            var number: UInt32 = 0
            for byte in part {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + UInt32(byte - 0x30)
            }
            guard number <= 255 else { return nil }
            address = address << 8 | number
        }
        return address
    }

    private static func groups(_ text: String) -> UInt128? {
        // The longest form: six groups of four and a dotted tail.
        guard text.utf8.count <= 45 else { return nil }
        guard let gap = text.firstRange(of: "::") else {
            return sixteens(text[...]).flatMap { $0.count == 8 ? joined($0) : nil }
        }
        guard let head = sixteens(text[..<gap.lowerBound], endsAddress: false),
            let tail = sixteens(text[gap.upperBound...]),
            head.count + tail.count <= 7
        else { return nil }
        let zeros = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
        return joined(head + zeros + tail)
    }

    /// The groups of one side of `::`; the last two of an address may be written as an IPv4 address.
    private static func sixteens(_ text: Substring, endsAddress: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if endsAddress, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let address = dotted(part) else { return nil }
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                let isHex = part.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
                    default: false
                    }
                }
                guard isHex, part.count <= 4, let group = UInt16(Substring(part), radix: 16) else {
                    return nil
                }
                groups.append(group)
            }
        }
        return groups
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }
}

/// A range of addresses, such as `10.0.0.0/8`.
public struct IPNetwork: Hashable, Sendable {
    private let prefix: UInt128
    private let mask: UInt128

    /// Reads `address/length` or a lone address, or nil; bits behind the length do not count.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let width = parts[0].contains(":") ? 128 : 32
        var length = width
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= width
            else { return nil }
            length = number
        }
        let free = width - length
        mask = free == 128 ? 0 : UInt128.max << UInt128(free)
        prefix = address.bits & mask
    }

    /// Whether an address lies in the range.
    public func contains(_ address: IPAddress) -> Bool {
        address.bits & mask == prefix
    }
}
