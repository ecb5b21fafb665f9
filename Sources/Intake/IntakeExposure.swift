import Shared

/// Whether the intake would take webhooks from strangers without checking who sent them.
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
}
