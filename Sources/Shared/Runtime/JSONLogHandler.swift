public import Logging
public import Shared

/// Writes each log record as one line of JSON to standard error.
///
/// `{"at":"…Z","level":"info","label":"intake","message":"…","key":"value"}`: constant message, details as
/// keys. A detail whose key is one of the first four has `_` behind it.
public struct JSONLogHandler: LogHandler {
    /// Records below this level are left out.
    public var logLevel: Logger.Level
    /// Keys that every record carries.
    public var metadata: Logger.Metadata = [:]
    private let label: String
    private let clock: any WallClock
    private let write: @Sendable ([UInt8]) -> Void

    /// Creates a handler for one label; `write` takes whole lines, by default to standard error.
    public init(
        label: String,
        level: Logger.Level,
        clock: any WallClock = SystemClock(),
        write: @escaping @Sendable ([UInt8]) -> Void = StandardError.write
    ) {
        self.label = label
        self.logLevel = level
        self.clock = clock
        self.write = write
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
            if let error = event.error, all["error"] == nil {
                line.key("error")
                line.append(string: "\(error)")
            }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) {
                line.key(Self.ownKeys.contains(key) ? "\(key)_" : key)
                line.append(string: "\(value)")
            }
        }
        write(line.bytes + [UInt8(ascii: "\n")])
    }

    private static let ownKeys: Set<String> = ["at", "level", "label", "message"]
}
