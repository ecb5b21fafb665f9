internal import Shared

/// A job that was set aside, as it stands on its list, and the job that would go back to the queue.
public struct SetAsideJob: SetAside {
    /// The element of the list, one line of JSON.
    public let element: [UInt8]
    /// Its id; ``LineID`` of the element when it has none in the place where letters have it.
    public let id: String
    /// The envelope with its `attempt` at 0; nil when the element holds none.
    public let job: [UInt8]?
    /// Where on the list it was when it was read, from the head on.
    let index: Int

    /// Reads a dead letter: `{"id":"…",…,"job":{…}}`, the job being the last member.
    ///
    /// No JSON parser is needed: inside a string the quotation mark of `"job":` would be escaped, and no
    /// member before it is an object.
    init(letter: [UInt8], index: Int) {
        element = letter
        self.index = index
        id = Self.text(after: "{\"id\":\"", in: letter[...]) ?? LineID.of(letter)
        guard
            let start = Self.end(of: ",\"job\":", in: letter[...]), letter.last == UInt8(ascii: "}"),
            start < letter.count - 1, letter[start] == UInt8(ascii: "{")
        else {
            job = nil
            return
        }
        job = Self.withoutAttempts(letter[start..<letter.count - 1])
    }

    /// Reads an envelope in quarantine: `{"v":1,"id":"…",…}`.
    init(envelope: [UInt8], index: Int = 0) {
        element = envelope
        self.index = index
        id = Self.text(after: ",\"id\":\"", in: envelope[...]) ?? LineID.of(envelope)
        job = envelope.first == UInt8(ascii: "{") ? Self.withoutAttempts(envelope[...]) : nil
    }

    /// The envelope with the number after its first `"attempt":` replaced by 0, and without the reason of the
    /// last try that may follow it; the body comes later.
    private static func withoutAttempts(_ envelope: ArraySlice<UInt8>) -> [UInt8] {
        guard let start = end(of: "\"attempt\":", in: envelope) else { return Array(envelope) }
        let digits = envelope[start...].prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return Array(envelope) }
        return envelope[..<start] + [UInt8(ascii: "0")] + withoutError(envelope[digits.endIndex...])
    }

    /// What follows `"attempt"`, without an `"error"` that comes first and is a string.
    private static func withoutError(_ rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let mark = Array(",\"error\":\"".utf8)
        guard rest.starts(with: mark) else { return rest }
        var index = rest.startIndex + mark.count
        while index < rest.endIndex, rest[index] != UInt8(ascii: "\"") {
            index += rest[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index < rest.endIndex ? rest[(index + 1)...] : rest
    }

    private static func text(after mark: String, in bytes: ArraySlice<UInt8>) -> String? {
        guard let start = end(of: mark, in: bytes.prefix(256)) else { return nil }
        let text = bytes[start...].prefix { $0 != UInt8(ascii: "\"") }
        return text.isEmpty || text.endIndex == bytes.endIndex ? nil : String(decoding: text, as: UTF8.self)
    }

    private static func end(of mark: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let mark = Array(mark.utf8)
        guard bytes.count >= mark.count else { return nil }
        for start in bytes.startIndex...(bytes.endIndex - mark.count)
        where bytes[start] == mark[0] && bytes[start..<start + mark.count].elementsEqual(mark) {
            return start + mark.count
        }
        return nil
    }
}
