/// The head of a request: what it says, as places within its bytes.
///
/// It holds no text: names and values stay where they were read, so that reading a head allocates nothing
/// once its list of fields has grown to the usual size.
public struct HTTPHead: Hashable, Sendable {
    /// The request's method.
    public internal(set) var method = RequestMethod.other
    /// Whether it is HTTP/1.1; otherwise it is HTTP/1.0.
    public internal(set) var isHTTP11 = true
    /// Where the target stands, such as `/webhooks/shopify?a=b`.
    public internal(set) var target = 0..<0
    /// The fields, in their order.
    public internal(set) var fields: [HeadField] = []
    /// Bytes of the head, from its first to the end of the empty line.
    public internal(set) var byteCount = 0

    /// Creates the head of nothing.
    public init() {}
}

/// The methods that make a difference here.
public enum RequestMethod: Hashable, Sendable {
    case get, head, post, connect
    /// Any other, known or not.
    case other

    init(_ name: UnsafeRawBufferPointer) {
        // Methods are case-sensitive, RFC 9110 section 9.1.
        self =
            switch name.count {
            case 4 where HTTPBytes.isSame(name, "POST"): .post
            case 3 where HTTPBytes.isSame(name, "GET"): .get
            case 4 where HTTPBytes.isSame(name, "HEAD"): .head
            case 7 where HTTPBytes.isSame(name, "CONNECT"): .connect
            default: .other
            }
    }
}

/// One field of a head: where its name and its value, without the space around it, stand in the head's bytes.
public struct HeadField: Hashable, Sendable {
    // A head is far smaller than four gigabytes.
    private let nameStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32

    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt32(name.lowerBound)
        nameEnd = UInt32(name.upperBound)
        valueStart = UInt32(value.lowerBound)
        valueEnd = UInt32(value.upperBound)
    }

    /// Where the name stands; at least one byte.
    public var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    /// Where the value stands.
    public var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}

/// The fields of a head, looked up by name where they were read; it lives only as long as those bytes.
public struct HTTPHeadFields: HeaderLookup {
    private let fields: [HeadField]
    private let bytes: UnsafeRawBufferPointer

    /// Creates a view of a head and the bytes that it was read from.
    public init(of head: HTTPHead, in bytes: UnsafeRawBufferPointer) {
        fields = head.fields
        self.bytes = bytes
    }

    /// Returns the first value of the field; bytes that are no UTF-8 are replaced.
    public func first(_ name: String) -> String? {
        for field in fields where HTTPBytes.equal(bytes[field.name], name) {
            return String(decoding: bytes[field.value], as: UTF8.self)
        }
        return nil
    }

    /// Returns the values of all such fields, in their order.
    ///
    /// `name` is lower-case.
    public func all(_ name: String) -> [String] {
        fields.filter { HTTPBytes.equal(bytes[$0.name], name) }
            .map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }
}
