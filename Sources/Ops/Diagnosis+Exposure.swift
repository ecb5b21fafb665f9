import Shared

extension Diagnosis {
    /// Whether others than this machine's programs may send webhooks that nobody signed.
    func exposure() -> Finding {
        func hint(_ text: String) -> Finding {
            Finding(check: "unsigned", isFine: true, isHint: true, text: text)
        }
        switch settings.allowUnsigned {
        case .always where settings.isReachable || !settings.basePath.isEmpty:
            return hint("GROWTH_ALLOW_UNSIGNED=always takes webhooks of anybody who reaches the intake.")
        case .loopback where !settings.basePath.isEmpty && !settings.isReachable:
            return hint(
                "GROWTH_BASE_PATH tells of a proxy, through which others reach sources without a secret: "
                    + "name it in GROWTH_TRUSTED_PROXIES, or set GROWTH_ALLOW_UNSIGNED=never."
            )
        case .never: return Finding(check: "unsigned", isFine: true, text: "Every webhook has to be signed.")
        case .loopback where settings.isReachable:
            return Finding(check: "unsigned", isFine: true, text: "Every webhook has to be signed.")
        case .always, .loopback:
            return Finding(
                check: "unsigned",
                isFine: true,
                text: "Whoever reaches the loopback listener may send them: if a proxy does, everybody."
            )
        }
    }
}
