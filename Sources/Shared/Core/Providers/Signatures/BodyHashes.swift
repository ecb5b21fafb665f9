import Crypto

/// Hashes a body for its signature and for its digest at once, where the machine can do that in one pass.
///
/// A seam: the instructions for it are out of Swift's reach, and the core knows no C.
public protocol BodyHashing: Sendable {
    /// Writes 64 bytes to `result`: HMAC-SHA-256 of the body under the key, then SHA-256 of the body.
    func hash(_ body: UnsafeRawBufferPointer, key: [UInt8], into result: UnsafeMutableRawBufferPointer)
}

/// The hashes of one request's body: what the check of its signature has computed on the way is not computed
/// again.
///
/// Like the request, it lives for one call.
final class BodyHashes {
    private let body: UnsafeRawBufferPointer
    private let hashing: (any BodyHashing)?
    private var digestText: String?

    init(_ body: UnsafeRawBufferPointer, hashing: (any BodyHashing)?) {
        self.body = body
        self.hashing = hashing
    }

    /// Whether the body has this code under a secret; takes the same time wherever the codes differ.
    func accepts(_ code: [UInt8], secret: Secret) -> Bool {
        guard let hashing, digestText == nil else {
            var message = secret.digest
            message.update(body)
            return message.accepts(code)
        }
        let size = SHA256Digest.byteCount
        return withUnsafeTemporaryAllocation(byteCount: 2 * size, alignment: 16) { result in
            hashing.hash(body, key: secret.bytes, into: result)
            digestText = HexDigits.text(UnsafeRawBufferPointer(rebasing: result[size...]))
            return KeyedDigest.isEqual(UnsafeRawBufferPointer(rebasing: result[..<size]), code)
        }
    }

    /// SHA-256 of the body, 64 lower-case hex digits.
    var sha256: String {
        if let digestText { return digestText }
        var digest = SHA256()
        digest.update(bufferPointer: body)
        return digest.finalize().withUnsafeBytes { HexDigits.text($0) }
    }
}
