internal import Shared

/// Why a text is no URL of a Redis; holds no part of the text, which may hold a password.
public struct RedisURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what to write.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension RedisURL {
    /// Reads `redis://[[user]:password@]host[:port][/database]` or
    /// `unix://[[user]:password@]/path[?db=database]`.
    ///
    /// User and password are percent-decoded. A list of several URLs (shards) and `rediss://` are refused.
    ///
    /// - Parameter text: The URL.
    /// - Throws: ``RedisURLError``, which says what to write.
    public init(_ text: String) throws(RedisURLError) {
        guard !text.contains(",") else {
            throw RedisURLError(
                "It names several Redises (shards); one Redis is supported, and one is enough: see "
                    + "docs/configuration.md. In a password, write %2C for a comma."
            )
        }
        if let rest = text.removingPrefix("redis://") {
            try self.init(tcp: rest)
        } else if let rest = text.removingPrefix("unix://") {
            try self.init(unix: rest)
        } else if text.hasPrefix("rediss://") {
            throw RedisURLError(
                "TLS (rediss://) is not supported: use a local proxy such as stunnel, or a socket."
            )
        } else {
            throw RedisURLError("It must begin with redis:// or unix://.")
        }
    }

    private init(tcp text: Substring) throws(RedisURLError) {
        let (login, rest) = text.splittingLogin()
        let slash = rest.firstIndex(of: "/")
        let hostAndPort = rest[..<(slash ?? rest.endIndex)]
        let path = slash.map { rest[rest.index(after: $0)...] } ?? ""
        let (host, port) = try Self.hostAndPort(hostAndPort)
        self.init(address: .tcp(host: host, port: port), database: try Self.database(path))
        try logIn(login)
    }

    private init(unix text: Substring) throws(RedisURLError) {
        let (login, rest) = text.hasPrefix("/") ? (nil, text) : text.splittingLogin()
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/"), path.utf8.count > 1 else {
            throw RedisURLError("The path of a Unix socket must be absolute: unix:///run/redis/redis.sock.")
        }
        // sockaddr_un has room for 108 bytes, the final zero among them.
        guard path.utf8.count < 108, !path.utf8.contains(0) else {
            throw RedisURLError("The path of the Unix socket is longer than 107 bytes.")
        }
        var database = 0
        if parts.count == 2 {
            guard let number = parts[1].removingPrefix("db=") else {
                throw RedisURLError("The only option of a unix:// URL is ?db=NUMBER.")
            }
            database = try Self.database(number)
        }
        self.init(address: .unix(path: String(path)), database: database)
        try logIn(login)
    }

    private mutating func logIn(_ login: Substring?) throws(RedisURLError) {
        guard let login else { return }
        guard let colon = login.firstIndex(of: ":") else {
            throw RedisURLError("Write the password after a colon: redis://:password@host:port.")
        }
        guard
            let user = login[..<colon].percentDecoded(),
            let password = login[login.index(after: colon)...].percentDecoded()
        else {
            throw RedisURLError(
                "User or password has a % that two hexadecimal digits do not follow: write %25."
            )
        }
        guard !password.isEmpty else { throw RedisURLError("The password is empty.") }
        self.user = user.isEmpty ? nil : String(decoding: user, as: UTF8.self)
        self.password = Secret(bytes: password)
    }

    private static func hostAndPort(_ text: Substring) throws(RedisURLError) -> (host: String, port: Int) {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw RedisURLError("The bracket around the IPv6 address is not closed.")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw RedisURLError("Only a colon and a port may follow the IPv6 address.")
            }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw RedisURLError("The host is missing.") }
        guard let portText else { return (String(host), 6379) }
        guard let port = portText.number, port > 0 else {
            throw RedisURLError("The port must be a number between 1 and 65535.")
        }
        return (String(host), Int(port))
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        guard !text.isEmpty else { return 0 }
        guard let number = text.number else {
            throw RedisURLError("The database must be a number between 0 and 65535.")
        }
        return Int(number)
    }
}

extension StringProtocol {
    /// The value of decimal digits alone; `UInt16` would take a sign.
    fileprivate var number: UInt16? {
        utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(self) : nil
    }

    fileprivate func removingPrefix(_ prefix: String) -> SubSequence? {
        hasPrefix(prefix) ? self[index(startIndex, offsetBy: prefix.count)...] : nil
    }

    fileprivate func splittingLogin() -> (login: SubSequence?, rest: SubSequence) {
        guard let at = lastIndex(of: "@") else { return (nil, self[...]) }
        return (self[..<at], self[index(after: at)...])
    }

    fileprivate func percentDecoded() -> [UInt8]? {
        var decoded: [UInt8] = []
        var bytes = utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next(), let low = bytes.next() else { return nil }
            let digits = String(decoding: [high, low], as: UTF8.self)
            guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let value = UInt8(digits, radix: 16)
            else { return nil }
            decoded.append(value)
        }
        return decoded
    }
}
