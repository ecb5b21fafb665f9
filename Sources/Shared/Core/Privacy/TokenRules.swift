/// What tells identifiers apart from text that people write.
enum TokenRules {
    /// Whether a kept string is a plain token, which passes without the value rules.
    ///
    /// Ids of 13 to 19 digits look like card numbers, so on a `keep` path the form decides: only the
    /// characters `0-9 A-Z a-z . _ : / # + -`, no `+` in front (a phone number), no IBAN, no IP address and
    /// no ``PersonGID``, be it a part of the text, and nothing that ``isPersonal(_:)`` finds.
    static func isToken(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let start = text.baseAddress, !text.isEmpty else { return true }
        var token: UInt64 = .max
        var address: UInt64 = .max
        var dots: UInt64 = 0
        var colons: UInt64 = 0
        var plus: UInt64 = 0
        var index = 0
        while index < text.count {
            let rest = text.count &- index
            let bytes =
                rest >= 16
                ? start.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
                : tail(start + index, length: rest)
            let found = classes(bytes)
            token &= found.token[0] & found.token[1]
            address &= found.address[0] & found.address[1]
            // A byte that is looked at twice counts twice: then there seem to be more.
            dots &+= ByteLanes.count(found.dots)
            colons &+= ByteLanes.count(found.colons)
            plus |= found.pluses[0] | found.pluses[1]
            index &+= 16
        }
        if token != .max || start.load(as: UInt8.self) == UInt8(ascii: "+") { return false }
        // An address has three dots, five colons, or two in a row.
        let mayHoldAddress = dots >= 3 || colons >= 2
        if mayHoldAddress, address == .max, isAddressLike(text) { return false }
        if ValueRules.isIBAN(text) || isPersonal(text) { return false }
        return text.count < shortestWithParts
            || !hasPersonalPart(
                text,
                mayHoldAddress: mayHoldAddress,
                hasColon: colons > 0,
                hasPlus: plus != 0
            )
    }

    private typealias Marks = SIMD2<UInt64>

    /// Which bytes may stand in a token, and which in an IP or hardware address; which are a dot, a colon or
    /// a plus sign.
    @inline(__always)
    private static func classes(
        _ bytes: SIMD16<UInt8>
    ) -> (token: Marks, address: Marks, dots: Marks, colons: Marks, pluses: Marks) {
        let letters = (bytes | ByteLanes.all(0x20)) &- ByteLanes.all(UInt8(ascii: "a"))
        let dots = bytes .== ByteLanes.all(UInt8(ascii: "."))
        let pluses = bytes .== ByteLanes.all(UInt8(ascii: "+"))
        // `-./`, the digits and `:` follow each other in ASCII.
        let token =
            ((bytes &- ByteLanes.all(UInt8(ascii: "-"))) .< ByteLanes.all(14))
            .| (letters .< ByteLanes.all(26)) .| (bytes .== ByteLanes.all(UInt8(ascii: "_")))
            .| (bytes .== ByteLanes.all(UInt8(ascii: "#"))) .| pluses
        let address =
            ((bytes &- ByteLanes.all(UInt8(ascii: "0"))) .< ByteLanes.all(11))
            .| (letters .< ByteLanes.all(6)) .| dots
        let colons = bytes .== ByteLanes.all(UInt8(ascii: ":"))
        return (
            ByteLanes.marks(token), ByteLanes.marks(address), ByteLanes.marks(dots), ByteLanes.marks(colons),
            ByteLanes.marks(pluses)
        )
    }

    /// Up to fifteen bytes, filled up with the letter `a`, which is in every set.
    @inline(__always)
    private static func tail(_ start: UnsafeRawPointer, length: Int) -> SIMD16<UInt8> {
        let filling: UInt64 = 0x6161_6161_6161_6161
        var halves = SIMD2(filling, filling)
        if length >= 8 {
            // The two words overlap: looking at a byte twice finds nothing else.
            halves[0] = start.loadUnaligned(as: UInt64.self)
            halves[1] = start.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
        } else if length >= 4 {
            let first = UInt64(start.loadUnaligned(as: UInt32.self))
            let last = UInt64(start.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self))
            halves[0] = first << 32 | last
        } else {
            let first = UInt64(start.load(as: UInt8.self))
            let middle = UInt64(start.load(fromByteOffset: length >> 1, as: UInt8.self))
            let last = UInt64(start.load(fromByteOffset: length &- 1, as: UInt8.self))
            halves[0] = filling & 0xFFFF_FFFF_FF00_0000 | first << 16 | middle << 8 | last
        }
        return unsafeBitCast(halves, to: SIMD16<UInt8>.self)
    }

    /// Whether text of hexadecimal digits, dots and colons may be an IP or hardware address.
    static func isAddressLike(_ text: UnsafeRawBufferPointer) -> Bool {
        var colons = 0
        var dots = 0
        var previous: UInt8 = 0
        for byte in text {
            if byte == UInt8(ascii: ":") {
                colons += 1
                if previous == byte { return true }
            } else if byte == UInt8(ascii: ".") {
                dots += 1
            }
            previous = byte
        }
        return dots == 3 || colons >= 5
    }

    /// Whether a key that no policy names may stay: at most 64 of `0-9 A-Z a-z _ - $` with at most six
    /// digits.
    ///
    /// That leaves no e-mail address, phone number, card, IBAN, IP address, digest or sentence. Other keys
    /// are data.
    static func isPlainKey(_ key: UnsafeRawBufferPointer) -> Bool {
        guard 1...64 ~= key.count, let start = key.baseAddress else { return false }
        if isWord(start, length: key.count) { return true }
        var digits = 0
        for byte in key {
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"): break
            default: return false
            }
        }
        return digits <= 6
    }

    /// Whether these are letters and `_` only, as in nearly every key.
    @inline(__always)
    private static func isWord(_ start: UnsafeRawPointer, length: Int) -> Bool {
        var index = 0
        while index < length {
            let rest = length &- index
            let bytes =
                rest >= 16
                ? start.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
                : tail(start + index, length: rest)
            let letters = (bytes | ByteLanes.all(0x20)) &- ByteLanes.all(UInt8(ascii: "a"))
            let marks = ByteLanes.marks(
                (letters .< ByteLanes.all(26)) .| (bytes .== ByteLanes.all(UInt8(ascii: "_")))
            )
            if marks[0] & marks[1] != .max { return false }
            index &+= 16
        }
        return true
    }

    /// Whether a number may stay where a policy keeps text: a whole one of at most eight digits.
    ///
    /// A number with a fraction or an exponent may be a coordinate, which names a house.
    static func isSmallNumber(_ number: UnsafeRawBufferPointer) -> Bool {
        var digits = 0
        for byte in number {
            if byte &- 0x30 < 10 {
                digits += 1
            } else if byte != UInt8(ascii: "-") {
                return false
            }
        }
        return digits <= 8
    }
}
