import Shared

extension JSONWriter {
    /// Writes one member of an object.
    mutating func member(_ key: String, _ value: String?) {
        self.key(key)
        append(string: value)
    }

    /// Writes one member of an object.
    mutating func member(_ key: String, _ value: (some BinaryInteger)?) {
        self.key(key)
        append(integer: value)
    }

    /// Writes one member of an object.
    mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        append(bool: value)
    }

    /// Writes one member of an object, with at most four decimals.
    mutating func member(decimal key: String, _ value: Fraction?) {
        self.key(key)
        append(decimal: value?.rounded(decimals: 4))
    }

    /// Writes an instant as one member of an object.
    mutating func member(_ key: String, _ value: Timestamp?) {
        member(key, value.map { "\($0)" })
    }

    /// Writes an object as one member of an object.
    mutating func object(_ key: String, _ members: (inout JSONWriter) -> Void) {
        self.key(key)
        object(members)
    }

    /// Writes an array as one member of an object.
    mutating func array<Element>(
        _ key: String,
        _ elements: some Sequence<Element>,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        self.key(key)
        array { writer in
            for element in elements { write(&writer, element) }
        }
    }

    /// Writes code and exponent of a currency as one member of an object.
    mutating func member(_ key: String, _ currency: Currency) {
        object(key) { writer in
            writer.member("code", currency.code)
            writer.member("exponent", currency.exponent)
        }
    }

    /// Writes the codes of currencies as one member of an object.
    mutating func member(_ key: String, _ currencies: [Currency]) {
        array(key, currencies) { $0.append(string: $1.code) }
    }

    /// Writes a whole number, or null.
    mutating func append(integer value: (some BinaryInteger)?) {
        guard let value else { return appendNull() }
        append(int: value)
    }

    /// Writes a number that has at most four decimals, whole ones without a point.
    mutating func append(decimal value: Double?) {
        guard let value else { return appendNull() }
        if let whole = Int64(exactly: value) {
            append(int: whole)
        } else {
            append(raw: "\(value)".utf8)
        }
    }
}
