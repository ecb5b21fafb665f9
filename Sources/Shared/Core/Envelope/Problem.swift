/// Why a request was refused: an RFC 9457 problem document whose texts are constants and echo nothing.
public struct Problem: Error, Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// What kind of problem it is, stable over releases; a URN, for there is no page to visit.
    public let type: String
    /// What is wrong.
    public let title: String
    /// What to do.
    public let detail: String

    /// Creates a problem out of texts that the program itself states.
    public init(status: Int, type: StaticString, title: StaticString, detail: StaticString) {
        self.status = status
        self.type = "urn:growth:problem:\(type)"
        self.title = title.description
        self.detail = detail.description
    }

    /// The `application/problem+json` document.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.key("type")
            writer.append(string: type[...])
            writer.key("title")
            writer.append(string: title[...])
            writer.key("status")
            writer.append(int: status)
            writer.key("detail")
            writer.append(string: detail[...])
        }
        return writer.bytes
    }
}

extension Problem {
    /// 400: the request is no HTTP that can be read.
    public static let malformedRequest = Problem(
        status: 400,
        type: "malformed-request",
        title: "The request is malformed.",
        detail: "Send HTTP/1.1 with a correct Content-Length or chunked encoding."
    )

    /// 401: a secret is configured and none of them made the signature.
    public static let signatureNotVerified = unverified(
        "Sign the raw body with a secret that is configured for this source."
    )

    /// 401 with what is wrong, where that helps the sender and tells nothing of the secret.
    public static func signatureNotVerified(_ failure: SignatureFailure) -> Problem {
        switch failure {
        case .stale:
            unverified(
                "The signature's timestamp is too far from this server's time: sign anew, set the clock."
            )
        case .otherAccount:
            unverified("The headers name an account that is not configured for this source.")
        case .missing:
            unverified("The signature is not there: send it where this source's belongs (docs/connect.md).")
        case .malformed, .mismatch: signatureNotVerified
        }
    }

    private static func unverified(_ detail: StaticString) -> Problem {
        Problem(
            status: 401,
            type: "signature-not-verified",
            title: "The signature did not verify.",
            detail: detail
        )
    }

    /// 401: no secret is configured, and this intake takes no unsigned webhooks.
    public static let unsignedNotAccepted = Problem(
        status: 401,
        type: "unsigned-not-accepted",
        title: "Unsigned webhooks are not accepted here.",
        detail: "Configure a secret for this source, or see GROWTH_ALLOW_UNSIGNED."
    )

    /// 404: no door has this path.
    public static let notFound = Problem(
        status: 404,
        type: "not-found",
        title: "There is no such path.",
        detail: "See docs/http-api for the paths that take webhooks."
    )

    /// 405: the path takes another method.
    public static let methodNotAllowed = Problem(
        status: 405,
        type: "method-not-allowed",
        title: "The path does not take this method.",
        detail: "Webhooks are sent with POST; the Allow header names what the path takes."
    )

    /// 408: the request did not arrive in time.
    public static let timedOut = Problem(
        status: 408,
        type: "timed-out",
        title: "The request did not arrive in time.",
        detail: "Send the whole request at once, then try again."
    )

    /// 411: neither length nor chunks.
    public static let lengthRequired = Problem(
        status: 411,
        type: "length-required",
        title: "The request does not say how long it is.",
        detail: "Send Content-Length or Transfer-Encoding: chunked."
    )

    /// 413: larger than the limit, before or after decoding.
    public static let tooLarge = Problem(
        status: 413,
        type: "too-large",
        title: "The body is too large.",
        detail: "The limit is GROWTH_MAX_BODY_BYTES."
    )

    /// 415: an encoding that cannot be decoded.
    public static let unsupportedEncoding = Problem(
        status: 415,
        type: "unsupported-encoding",
        title: "The content encoding is not supported.",
        detail: "Send the body as it is, or with one Content-Encoding: gzip or deflate."
    )

    /// 431: a header field, or all of them, is larger than the limit.
    public static let headersTooLarge = Problem(
        status: 431,
        type: "headers-too-large",
        title: "The header fields are too large.",
        detail: "Send at most 128 fields, 16 KiB in one of them and 64 KiB in all."
    )

    /// 503: neither Redis nor the spool can take it.
    public static let unavailable = Problem(
        status: 503,
        type: "unavailable",
        title: "The webhook cannot be stored at the moment.",
        detail: "Send it again after the time in Retry-After."
    )
}
