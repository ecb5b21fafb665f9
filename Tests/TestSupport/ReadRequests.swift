public import Shared

/// What a reader finds in bytes that arrive in pieces.
public struct ReadRequests: Hashable {
    /// One complete request.
    public struct Request: Hashable {
        /// Method, target and version.
        public var head: String
        /// The fields as `name=value`, names in lower case.
        public var fields: [String]
        /// The body.
        public var body: String

        /// Creates a request.
        public init(head: String, fields: [String], body: String) {
            self.head = head
            self.fields = fields
            self.body = body
        }
    }

    /// The complete requests.
    public private(set) var requests: [Request] = []
    /// Why reading ended before the end of the bytes.
    public private(set) var failure: HTTPFailure?
    /// How many bytes were not consumed.
    public private(set) var rest = 0

    /// Reads bytes, of which each piece ends at one of the given places or at the end.
    public init(_ bytes: [UInt8], pieces: [Int], limits: HTTPLimits = HTTPLimits()) {
        var reader = HTTPRequestReader(limits: limits)
        var current: Request?
        var unread: [UInt8] = []
        var start = 0
        for end in pieces + [bytes.count] {
            unread += bytes[start..<end]
            start = end
            read: while failure == nil {
                switch unread.withUnsafeBytes({ reader.next($0) }) {
                case .more(let consumed):
                    unread.removeFirst(consumed)
                    break read
                case .head(let consumed):
                    current = Self.request(reader.head, in: unread)
                    unread.removeFirst(consumed)
                case .body(let range):
                    current?.body += String(decoding: unread[range], as: UTF8.self)
                    unread.removeFirst(range.upperBound)
                case .end(let consumed):
                    if let current { requests.append(current) }
                    current = nil
                    unread.removeFirst(consumed)
                case .failed(let failure): self.failure = failure
                }
            }
        }
        rest = failure == nil ? unread.count : 0
    }

    private static func request(_ head: HTTPHead, in bytes: [UInt8]) -> Request {
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        return Request(
            head: "\(head.method) \(text(head.target)) \(head.isHTTP11 ? "1.1" : "1.0")",
            fields: head.fields.map { "\(text($0.name).lowercased())=\(text($0.value))" },
            body: ""
        )
    }
}
