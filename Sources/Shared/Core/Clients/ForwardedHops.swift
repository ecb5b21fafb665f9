/// Reads the headers in which proxies say whom a request came from; what is no address is nil.
enum ForwardedHops {
    /// How many hops are read, from the end; no sane chain is longer.
    private static let hopsMax = 32

    /// The addresses in `X-Forwarded-For`: a list of addresses, some of them with a port.
    static func xForwardedFor(_ values: [String]) -> [IPAddress?] {
        let entries = values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        return entries.suffix(hopsMax).map { address($0.trimmed) }
    }

    /// The `for` parameters of `Forwarded` (RFC 7239 sections 4 and 6), one per element.
    static func forwarded(_ values: [String]) -> [IPAddress?] {
        let elements = values.flatMap { split($0, at: UInt8(ascii: ",")) }
        return elements.suffix(hopsMax).map { element in
            let parameters = split(element, at: UInt8(ascii: ";")).map(\.trimmed)
            let values = parameters.compactMap { parameter -> Substring? in
                guard let sign = parameter.firstIndex(of: "="),
                    parameter[..<sign].lowercased() == "for"
                else { return nil }
                return parameter[parameter.index(after: sign)...]
            }
            // Twice in one element is not allowed, and nobody knows which one is meant.
            guard values.count == 1 else { return nil }
            return address(unquoted(values[0]))
        }
    }

    /// Splits at a separator outside of quotes.
    private static func split(_ text: some StringProtocol, at separator: UInt8) -> [Substring] {
        let text = Substring(text)
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(text[start..<index])
                start = text.utf8.index(after: index)
            }
        }
        parts.append(text[start...])
        return parts
    }

    private static func unquoted(_ text: Substring) -> Substring {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return text.dropFirst().dropLast()
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
    private static func address(_ text: Substring) -> IPAddress? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            return IPAddress(text[text.index(after: text.startIndex)..<end])
        }
        if let address = IPAddress(text) { return address }
        guard let colon = text.firstIndex(of: ":"), isPort(text[colon...]) else { return nil }
        return IPAddress(text[..<colon])
    }

    /// A colon and a port, which may be obfuscated (RFC 7239 section 6).
    private static func isPort(_ text: Substring) -> Bool {
        let port = text.dropFirst()
        return text.hasPrefix(":") && (1...32).contains(port.utf8.count) && !port.utf8.contains(0x3A)
    }
}
