/// How a caller showed that it may look.
enum Access: Hashable, Sendable {
    /// It did not.
    case none
    /// No token is configured.
    case open
    /// The token in the `Authorization` header; no browser sends that by itself.
    case bearer
    /// The session cookie, which a browser also sends with requests that another site made it send.
    case cookie
}
