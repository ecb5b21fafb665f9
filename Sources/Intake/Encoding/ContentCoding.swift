/// How the body of a request is encoded.
enum ContentCoding: Hashable {
    /// RFC 1952, one member or several; `x-gzip` means the same.
    case gzip
    /// The zlib format of RFC 1950, or, as some senders understand the name, bare RFC 1951.
    case deflate
    /// One that is not decoded, or more than one.
    case unsupported

    /// The coding that takes `value`, a line of Content-Encoding, into account; `identity` is none.
    static func adding(_ value: String, to coding: ContentCoding?) -> ContentCoding? {
        var coding = coding
        for name in value.utf8.split(separator: UInt8(ascii: ",")) {
            let next: ContentCoding
            switch Substring(name).trimmingSpace.lowercased() {
            case "", "identity": continue
            case "gzip", "x-gzip": next = .gzip
            case "deflate": next = .deflate
            default: next = .unsupported
            }
            coding = coding == nil ? next : .unsupported
        }
        return coding
    }
}

extension Substring {
    /// The text without the spaces and tabs that may stand around an element of a list.
    fileprivate var trimmingSpace: Substring {
        var rest = self
        while let first = rest.utf8.first, first == 0x20 || first == 0x09 {
            rest = Substring(rest.utf8.dropFirst())
        }
        while let last = rest.utf8.last, last == 0x20 || last == 0x09 {
            rest = Substring(rest.utf8.dropLast())
        }
        return rest
    }
}
