/// The bytes that a redaction writes: ranges of the document, joined as long as they touch, and what replaces
/// others.
struct RedactionOutput: ~Copyable {
    private let document: UnsafeRawBufferPointer
    private(set) var sink: ByteSink
    private var pendingStart = 0
    private var pendingEnd = 0

    init(_ document: UnsafeRawBufferPointer) {
        self.document = document
        sink = ByteSink(capacity: document.count + 512)
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

    /// Writes a comma and a range of the document if the comma already stands between what was copied last
    /// and the range; returns whether it did.
    @inline(__always)
    mutating func copyBehindComma(_ start: Int, _ end: Int) -> Bool {
        guard pendingEnd &+ 1 == start, pendingEnd > pendingStart, document[pendingEnd] == UInt8(ascii: ",")
        else { return false }
        pendingEnd = end
        return true
    }

    /// Writes a comma: that behind what was copied last or that in front of the index, if one stands there.
    ///
    /// Both are places between words, where a comma is never part of text.
    @inline(__always)
    mutating func comma(before start: Int) {
        if pendingEnd > pendingStart, document[pendingEnd] == UInt8(ascii: ",") {
            pendingEnd &+= 1
        } else if start > 0, document[start &- 1] == UInt8(ascii: ",") {
            copy(start &- 1, start)
        } else {
            flush()
            sink.append(UInt8(ascii: ","))
        }
    }

    mutating func append(_ byte: UInt8) {
        flush()
        sink.append(byte)
    }

    mutating func append(_ text: StaticString) {
        flush()
        sink.append(text)
    }

    /// Writes text as a string.
    mutating func append(string text: [UInt8]) {
        flush()
        sink.append(UInt8(ascii: "\""))
        String(decoding: text, as: UTF8.self).utf8.withContiguousStorageIfAvailable {
            sink.append(escaping: UnsafeRawBufferPointer($0))
        }
        sink.append(UInt8(ascii: "\""))
    }

    /// Writes the pseudonym of a whole identifier as a string, and returns where its text stands.
    mutating func append(
        identifier: UnsafeRawBufferPointer,
        by pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) -> Range<Int> {
        append(UInt8(ascii: "\""))
        let start = sink.count
        pseudonymizer.append(identifier: identifier, scope: scope, to: &sink)
        let end = sink.count
        sink.append(UInt8(ascii: "\""))
        return start..<end
    }

    /// Writes a pseudonym as a string, and returns where its text stands.
    mutating func append(
        _ identity: CanonicalIdentity,
        by pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) -> Range<Int> {
        append(UInt8(ascii: "\""))
        let start = sink.count
        pseudonymizer.append(identity, scope: scope, to: &sink)
        let end = sink.count
        sink.append(UInt8(ascii: "\""))
        return start..<end
    }

    /// Writes a string whose text was written before, and returns where its text stands now.
    mutating func append(again place: Range<Int>) -> Range<Int> {
        append(UInt8(ascii: "\""))
        let start = sink.count
        sink.append(again: place)
        sink.append(UInt8(ascii: "\""))
        return start..<start + place.count
    }

    /// The text at a place that was written.
    func text(at place: Range<Int>) -> String {
        sink.withUnsafeBytes { String(decoding: $0[place], as: UTF8.self) }
    }

    @inline(__always)
    mutating func flush() {
        if pendingEnd > pendingStart {
            sink.append(UnsafeRawBufferPointer(rebasing: document[pendingStart..<pendingEnd]))
        }
        pendingStart = 0
        pendingEnd = 0
    }
}
