import Foundation
public import Logging
public import Shared

/// Writes each log record as one line of JSON to standard error.
///
/// `{"at":"…Z","level":"info","label":"intake","message":"…","key":"value"}`: constant message, details as
/// keys.
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
        var line = JSONWriter(capacity: 256)
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        line.object { line in
            line.key("at")
            line.append(string: clock.now.description)
            line.key("level")
            line.append(string: event.level.rawValue)
            line.key("label")
            line.append(string: label)
            line.key("message")
            line.append(string: event.message.description)
            for (key, value) in all.sorted(by: { $0.key < $1.key }) {
                line.key(key)
                line.append(string: "\(value)")
            }
        }
        FileHandle.standardError.write(Data(line.bytes + [UInt8(ascii: "\n")]))
    }
}
