/// An ISO 4217 currency: three upper-case ASCII letters.
public struct Currency: Hashable, Sendable {
    /// The three letters, such as `TRY`.
    public let code: String

    /// Creates a currency from three ASCII letters in either case, or nil.
    public init?(_ code: some StringProtocol) {
        var letters: [UInt8] = []
        for byte in code.utf8 {
            switch byte {
            case 0x41...0x5A: letters.append(byte)
            case 0x61...0x7A: letters.append(byte - 0x20)
            default: return nil
            }
        }
        guard letters.count == 3 else { return nil }
        self.code = String(decoding: letters, as: UTF8.self)
    }

    private init(known code: StaticString) {
        self.code = code.description
    }

    /// Turkish lira.
    public static let lira = Currency(known: "TRY")
    /// United States dollar.
    public static let dollar = Currency(known: "USD")
    /// Euro.
    public static let euro = Currency(known: "EUR")

    /// Digits after the decimal point of the major unit, 0 to 4 (ISO 4217, 2026; 2 for unknown codes).
    public var exponent: Int {
        switch code {
        case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
            "XOF", "XPF":
            0
        case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
        case "CLF", "UYW": 4
        default: 2
        }
    }
}

extension Currency: CustomStringConvertible {
    /// The three letters.
    public var description: String { code }
}
