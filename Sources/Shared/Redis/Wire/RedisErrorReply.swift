public import Shared

/// An error that Redis answered with, without what the command held.
///
/// Redis echoes arguments in some errors (`ERR unknown command 'x', with args beginning with: 'y'`).
/// Arguments are payloads here, so everything from the first quotation mark on is cut off before the text is
/// kept.
public struct RedisErrorReply: Hashable, Sendable {
    /// The code of a command about a key that holds a value of another type.
    static let wrongType = "WRONGTYPE"

    /// The first word, such as `OOM` or `NOSCRIPT`; `ERR` where the reply has none.
    public let code: String
    /// At most 120 printable ASCII characters, none of them quoted: whole sentences where one fits, else
    /// whole words and `...` for the rest.
    public let text: String
    private static let longest = 120

    /// Reads the reply's text, without the leading `-`.
    public init(_ reply: some Sequence<UInt8>) {
        let quotes: Set<UInt8> = [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")]
        let start = Array(reply.prefix(Self.longest + 1))
        let kept = start.prefix { (0x20...0x7E).contains($0) && !quotes.contains($0) }
        let isWhole = kept.count == start.count && kept.count <= Self.longest
        let text = isWhole ? String(decoding: kept, as: UTF8.self) : Self.shortened(kept)
        let word = text.prefix { $0 != " " }
        let isCode = !word.isEmpty && word.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        self.text = text
        code = isCode ? String(word) : "ERR"
    }

    /// The text up to the end of its last whole sentence, else of its last whole word.
    private static func shortened(_ text: ArraySlice<UInt8>) -> String {
        let (space, stop) = (UInt8(ascii: " "), UInt8(ascii: "."))
        let most = text.prefix(longest)
        let ends = most.indices.dropLast().filter { most[$0] == stop && most[$0 + 1] == space }
        if let end = ends.last { return String(decoding: most[...end], as: UTF8.self) }
        let words = most.prefix(longest - 4)
        let end = words.lastIndex(of: space) ?? words.endIndex
        return String(decoding: words[..<end], as: UTF8.self) + " ..."
    }

    /// What it means for the queue.
    public var queueError: QueueError {
        switch code {
        case "OOM", "READONLY", "LOADING", "MISCONF", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "BUSY":
            QueueError(code: .notAccepting, message: "Redis does not take commands now: \(text)")
        case "NOAUTH", "WRONGPASS", "NOPERM":
            // A permission may lack for one key only; without a login, all of Redis is closed.
            QueueError(
                code: code == "NOPERM" ? .unexpectedReply : .notAccepting,
                message: "Redis refuses the login (\(code)): check user and password in GROWTH_REDIS_URL."
            )
        case "ERR" where text.contains("max number of clients"):
            QueueError(
                code: .notAccepting,
                message: "Redis has as many clients as it takes: raise maxclients."
            )
        default:
            QueueError(code: .unexpectedReply, message: "Redis answered with an error: \(text)")
        }
    }
}
