/// The bytes that a redaction writes: ranges of the document, joined as long as they touch, and what replaces
/// others.
struct RedactionOutput {
    private let document: UnsafeBufferPointer<UInt8>
    private(set) var bytes: [UInt8] = []
    private var pendingStart = 0
    private var pendingEnd = 0

    init(_ document: UnsafeRawBufferPointer) {
        self.document = UnsafeBufferPointer(
            start: document.baseAddress?.assumingMemoryBound(to: UInt8.self),
            count: document.count
        )
        bytes.reserveCapacity(document.count + 512)
    }

    /// Writes a range of the document.
    @inline(__always)
    mutating func copy(_ start: Int, _ end: Int) {
        if pendingEnd != start {
            flush()
            pendingStart = start
        }
        pendingEnd = end
    }

    /// Writes a comma: that behind what was copied last or that in front of the index, if one stands there.
    ///
    /// Both are places between words, where a comma is never part of text.
    @inline(__always)
    mutating func comma(before start: Int) {
        if pendingEnd > pendingStart, document[pendingEnd] == UInt8(ascii: ",") {
            pendingEnd += 1
        } else if start > 0, document[start - 1] == UInt8(ascii: ",") {
            copy(start - 1, start)
        } else {
            append(UInt8(ascii: ","))
        }
    }

    mutating func append(_ byte: UInt8) {
        flush()
        bytes.append(byte)
    }

    mutating func append(_ text: StaticString) {
        flush()
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes text as a string.
    mutating func append(string text: [UInt8]) {
        var writer = JSONWriter()
        writer.append(string: String(decoding: text, as: UTF8.self))
        flush()
        bytes.append(contentsOf: writer.bytes)
    }

    /// Writes the pseudonym of a whole identifier as a string, and returns where its text stands.
    mutating func append(
        identifier: UnsafeRawBufferPointer,
        by pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) -> Range<Int> {
        append(UInt8(ascii: "\""))
        let start = bytes.count
        pseudonymizer.append(identifier: identifier, scope: scope, to: &bytes)
        let end = bytes.count
        bytes.append(UInt8(ascii: "\""))
        return start..<end
    }

    /// Writes a pseudonym as a string, and returns where its text stands.
    mutating func append(
        _ identity: CanonicalIdentity,
        by pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) -> Range<Int> {
        append(UInt8(ascii: "\""))
        let start = bytes.count
        pseudonymizer.append(identity, scope: scope, to: &bytes)
        let end = bytes.count
        bytes.append(UInt8(ascii: "\""))
        return start..<end
    }

    mutating func flush() {
        if pendingEnd > pendingStart {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: document[pendingStart..<pendingEnd]))
        }
        pendingStart = 0
        pendingEnd = 0
    }
}
