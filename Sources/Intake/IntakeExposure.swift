import Logging
import Shared

/// What deliveries have to prove at the intake's doors, and whether strangers could bring some unproved.
enum IntakeExposure {
    /// Returns what is wrong with the combination of listener and secrets, or nil.
    static func problem(of settings: Settings) -> String? {
        guard settings.allowUnsigned == .loopback, settings.isReachable,
            !settings.secrets.values.contains(where: \.isSecret)
        else {
            return nil
        }
        return """
            Others can reach the intake, itself or through a trusted proxy, and no source has a secret.
            Set the secrets of your sources (GROWTH_<SOURCE>_SECRETS; sources without one stay closed),
            or say GROWTH_ALLOW_UNSIGNED=always, or listen on 127.0.0.1 without GROWTH_TRUSTED_PROXIES.
            """
    }

    /// One line per state, with the doors that are in it.
    static func text(of settings: Settings) -> String {
        doors(of: settings).map { state, paths in "\(words(state, settings)): \(paths)" }
            .joined(separator: "\n")
    }

    /// The doors by state, for the log.
    static func metadata(of settings: Settings) -> Logger.Metadata {
        Dictionary(uniqueKeysWithValues: doors(of: settings).map { ($0.rawValue, "\($1)") })
    }

    private static func doors(of settings: Settings) -> [(DoorAccess.State, String)] {
        let all = DoorAccess.all(settings)
        return DoorAccess.State.allCases.compactMap { state in
            let paths = all.filter { $0.state == state }.map { settings.basePath + $0.path }
            return paths.isEmpty ? nil : (state, paths.joined(separator: ", "))
        }
    }

    private static func words(_ state: DoorAccess.State, _ settings: Settings) -> String {
        switch state {
        case .signed: "Signed"
        case .unsigned where settings.allowUnsigned == .always: "Unsigned, from anyone (no secret is set)"
        case .unsigned: "Unsigned, from this machine alone (no secret is set)"
        case .closed: "Closed, answered 401 (no secret is set)"
        }
    }
}
