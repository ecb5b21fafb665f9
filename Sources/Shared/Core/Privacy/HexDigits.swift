/// Bytes as lower-case hexadecimal digits, by table.
enum HexDigits {
    private static let digits: StaticString = "0123456789abcdef"

    /// The digit of a value below 16.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 {
        digits.utf8Start[Int(value & 15)]
    }

    /// Writes two digits per byte to a place that has room for them.
    @inline(__always)
    static func write(_ bytes: UnsafeRawBufferPointer, to place: UnsafeMutableRawPointer) {
        for index in 0..<bytes.count {
            let byte = bytes[index]
            place.storeBytes(of: digit(byte >> 4), toByteOffset: index &* 2, as: UInt8.self)
            place.storeBytes(of: digit(byte), toByteOffset: index &* 2 &+ 1, as: UInt8.self)
        }
    }

    /// Two digits per byte, as text.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            if let place = UnsafeMutableRawPointer(text.baseAddress) { write(bytes, to: place) }
            return bytes.count * 2
        }
    }

    /// Two digits per byte of a collection, as text.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Array(bytes).withUnsafeBytes { text($0) }
    }

    /// Returns the bytes that the digits of either case stand for; nil for anything but pairs of digits.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = JSONText.hexValue(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }
}
