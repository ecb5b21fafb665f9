import Crypto
import Foundation
import GRDB
import Shared

/// Reads what the store itself wrote; anything else means that the file is damaged.
enum Stored {
    static func value<Value: RawRepresentable>(_ text: String) throws -> Value
    where Value.RawValue == String {
        guard let value = Value(rawValue: text) else { throw damaged("\(Value.self)") }
        return value
    }

    static func currency(_ text: String) throws -> Currency {
        guard let currency = Currency(text) else { throw damaged("currency") }
        return currency
    }

    static func date(_ text: String) throws -> BusinessDate {
        guard let date = BusinessDate(text) else { throw damaged("business date") }
        return date
    }

    static func source(_ text: String) throws -> SourceID {
        guard let source = SourceID(text) else { throw damaged("source") }
        return source
    }

    /// Makes a text safe as one segment of a key whose segments a slash separates.
    static func segment(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }) else {
            return text
        }
        return text.replacing("%", with: "%25").replacing("/", with: "%2F")
    }

    /// Lower-case hex.
    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index * 2] = digits[Int(byte >> 4)]
                buffer[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }

    /// Returns the bytes of a lower-case hex text; the text's own bytes when it is none.
    static func bytes(hex text: String) -> [UInt8] {
        let digits = text.utf8
        guard digits.count % 2 == 0 else { return Array(digits) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(ofHex: digit) else { return Array(digits) }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func value(ofHex digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    /// The first 16 bytes of the SHA-256 of a list of texts.
    static func digest(_ texts: [String?]) -> [UInt8] {
        var form: [UInt8] = []
        for text in texts {
            if let text { form.append(contentsOf: text.utf8) }
            // A text cannot hold the byte 0xFF, so the list cannot be read in another way.
            form.append(0xFF)
            form.append(text == nil ? 0 : 1)
        }
        return Array(SHA256.hash(data: form).prefix(16))
    }

    /// The digest of texts and, after them, numbers.
    static func digest(_ texts: [String?], _ numbers: [Int64?]) -> [UInt8] {
        digest(texts + numbers.map { number in number.map { String($0) } })
    }

    /// Reads rows of kind, reference, currency, business date and amount.
    static func cells(_ rows: RowCursor) throws -> [LedgerCell: CellAmount] {
        var cells: [LedgerCell: CellAmount] = [:]
        while let row = try rows.next() {
            let (cell, amount) = try cell(row)
            cells[cell] = amount
        }
        return cells
    }

    /// Reads kind, reference, currency, business date and amount.
    static func cell(_ row: Row) throws -> (LedgerCell, CellAmount) {
        let cell = LedgerCell(
            kind: try value(row[0]),
            reference: row[1],
            currency: try currency(row[2]),
            date: try date(row[3])
        )
        return (cell, CellAmount(amountMinor: row[4], effectiveAt: Timestamp(milliseconds: row[5])))
    }

    static func damaged(_ what: String) -> StoreError {
        StoreError(
            code: .incompatible,
            message: "A stored row holds no readable \(what): run growthctl verify, then restore a backup."
        )
    }
}

extension Int64 {
    /// Returns the sum, or throws.
    func checkedAdding(_ other: Int64) throws(MoneyOverflow) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard !overflow else { throw MoneyOverflow() }
        return sum
    }

    /// Returns the difference, or throws.
    func checkedSubtracting(_ other: Int64) throws(MoneyOverflow) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        guard !overflow else { throw MoneyOverflow() }
        return difference
    }
}
