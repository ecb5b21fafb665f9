/// An ISO 4217 currency: three upper-case ASCII letters.
public struct Currency: Hashable, Sendable {
    /// The three letters, such as `TRY`.
    public let code: String

    /// Creates a currency from three ASCII letters in either case, or nil.
    public init?(_ code: some StringProtocol) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x61...0x7A).contains($0 | 0x20) }) else {
            return nil
        }
        self.code = String(unsafeUninitializedCapacity: 3) { letters in
            // Letters differ from their capitals in this bit only.
            for (index, byte) in code.utf8.enumerated() { letters[index] = byte & ~0x20 }
            return 3
        }
    }

    private init(known code: StaticString) {
        self.code = code.description
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
    public var exponent: Int { Self.exponents[code] ?? 2 }

    /// The exponents that are not 2: asked for several times per message, so not a walk through the codes.
    private static let exponents: [String: Int] = {
        var exponents: [String: Int] = [:]
        for (exponent, codes) in [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
            (3, "BHD IQD JOD KWD LYD OMR TND"), (4, "CLF UYW"),
        ] {
            for code in codes.split(separator: " ") { exponents[String(code)] = exponent }
        }
        return exponents
    }()
}

extension Currency: CustomStringConvertible {
    /// The three letters.
    public var description: String { code }
}
