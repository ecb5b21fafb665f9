extension RedisScript {
    /// Moves retries to the queue's tail before they are due.
    ///
    /// KEYS: retry, queue, stats. ARGV: the members. Returns how many were still there.
    static let retryNow = RedisScript(
        name: "retry-now-2",
        body: """
            -- Redis undoes nothing: a job must not go that can't be pushed.
            redis.call('LLEN', KEYS[2])
            redis.call('HLEN', KEYS[3])
            local moved = 0
            for _, job in ipairs(ARGV) do
              if redis.call('ZREM', KEYS[1], job) == 1 then
                redis.call('RPUSH', KEYS[2], job)
                moved = moved + 1
              end
            end
            if moved > 0 then redis.call('HINCRBY', KEYS[3], 'promoted', moved) end
            return moved
            """
    )

    /// Replaces elements of a list where they stand.
    ///
    /// KEYS: list. ARGV: pairs of the element and what stands in its place. Returns how many were still
    /// there.
    static let rewriteList = RedisScript(
        name: "rewrite-list-1",
        body: """
            local changed = 0
            for index = 1, #ARGV, 2 do
              local place = redis.call('LPOS', KEYS[1], ARGV[index])
              if place then
                redis.call('LSET', KEYS[1], place, ARGV[index + 1])
                changed = changed + 1
              end
            end
            return changed
            """
    )

    /// Replaces members of a sorted set, which keep their scores.
    ///
    /// KEYS: sorted set. ARGV: pairs of the member and what stands in its place. Returns how many were still
    /// there.
    static let rewriteSortedSet = RedisScript(
        name: "rewrite-set-1",
        body: """
            local changed = 0
            for index = 1, #ARGV, 2 do
              local score = redis.call('ZSCORE', KEYS[1], ARGV[index])
              if score then
                redis.call('ZREM', KEYS[1], ARGV[index])
                redis.call('ZADD', KEYS[1], score, ARGV[index + 1])
                changed = changed + 1
              end
            end
            return changed
            """
    )
}
