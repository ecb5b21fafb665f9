import Foundation
import HTTPTypes
import Hummingbird
import Shared

/// The page, its files, the chart library, and signing in.
struct PageRoutes: Sendable {
    let files: PageFiles
    let vega: VegaBundle
    let gate: Gate
    let basePath: String
    let firstWebhook: FirstWebhook

    func add(to group: RouterGroup<DashboardContext>) {
        group.get("") { request, _ in index(request) }
        group.get("page/{name}") { request, context in
            // The two pages have placeholders and their own routes.
            guard let name = context.parameters.get("name"), !name.hasSuffix(".html"),
                let file = files.files[name]
            else { throw Problem(.notFound, "The page has no such file.") }
            return Self.answer(file, to: request)
        }
        group.get("assets/{name}") { request, context in
            try asset(request, name: context.parameters.get("name"))
        }
        group.post("login") { request, context in try await signIn(request, from: context.peer) }
        group.post("logout") { _, _ in
            var response = redirect
            response.headers[.setCookie] = cookie(value: "", maxAge: 0, isSecure: false)
            return response
        }
    }

    private func index(_ request: Request) -> Response {
        // Relative links need the slash after the prefix.
        guard request.uri.path.hasSuffix("/") else {
            return Response(status: .permanentRedirect, headers: [.location: "\(basePath)/"])
        }
        guard gate.access(of: request) != .none else { return login(problem: "") }
        let bundle = vega.newest().map { "assets/\($0)" } ?? ""
        var values = firstWebhook.values
        values["vega-bundle"] = bundle
        return Self.answer(files.page("index.html", filling: values), to: request)
    }

    private func login(problem: String) -> Response {
        let page = files.page("login.html", filling: ["problem": problem])
        let headers: HTTPFields = [.contentType: page.mediaType, .cacheControl: "no-store"]
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: page.bytes))
        return Response(status: .unauthorized, headers: headers, body: body)
    }

    private func signIn(_ request: Request, from peer: ClientAddress) async throws -> Response {
        try gate.signIns.admit(request, from: peer)
        guard let buffer = try? await request.body.collect(upTo: 4096),
            let token = FormBody.value(of: "token", in: String(buffer: buffer))
        else { throw Problem(.badRequest, "The form must hold the field token.") }
        guard gate.authenticator.accepts(token: token) else {
            gate.signIns.fail(request, from: peer)
            return login(problem: "That is not the token of this dashboard.")
        }
        var response = redirect
        response.headers[.setCookie] = cookie(
            value: gate.authenticator.newSession(at: gate.clock.now),
            maxAge: Authenticator.sessionSeconds,
            isSecure: request.headers[.forwardedProto] == "https"
        )
        return response
    }

    private var redirect: Response {
        Response(status: .seeOther, headers: [.location: "\(basePath)/", .cacheControl: "no-store"])
    }

    private func cookie(value: String, maxAge: Int64, isSecure: Bool) -> String {
        let attributes = "Path=\(basePath)/; Max-Age=\(maxAge); HttpOnly; SameSite=Strict"
        return "\(Authenticator.cookieName)=\(value); \(attributes)\(isSecure ? "; Secure" : "")"
    }

    private func asset(_ request: Request, name: String?) throws(Problem) -> Response {
        let acceptsGzip = request.headers[.acceptEncoding]?.contains("gzip") == true
        guard let name, let (bytes, isCompressed) = vega.contents(of: name, acceptsGzip: acceptsGzip) else {
            throw Problem(
                .notFound,
                "There is no such asset: run deploy/vega-bundle to get the chart library."
            )
        }
        var headers: HTTPFields = [
            .contentType: "text/javascript; charset=utf-8", .vary: "Accept-Encoding",
            // The name changes with the content.
            .cacheControl: "public, max-age=31536000, immutable",
        ]
        if isCompressed { headers[.contentEncoding] = "gzip" }
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    private static func answer(_ file: PageFiles.File, to request: Request) -> Response {
        let tag = EntityTag(content: file.bytes)
        var headers: HTTPFields = [.cacheControl: "no-cache", .eTag: tag.description]
        guard !tag.matches(request.headers[.ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.mediaType
        return Response(
            status: .ok,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes))
        )
    }
}

/// The body of an HTML form.
enum FormBody {
    /// Returns the decoded value of a field of `application/x-www-form-urlencoded` text, or nil.
    static func value(of name: String, in body: String) -> String? {
        for field in body.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == name else { continue }
            return String(parts[1].map { $0 == "+" ? " " : $0 }).removingPercentEncoding
        }
        return nil
    }
}
