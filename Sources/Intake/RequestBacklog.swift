import NIOCore
import NIOHTTP1

/// What the decoder has read of a connection before its turn has come.
///
/// One packet may hold thousands of requests, and the decoder does not stop within one. What is beyond the
/// answers that a connection may be owed waits here, undecided, and is bounded over all connections.
struct RequestBacklog {
    /// What came, in its order.
    enum Item {
        /// A part of a request.
        case part(HTTPServerRequestPart)
        /// What follows can't be read.
        case unreadable(HTTPParserError?)
        /// The client sends no more.
        case inputClosed
    }

    private var items = CircularBuffer<(item: Item, byteCount: Int)>()

    /// Whether nothing waits.
    var isEmpty: Bool { items.isEmpty }

    /// What its parts take of memory, in bytes, about.
    private(set) var byteCount = 0

    /// Puts something at the end.
    mutating func append(_ item: Item, byteCount: Int) {
        items.append((item, byteCount))
        self.byteCount += byteCount
    }

    /// Takes what came first.
    mutating func popFirst() -> Item? {
        guard let first = items.popFirst() else { return nil }
        byteCount -= first.byteCount
        return first.item
    }

    /// Drops everything.
    mutating func removeAll() {
        items.removeAll()
        byteCount = 0
    }

    /// What a part takes of memory, in bytes, about: a head is an object with two strings per field.
    static func byteCount(of part: HTTPServerRequestPart) -> Int {
        switch part {
        case .head(let head):
            head.headers.reduce(256 + head.uri.utf8.count) {
                $0 + 64 + $1.name.utf8.count + $1.value.utf8.count
            }
        case .body(let bytes): 64 + bytes.readableBytes
        case .end: 64
        }
    }
}
