import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Surrounds every route, also the ones that don't exist: security headers, error documents, counters.
struct FrontDoor: RouterMiddleware {
    typealias Context = DashboardContext

    /// Nothing from elsewhere runs, and nobody frames the page.
    ///
    /// Trusted Types are left out: the chart library builds its markup as text.
    static let contentSecurityPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
        font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'
        """

    let metrics: DashboardMetrics

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try requireOneHost(request)
            response = try await next(request, context)
        } catch let problem as Problem {
            response = problem.response
        } catch let error as HTTPError where error.status == .notFound {
            response = Problem(.notFound, "There is no such route.").response
        } catch let error as any HTTPResponseError {
            response = Problem(error.status, "The request can't be read.").response
        } catch {
            context.logger.error("A request failed.", metadata: ["error": "\(error)"])
            response = Problem(.internalServerError, "The dashboard failed; its log says why.").response
        }
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        metrics.count(status: response.status.code)
        return response
    }

    /// Refuses a request that names two hosts, of which whoever stands before us may have judged the other,
    /// or none (RFC 9112 section 3.2); ``HostedChannel`` sees to HTTP/1.0.
    private func requireOneHost(_ request: Request) throws(Problem) {
        // The first is the request's authority; the others stay among its headers.
        guard request.head.authority != nil, request.headers[.host] == nil else {
            throw Problem(.badRequest, "A request must have one Host header.")
        }
    }
}

extension HTTPField.Name {
    static let host = Self.known("Host")
    static let referrerPolicy = Self.known("Referrer-Policy")
    static let fetchSite = Self.known("Sec-Fetch-Site")
    static let forwardedHost = Self.known("X-Forwarded-Host")
    static let forwardedProto = Self.known("X-Forwarded-Proto")

    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name.") }
        return name
    }
}
