import Shared

/// What the page's first webhook is made of: where the intake listens, and an amount in the base currency.
struct FirstWebhook: Sendable {
    /// The page's placeholders, as HTML.
    let values: [String: String]

    init(_ configuration: DashboardConfiguration) {
        let currency = configuration.baseCurrency
        let door = Self.door(configuration.intakeListen, basePath: configuration.basePath)
        values = [
            "door": Self.escaped(door), "currency": currency.code,
            "price": currency.exponent == 0 ? "150" : "149.90",
        ]
    }

    /// The part of a curl command that names the intake's door for a generic source.
    private static func door(_ listen: ListenAddress, basePath: String) -> String {
        let path = "\(basePath)/webhooks/generic/demo"
        switch listen {
        case .tcp(let host, let port):
            // Every address is no address that one can send to.
            let named = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
            return "http://\(ListenAddress.tcp(host: named, port: port))\(path)"
        case .unix(let socket):
            let quoted = socket.replacing("'", with: "'\\''")
            return "--unix-socket '\(quoted)' http://localhost\(path)"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
