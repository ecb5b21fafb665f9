import HTTPTypes
import Hummingbird
import Shared

/// Lets only callers through that may look, and only our own page where something is changed.
struct Gate: RouterMiddleware {
    typealias Context = DashboardContext

    let authenticator: Authenticator
    let clock: any WallClock
    let signIns: SignInGuard

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.access = try checkedAccess(of: request, from: context.peer)
        guard context.access != .none else { throw Problem.signIn }
        // Without a token, a page of another site that was given our address as its own could read us.
        guard context.access != .open || LocalHost.isNamed(by: request.head.authority) else {
            throw Problem(
                .forbidden,
                "Without GROWTH_DASHBOARD_TOKEN the dashboard answers only under a name such as localhost."
            )
        }
        if request.method != .get, request.method != .head {
            guard SameOrigin(of: request).allows(context.access) else {
                throw Problem(
                    .forbidden,
                    "A change must come from the dashboard's own page or with the token."
                )
            }
        }
        return try await next(request, context)
    }

    /// Judges the request's headers; a wrong bearer token is a guess like one at the form.
    private func checkedAccess(of request: Request, from peer: ClientAddress) throws(Problem) -> Access {
        guard authenticator.hasToken, request.headers[.authorization] != nil else {
            return access(of: request)
        }
        try signIns.admit(request, from: peer)
        let access = access(of: request)
        if access == .none { signIns.fail(request, from: peer) }
        return access
    }

    /// Judges the request's headers.
    func access(of request: Request) -> Access {
        authenticator.access(
            authorization: request.headers[.authorization],
            session: request.cookies[Authenticator.cookieName]?.value,
            at: clock.now
        )
    }
}

extension SameOrigin {
    init(of request: Request) {
        self.init(
            fetchSite: request.headers[.fetchSite],
            origin: request.headers[.origin],
            host: request.head.authority,
            forwardedHost: request.headers[.forwardedHost]
        )
    }
}
