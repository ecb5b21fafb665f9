import Hummingbird
import Shared

/// An RFC 9457 problem document: what went wrong, without any part of the request's values.
struct Problem: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    /// What failed and what to do.
    let detail: String
    /// Headers that belong to the answer, such as `Retry-After`.
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    /// The answer to a caller that must sign in.
    static let signIn = Problem(
        .unauthorized,
        "Send the token as a bearer token, or sign in on the page.",
        headers: [.wwwAuthenticate: "Bearer realm=\"growth\""]
    )

    /// Says that the database could not answer; the caller may try again.
    init(_ error: StoreError) {
        self.init(
            .serviceUnavailable,
            "The database does not answer: \(error.message)",
            headers: [.retryAfter: "5"]
        )
    }

    var response: Response {
        var writer = JSONWriter(capacity: 160)
        writer.object { writer in
            writer.key("type")
            writer.append(string: "about:blank")
            writer.key("title")
            writer.append(string: status.reasonPhrase)
            writer.key("status")
            writer.append(int: status.code)
            writer.key("detail")
            writer.append(string: detail)
        }
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes))
        )
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        response
    }
}
