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

    /// A Lua function `give_back(inflight, queue, suspect, crashes)`, to be put after ``jobID``.
    ///
    /// It puts a batch back to the head of its queue, in its order, and returns how many jobs that were. A
    /// job with which a worker died is always alone in its batch, and stays a suspect.
    static let giveBack = """
        local function give_back(inflight, queue, suspect, crashes)
          local count, home = redis.call('LLEN', inflight), queue
          if count == 1 and redis.call('EXISTS', crashes) == 1 then
            local id = job_id(redis.call('LINDEX', inflight, 0))
            if redis.call('HEXISTS', crashes, id) == 1 then home = suspect end
          end
          for _ = 1, count do redis.call('LMOVE', inflight, home, 'RIGHT', 'LEFT') end
          return count
        end

        """

    /// A Lua function `deaths(crashes, id)`: how often a worker died with a job.
    ///
    /// What is no number that a script has written counts as none, so that it stops nothing.
    static let deaths = """
        local function deaths(crashes, id)
          local count = redis.call('HGET', crashes, id)
          return count and string.match(count, '^%d%d?%d?$') and tonumber(count) or 0
        end

        """

    /// A Lua function `absolve(reaped, crashes)`, to be put after ``deaths``: a lane that speaks is alive, so
    /// that its jobs' deaths were none.
    static let absolve = """
        local function absolve(reaped, crashes)
          for _, id in ipairs(redis.call('LRANGE', reaped, 0, -1)) do
            local left = deaths(crashes, id) - 1
            if left > 0 then redis.call('HSET', crashes, id, left) else redis.call('HDEL', crashes, id) end
          end
          redis.call('DEL', reaped)
        end

        """

    /// A Lua function `lease_of(key)`: the token and the number of a lease; nothing where there is none that
    /// a script can have written, and then its time to live.
    ///
    /// A lease without a time to live, with one of more than an hour (the longest that can be set is five
    /// minutes), or of another form, was written by hand. If it counted, its batch would not come back.
    static let leaseOf = """
        local function lease_of(key)
          local token, number = string.match(redis.call('GET', key) or '', '^(.+):(%d+)$')
          local left = token and redis.call('PTTL', key)
          return token, number, left and (left > 3600000 and -1 or left)
        end

        """
}
