/// One Lua script: its name for messages and its text.
///
/// Every script is marked `allow-oom`: `LMOVE`, `ZADD` and `SET` are refused by a full Redis, and a worker
/// that may neither claim nor renew its lease could never drain it. All keys come through `KEYS`.
struct RedisScript: Hashable, Sendable {
    /// The name and the version: it changes with every change of meaning.
    let name: String
    /// The text.
    let source: String

    init(name: String, body: String) {
        self.name = name
        source = "#!lua flags=allow-oom\n" + body
    }

    /// A Lua function `job_id(job)`.
    ///
    /// It returns the id that the envelope states right after its version, else the SHA-1 of the bytes; no
    /// JSON is parsed.
    static let jobID = """
        local function job_id(job)
          return string.match(string.sub(job, 1, 160), '^{"v":%d+,"id":"([%w_-]+)"') or redis.sha1hex(job)
        end

        """
}
