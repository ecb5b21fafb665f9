extension RedisScript {
    /// Moves retries to the queue's tail before they are due.
    ///
    /// KEYS: retry, queue, stats. ARGV: the members. Returns how many were still there.
    static let retryNow = RedisScript(
        name: "retry-now-1",
        body: """
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
}
