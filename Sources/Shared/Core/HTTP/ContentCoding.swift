/// How the body of a request is encoded.
public enum ContentCoding: Hashable, Sendable {
    /// RFC 1952, one member or several; `x-gzip` means the same.
    case gzip
    /// The zlib format of RFC 1950, or, as some senders understand the name, bare RFC 1951.
    case deflate
    /// One that is not decoded, or more than one.
    case unsupported

    /// The coding that takes `value`, a line of Content-Encoding, into account; `identity` is none.
    static func adding(_ value: Slice<UnsafeRawBufferPointer>, to coding: ContentCoding?) -> ContentCoding? {
        var coding = coding
        for name in HTTPBytes.elements(of: value) {
            if name.isEmpty || HTTPBytes.equal(name, "identity") { continue }
            let next: ContentCoding =
                if HTTPBytes.equal(name, "gzip") || HTTPBytes.equal(name, "x-gzip") {
                    .gzip
                } else if HTTPBytes.equal(name, "deflate") {
                    .deflate
                } else {
                    .unsupported
                }
            coding = coding == nil ? next : .unsupported
        }
        return coding
    }
}
