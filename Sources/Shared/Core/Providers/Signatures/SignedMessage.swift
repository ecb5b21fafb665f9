import Crypto

/// What a signature with a time covers, and the codes that came with it.
///
/// A stranger may send many codes with one body. The message is hashed once per key all the same, and the
/// code is compared with all that came.
struct SignedMessage {
    /// What stands before the body in the signed text.
    private let prefix: [UInt8]
    private let body: UnsafeRawBufferPointer
    /// How many bytes of messages were hashed or handed to a check of a signature.
    private(set) var hashedBytes = 0

    init(prefix: [UInt8], body: UnsafeRawBufferPointer) {
        self.prefix = prefix
        self.body = body
    }

    /// Whether one of the codes is the message's HMAC-SHA-256 under the key; takes the same time whichever
    /// is.
    mutating func hasCode(among codes: [[UInt8]], key: KeyedDigest) -> Bool {
        var message = key
        message.update(prefix)
        message.update(body)
        hashedBytes += prefix.count + body.count
        return message.finalize().withUnsafeBytes { expected in
            var isFound = false
            for code in codes { isFound = KeyedDigest.isEqual(expected, code) || isFound }
            return isFound
        }
    }

    /// The message in one piece, for a check that takes no pieces.
    func joined() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefix.count + body.count)
        bytes.append(contentsOf: prefix)
        bytes.append(contentsOf: body)
        return bytes
    }

    /// Notes that the message was handed to such a check.
    mutating func noteChecked() {
        hashedBytes += prefix.count + body.count
    }
}
