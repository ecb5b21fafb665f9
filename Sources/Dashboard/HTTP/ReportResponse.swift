import HTTPTypes
import Hummingbird

/// The headers of a report, and the decision whether its body is needed at all.
struct ReportResponse: Sendable {
    let tag: EntityTag
    var varyOnAccept = false
    var contentType = "application/json"
    var disposition: String?

    init(tag: EntityTag, varyOnAccept: Bool = false) {
        self.tag = tag
        self.varyOnAccept = varyOnAccept
    }

    /// Answers 304 where the caller has this report already; the body is made only otherwise.
    func make(for request: Request, body: () async throws -> [UInt8]) async throws -> Response {
        var headers: HTTPFields = [
            .cacheControl: "private, no-cache",
            .eTag: tag.description,
            .vary: (varyOnAccept ? "Accept, " : "") + "Accept-Encoding, Authorization",
        ]
        if tag.matches(request.headers[.ifNoneMatch]) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = contentType
        headers[.contentDisposition] = disposition
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await body()))
        )
    }
}
