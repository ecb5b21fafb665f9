/// Finds the door that a path names.
public struct WebhookRouter: Sendable {
    /// The adapters behind the doors.
    public let adapters: [any ProviderAdapter]
    private var matches: [RouteMatch]

    /// Creates the router over the routes of some adapters.
    public init(adapters: [any ProviderAdapter]) {
        self.adapters = adapters
        matches = adapters.flatMap { adapter in
            adapter.routes.map { RouteMatch(receiver: adapter, route: $0, pathSource: nil) }
        }
        for index in matches.indices { matches[index].index = index }
    }

    /// The doors in the order of their numbers; one with a `{source}` in its path stands for all of them.
    public var doors: [RouteMatch] { matches }

    /// Returns the door that a request's path names, or nil.
    ///
    /// The query is ignored, and so is one `/` at the end. A `{source}` must be a source name.
    ///
    /// - Parameters:
    ///   - path: The path as it stands in the request line.
    ///   - basePath: The prefix under which a proxy mounts the engine; empty, or `/` and a name without `/`
    ///     behind it.
    /// - Returns: The door.
    public func route(for path: some StringProtocol, basePath: String = "") -> RouteMatch? {
        guard path.hasPrefix(basePath) else { return nil }
        var rest = path.dropFirst(basePath.count).prefix { $0 != "?" }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        for match in matches {
            if !match.route.takesSource {
                if rest == match.route.path { return match }
                continue
            }
            guard rest.hasPrefix(match.route.path),
                let source = SourceID(rest.dropFirst(match.route.path.count))
            else { continue }
            var named = match
            named.pathSource = source
            return named
        }
        return nil
    }
}

/// The door that a path names.
public struct RouteMatch: Sendable {
    /// The adapter behind the door.
    public let receiver: any WebhookReceiving
    /// The route.
    public let route: WebhookRoute
    /// The `{source}` of the path, for routes that have one.
    public internal(set) var pathSource: SourceID?
    /// The door's number among its router's, from 0; 0 for a match that no router made.
    public internal(set) var index = 0

    /// Creates a match.
    public init(receiver: any WebhookReceiving, route: WebhookRoute, pathSource: SourceID?) {
        self.receiver = receiver
        self.route = route
        self.pathSource = pathSource
    }

    /// The `{source}` of the path for metrics, logs and notes; nil where it may be somebody's number, which
    /// only an envelope carries, as a pseudonym.
    public var shownSource: SourceID? {
        pathSource.flatMap { ProvenanceText.token($0.name) == nil ? nil : $0 }
    }
}
