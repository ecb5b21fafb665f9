/// A second reader of `application/x-www-form-urlencoded`.
struct ReferenceForm {
    private(set) var fields: [(name: String, value: [UInt8])] = []
    private(set) var isRefused = false

    init(_ body: [UInt8]) {
        let pairs = body.split(separator: UInt8(ascii: "&"))
        var values: [String: [UInt8]] = [:]
        var order: [String] = []
        for (index, pair) in pairs.enumerated() {
            let halves = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = Self.decoded(halves[0])
            guard index < 256, name.count <= 256 else {
                isRefused = true
                return
            }
            if name.isEmpty { continue }
            let text = String(decoding: name, as: UTF8.self)
            if values.updateValue(halves.count > 1 ? Self.decoded(halves[1]) : [], forKey: text) == nil {
                order.append(text)
            }
            guard order.count <= 64 else {
                isRefused = true
                return
            }
        }
        fields = order.map { ($0, values[$0] ?? []) }
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, rest.count >= 2,
                digits.unicodeScalars.allSatisfy({ $0.isASCII && $0.properties.isHexDigit }),
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return bytes
    }
}
