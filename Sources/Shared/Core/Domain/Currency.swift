/// An ISO 4217 currency: three upper-case ASCII letters.
public struct Currency: Hashable, Sendable {
    /// The three letters, the first in the highest byte: a currency is in many keys, and a number is compared
    /// and hashed faster than a text.
    private let letters: UInt32

    /// Creates a currency from three ASCII letters in either case, or nil.
    public init?(_ code: some StringProtocol) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x61...0x7A).contains($0 | 0x20) }) else {
            return nil
        }
        // Letters differ from their capitals in this bit only.
        letters = code.utf8.reduce(0) { $0 << 8 | UInt32($1 & ~0x20) }
    }

    private init(known code: StaticString) {
        letters = code.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// The three letters, such as `TRY`.
    public var code: String {
        String(unsafeUninitializedCapacity: 3) { text in
            text[0] = UInt8(truncatingIfNeeded: letters >> 16)
            text[1] = UInt8(truncatingIfNeeded: letters >> 8)
            text[2] = UInt8(truncatingIfNeeded: letters)
            return 3
        }
    }

    /// ISO 4217's code for no currency: the message states none, because it states no amount either.
    public static let unstated = Currency(known: "XXX")
    /// Turkish lira.
    public static let lira = Currency(known: "TRY")
    /// United States dollar.
    public static let dollar = Currency(known: "USD")
    /// Euro.
    public static let euro = Currency(known: "EUR")

    /// Digits after the decimal point of the major unit, 0 to 4 (ISO 4217, 2026; 2 for unknown codes).
    public var exponent: Int { Self.exponents[self] ?? 2 }

    /// The exponents that are not 2: asked for several times per message, so not a walk through the codes.
    private static let exponents: [Currency: Int] = {
        var exponents: [Currency: Int] = [:]
        for (exponent, codes) in [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
            (3, "BHD IQD JOD KWD LYD OMR TND"), (4, "CLF UYW"),
        ] {
            for currency in codes.split(separator: " ").compactMap({ Currency($0) }) {
                exponents[currency] = exponent
            }
        }
        return exponents
    }()
}

extension Currency: CustomStringConvertible {
    /// The three letters.
    public var description: String { code }
}
