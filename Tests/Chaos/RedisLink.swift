import Foundation
import TestSupport

/// A plain client of Redis, to look at the queue from outside; connects anew when needed.
final class RedisLink {
    /// What Redis answered.
    indirect enum Reply {
        case text(String)
        case number(Int)
        case list([Reply])
        case none

        var text: String? {
            if case .text(let text) = self { return text }
            return nil
        }

        var number: Int {
            if case .number(let number) = self { return number }
            return 0
        }

        var texts: [String] {
            if case .list(let items) = self { return items.compactMap(\.text) }
            return []
        }
    }

    /// How long an answer may take, in seconds: a Redis that syncs every write waits for a busy disk.
    private static let patience = 30

    private let port: Int
    private var socket: Socket?

    init(port: Int) {
        self.port = port
    }

    /// Sends one command; an error reply is thrown.
    func send(_ words: String...) throws -> Reply {
        try send(words)
    }

    /// Sends one command; an error reply is thrown.
    func send(_ words: [String]) throws -> Reply {
        do {
            let open = try socket ?? Socket(port: port, timeout: Self.patience)
            socket = open
            let parts = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
            try open.send("*\(words.count)\r\n\(parts)".utf8)
            let answer = try open.receive { bytes in
                var place = 0
                return Self.parse(bytes, &place).map { ($0, place) }
            }
            if case .text(let text) = answer, text.hasPrefix("-") { throw TestSupportError(text) }
            return answer
        } catch {
            // An error reply leaves the connection as it was.
            if !"\(error)".hasPrefix("-") { socket = nil }
            throw error
        }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) -> Reply? {
        guard place < bytes.count, let end = bytes.find("\r\n", from: place) else { return nil }
        let kind = bytes[place]
        let line = String(decoding: bytes[place + 1..<end], as: UTF8.self)
        place = end + 2
        switch kind {
        case UInt8(ascii: "+"): return .text(line)
        case UInt8(ascii: "-"): return .text("-" + line)
        case UInt8(ascii: ":"): return .number(Int(line) ?? 0)
        case UInt8(ascii: "$"):
            guard let count = Int(line), count >= 0 else { return Reply.none }
            guard bytes.count >= place + count + 2 else { return nil }
            defer { place += count + 2 }
            return .text(String(decoding: bytes[place..<place + count], as: UTF8.self))
        default:
            guard let count = Int(line), count >= 0 else { return Reply.none }
            var items: [Reply] = []
            for _ in 0..<count {
                guard let item = parse(bytes, &place) else { return nil }
                items.append(item)
            }
            return .list(items)
        }
    }
}

extension RedisLink {
    /// One job that a lane has in hand.
    struct Holding {
        /// The id of its envelope.
        var envelope: String
        /// The process that holds it.
        var process: Int32
        /// How many jobs the lane has in hand.
        var batch: Int
    }

    private static let holdings = """
        #!lua flags=no-writes,allow-oom
        local found = {}
        for _, key in ipairs(redis.call('KEYS', 'growth:*:inflight:*')) do
          local jobs = redis.call('LRANGE', key, 0, -1)
          for _, job in ipairs(jobs) do
            local id = string.match(string.sub(job, 1, 160), '"id":"([^"]+)"') or '?'
            found[#found + 1] = key .. ' ' .. #jobs .. ' ' .. id
          end
        end
        return found
        """

    /// The process of a lane, by the lane's name or a key that ends with it.
    static func process(ofLane name: some StringProtocol) -> Int32? {
        let parts = name.split(separator: ":")
        return parts.count > 3 ? Int32(parts[parts.count - 3]) : nil
    }

    /// All jobs in hand.
    func inHand() throws -> [Holding] {
        try send("EVAL", Self.holdings, "0").texts.compactMap { text in
            let words = text.split(separator: " ")
            guard words.count == 3, let process = Self.process(ofLane: words[0]), let batch = Int(words[1])
            else { return nil }
            return Holding(envelope: String(words[2]), process: process, batch: batch)
        }
    }

    /// Jobs that were taken back from a process that was presumed dead.
    func takenBack(from process: Int32) throws -> [String] {
        try send("KEYS", "growth:*:reaped:*:\(process):*").texts.flatMap { key in
            try send("LRANGE", key, "0", "-1").texts
        }
    }

    /// The sources whose queues exist.
    func sources() throws -> [String] {
        try send("SMEMBERS", "growth:queues").texts.sorted()
    }

    /// Jobs that wait in all queues, suspects among them.
    func backlog() throws -> Int {
        var count = 0
        for source in try sources() {
            for list in ["queue", "suspect"] {
                count += try send("LLEN", "growth:{\(source)}:\(list)").number
            }
        }
        return count
    }

    /// Sums of a counter over all queues.
    func counter(_ name: String) throws -> Int {
        var sum = 0
        for source in try sources() {
            sum += Int(try send("HGET", "growth:{\(source)}:stats", name).text ?? "0") ?? 0
        }
        return sum
    }

    /// What is left that should not be once everything is done: one text for each key.
    func leftovers() throws -> [String] {
        let kinds = ["queue", "suspect", "retry", "lanes", "crashes", "inflight", "lease"]
        return try send("KEYS", "growth:{*").texts.filter { key in
            guard let kind = key.split(separator: "}").last?.dropFirst().split(separator: ":").first else {
                return false
            }
            return kinds.contains(String(kind))
        }.sorted()
    }

    /// All dead letters, as JSON.
    func deadLetters() throws -> [String] {
        var letters: [String] = []
        for source in try sources() {
            let key = "growth:{\(source)}:dead"
            var index = 0
            while true {
                let page = try send("LRANGE", key, "\(index)", "\(index + 499)").texts
                letters += page
                index += page.count
                if page.count < 500 { break }
            }
        }
        return letters
    }
}
