extension RedisScript {
    /// Acknowledges the batch in flight, files its failures, and takes the next one.
    ///
    /// KEYS: queue, suspect, inflight, lease, lanes, retry, dead, paused, stats, crashes.
    ///
    /// ARGV: token; lane; lease in ms; most jobs to take; number of the batch that is acknowledged, 0 for
    /// none; highest number that the lane has seen; bytes after which no more jobs are taken; jobs in the
    /// acknowledged batch; count of retries, then due time (ms) and payload of each; count of dead letters,
    /// then each.
    ///
    /// Returns `{0}` when fenced, else `{1, batch number, jobs}`. Batch numbers only grow, so a number above
    /// the acknowledged one says that the acknowledgement did run and its reply was lost: what lies in flight
    /// then is the batch that was claimed with it, and is handed out again instead of being deleted.
    static let step = RedisScript(
        name: "step-1",
        body: jobID + """
            local lane, want, ack, floor = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
            local function fenced()
              redis.call('HINCRBY', KEYS[9], 'fenced', 1)
              return {0}
            end

            local seq
            local lease = redis.call('GET', KEYS[4])
            if lease then
              local owner, number = string.match(lease, '^(.*):(%d+)$')
              if owner ~= ARGV[1] then return fenced() end
              seq = tonumber(number)
            end

            if ack == 0 or (seq and seq > ack) then
              if redis.call('EXISTS', KEYS[3]) == 1 then
                if not seq then return fenced() end
                redis.call('PEXPIRE', KEYS[4], ARGV[3])
                return {1, seq, redis.call('LRANGE', KEYS[3], 0, -1)}
              end
            elseif seq ~= ack then
              return fenced()
            else
              local index, retries = 10, tonumber(ARGV[9])
              for _ = 1, retries do
                redis.call('ZADD', KEYS[6], ARGV[index], ARGV[index + 1])
                index = index + 2
              end
              local dead = tonumber(ARGV[index])
              for offset = 1, dead do redis.call('RPUSH', KEYS[7], ARGV[index + offset]) end
              local done = tonumber(ARGV[8]) - retries - dead
              if done > 0 then redis.call('HINCRBY', KEYS[9], 'acked', done) end
              if retries > 0 then redis.call('HINCRBY', KEYS[9], 'retried', retries) end
              if dead > 0 then redis.call('HINCRBY', KEYS[9], 'dead', dead) end
              if redis.call('LLEN', KEYS[3]) == 1 and redis.call('EXISTS', KEYS[10]) == 1 then
                redis.call('HDEL', KEYS[10], job_id(redis.call('LINDEX', KEYS[3], 0)))
              end
              redis.call('UNLINK', KEYS[3])
            end

            seq = math.max(seq or 0, floor) + 1
            local jobs = {}
            if want > 0 and redis.call('EXISTS', KEYS[8]) == 0 then
              local job = redis.call('LMOVE', KEYS[2], KEYS[3], 'LEFT', 'RIGHT')
              if job then
                jobs[1] = job
              else
                local count, bytes, limit = 0, 0, tonumber(ARGV[7])
                while count < want and bytes < limit do
                  job = redis.call('LMOVE', KEYS[1], KEYS[3], 'LEFT', 'RIGHT')
                  if not job then break end
                  count = count + 1
                  bytes = bytes + #job
                  jobs[count] = job
                end
              end
            end
            redis.call('SET', KEYS[4], ARGV[1] .. ':' .. string.format('%.0f', seq), 'PX', ARGV[3])
            if jobs[1] then redis.call('SADD', KEYS[5], lane) end
            return {1, seq, jobs}
            """
    )

    /// Renews a lease.
    ///
    /// KEYS: lease. ARGV: token; lease in ms. Returns 1, or 0 when the lease is gone or another's.
    static let beat = RedisScript(
        name: "beat-1",
        body: """
            local lease = redis.call('GET', KEYS[1])
            if not lease or string.match(lease, '^(.*):%d+$') ~= ARGV[1] then return 0 end
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
            """
    )

    /// Gives back what is in flight, in its order, and takes the lane off the books.
    ///
    /// KEYS: queue, suspect, inflight, lease, lanes, crashes. ARGV: token; lane.
    /// Returns how many jobs went back, or -1 when fenced.
    static let leave = RedisScript(
        name: "leave-1",
        body: jobID + """
            local lease = redis.call('GET', KEYS[4])
            if lease then
              if string.match(lease, '^(.*):%d+$') ~= ARGV[1] then return -1 end
            elseif redis.call('EXISTS', KEYS[3]) == 1 then
              return -1
            end
            local count, home = redis.call('LLEN', KEYS[3]), KEYS[1]
            if count == 1 and redis.call('EXISTS', KEYS[6]) == 1 then
              local id = job_id(redis.call('LINDEX', KEYS[3], 0))
              if redis.call('HEXISTS', KEYS[6], id) == 1 then home = KEYS[2] end
            end
            for _ = 1, count do redis.call('LMOVE', KEYS[3], home, 'RIGHT', 'LEFT') end
            redis.call('DEL', KEYS[4])
            redis.call('SREM', KEYS[5], ARGV[2])
            return count
            """
    )
}
