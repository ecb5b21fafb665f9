import Foundation
public import Logging
import Shared

/// Writes each log record as one line of JSON to standard error.
///
/// `{"at":"…Z","level":"info","label":"intake","message":"…","key":"value"}`: constant message, details as keys.
public struct JSONLogHandler: LogHandler {
    /// Records below this level are left out.
    public var logLevel: Logger.Level
    /// Keys that every record carries.
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let clock: any WallClock

    /// Creates a handler for one label.
    public init(label: String, level: Logger.Level, clock: any WallClock = SystemClock()) {
        self.label = label
        self.logLevel = level
        self.clock = clock
    }

    /// Reads or sets one of the keys that every record carries.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one record with a single `write`, so that records of several threads do not mix.
    public func log(event: LogEvent) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: "{\"at\":\"\(clock.now)\",\"level\":\"\(event.level)\",\"label\":".utf8)
        line.appendJSONString(label)
        line.append(contentsOf: ",\"message\":".utf8)
        line.appendJSONString("\(event.message)")
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line.append(UInt8(ascii: ","))
            line.appendJSONString(key)
            line.append(UInt8(ascii: ":"))
            line.appendJSONString("\(value)")
        }
        line.append(contentsOf: "}\n".utf8)
        FileHandle.standardError.write(Data(line))
    }
}

extension [UInt8] {
    /// Appends text as a JSON string, RFC 8259 section 7.
    mutating func appendJSONString(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20:
                let digits = Array<UInt8>("0123456789abcdef".utf8)
                append(contentsOf: "\\u00".utf8)
                append(digits[Int(byte >> 4)])
                append(digits[Int(byte & 15)])
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
