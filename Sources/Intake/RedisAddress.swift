import Shared
import SharedRedis
import SharedRuntime

/// Where Redis is, as the settings say.
enum RedisAddress {
    /// Returns the address, or ends the process with code 78.
    static func of(_ settings: Settings) -> RedisURL {
        do {
            return try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self))
        } catch {
            ProgramStart.refuse("GROWTH_REDIS_URL: \(error)", code: ProgramStart.exitConfiguration)
        }
    }
}
