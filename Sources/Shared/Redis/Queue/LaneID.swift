/// The name of one worker process, unique over time: `<host>:<process id>:<nonce>`.
public struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let name: String

    /// Creates a name; what is no ASCII letter, digit, `.`, `-` or `_` becomes `-`.
    ///
    /// - Parameters:
    ///   - host: The host's name.
    ///   - processID: The process id.
    ///   - nonce: Random text, so that a process that gets a dead one's id is not mistaken for it.
    public init(host: String, processID: Int32, nonce: String) {
        name = "\(Self.plain(host)):\(processID):\(Self.plain(nonce))"
    }

    /// The name itself.
    public var description: String { name }

    /// The name of one of the process' lanes.
    public func lane(_ number: Int) -> LaneID {
        LaneID(worker: self, number: number)
    }

    /// Names are parts of keys and stand unescaped in JSON.
    private static func plain(_ text: String) -> String {
        let bytes = text.utf8.prefix(128).map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: byte
            default: 0x2D
            }
        }
        return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
    }
}

/// The name of one lane of a worker: `<host>:<process id>:<nonce>:<number>`.
public struct LaneID: Hashable, Sendable, CustomStringConvertible {
    /// The process to which it belongs.
    public let worker: WorkerID
    /// Its number within the process.
    public let number: Int

    /// Creates a name.
    public init(worker: WorkerID, number: Int) {
        self.worker = worker
        self.number = number
    }

    /// The name itself.
    public var name: String { "\(worker.name):\(number)" }
    /// The name itself.
    public var description: String { name }
}
