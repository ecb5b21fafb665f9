/// What a delivery has to prove at one of the intake's doors.
public struct DoorAccess: Hashable, Sendable {
    /// What the door asks for.
    public enum State: String, CaseIterable, Sendable {
        /// A signature under a secret that is configured.
        case signed
        /// Nothing: no secret is configured, and unsigned webhooks are taken.
        case unsigned
        /// No secret is configured, so nothing can be proved, and nothing unsigned is taken.
        case closed
    }

    /// The path, without the base path; `{source}` stands for any other name.
    public let path: String
    /// What it asks for.
    public let state: State

    /// Returns every door as it is configured; generic sources with secrets have one of their own each.
    public static func all(_ settings: Settings) -> [DoorAccess] {
        WebhookRouter(adapters: ProviderCatalog.adapters).doors.flatMap { door in
            let shared = door.receiver.secretName(pathSource: nil)
            let name = door.route.takesSource ? "{source}" : ""
            let own =
                shared.hasSuffix("_")
                ? settings.secrets.keys.filter { $0.hasPrefix(shared) && $0 != shared }.sorted() : []
            return own.flatMap { secrets in
                names(String(secrets.dropFirst(shared.count)))
                    .map { access(door, to: $0, secrets: secrets, of: settings) }
            } + [access(door, to: name, secrets: shared, of: settings)]
        }
    }

    /// The sources that a variable's name may stand for: its `_` is the `-` of the path, too.
    private static func names(_ name: String) -> [String] {
        name.contains("_") ? [name.replacing("_", with: "-"), name] : [name]
    }

    /// Asks the adapter itself, with a request that proves nothing.
    private static func access(
        _ door: RouteMatch,
        to name: String,
        secrets: String,
        of settings: Settings
    ) -> DoorAccess {
        let request = WebhookRequest(
            variant: door.route.variant,
            pathSource: SourceID(name),
            headers: NoHeaders(),
            body: UnsafeRawBufferPointer(start: nil, count: 0),
            receivedAt: Timestamp(milliseconds: 0)
        )
        let configured = settings.secrets(named: secrets) ?? SourceSecrets()
        // A shop that is not configured is refused whoever signs; that is no proof.
        let asked = SourceSecrets(
            secrets: configured.secrets,
            osbUser: configured.osbUser,
            osbPassword: configured.osbPassword
        )
        let isUnsigned = door.receiver.verify(request, secrets: asked) == .unsigned
        return DoorAccess(
            path: door.route.path + name,
            state: !isUnsigned ? .signed : settings.acceptsUnsigned ? .unsigned : .closed
        )
    }
}

/// No header at all.
private struct NoHeaders: HeaderLookup {
    func first(_ name: String) -> String? { nil }
}
