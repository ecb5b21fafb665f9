public import Shared

/// Where a Redis is and how to log in.
public struct RedisURL: Hashable, Sendable {
    /// How a Redis is reached.
    public enum Address: Hashable, Sendable {
        /// Over TCP.
        case tcp(host: String, port: Int)
        /// Over a Unix socket.
        case unix(path: String)
    }

    /// How it is reached.
    public var address: Address
    /// The user; nil for the default user.
    public var user: String?
    /// The password; nil for none.
    public var password: Secret?
    /// The number of the database.
    public var database: Int

    /// Creates a URL from its parts.
    public init(address: Address, user: String? = nil, password: Secret? = nil, database: Int = 0) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
    }

    /// The commands that log in, select the database and name the connection; they come first on every
    /// connection.
    ///
    /// `clientName` is what `CLIENT LIST` shows; it holds no spaces.
    public func setUpCommands(clientName: String) -> [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            var login = RedisCommand("AUTH")
            if let user { login.append(user) }
            login.append([password.bytes])
            commands.append(login)
        }
        if database != 0 { commands.append(RedisCommand("SELECT", String(database))) }
        commands.append(RedisCommand("CLIENT", "SETNAME", clientName))
        return commands
    }
}

extension RedisURL: CustomStringConvertible {
    /// The URL, with `<redacted>` for its password.
    public var description: String {
        let login = password == nil ? "" : "\(user ?? ""):<redacted>@"
        switch address {
        case .tcp(let host, let port):
            let name = host.contains(":") ? "[\(host)]" : host
            return "redis://\(login)\(name):\(port)/\(database)"
        case .unix(let path):
            return "unix://\(login)\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
    }
}
