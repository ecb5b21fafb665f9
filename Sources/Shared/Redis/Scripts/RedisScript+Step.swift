extension RedisScript {
    /// Acknowledges the batch in flight, files its failures, and takes the next one.
    ///
    /// KEYS: queue, suspect, inflight, lease, lanes, retry, dead, paused, stats, crashes, reaped.
    ///
    /// ARGV: token; lane; lease in ms; most jobs to take; number of the batch that is acknowledged, 0 for
    /// none; highest number that the lane has seen; bytes that a batch of several jobs may occupy in Redis;
    /// jobs in the acknowledged batch; count of retries, then wait (ms) and payload of each; count of dead
    /// letters, then each. When a wait is over the server's clock says, which `promote` asks, too.
    ///
    /// Returns `{0}` when fenced, else `{1, batch number, jobs in flight}`; the jobs themselves are read with
    /// an `LRANGE` of the in-flight list that is sent along, so that their bytes never pass through Lua.
    /// Batch numbers only grow, so a number above the acknowledged one says that the acknowledgement did run
    /// and its reply was lost: what lies in flight then is the batch that was claimed with it, and is handed
    /// out again instead of being deleted.
    ///
    /// A lease that no script can have written, without a time to live, with one of hours or of another form,
    /// is none: a lane would be fenced by it for good. The lane then has lost its batch, as when its lease is
    /// over. Its own gets its time to live again.
    ///
    /// A lane that comes back without its lease gives its batch back itself, or, where the reaper was faster,
    /// takes back the deaths that were counted: it lives. Jobs that were absolved so are taken together,
    /// those with which a worker died alone.
    ///
    /// A queue that is no longer than a batch becomes the in-flight list itself by `RENAME`, without a copy.
    /// Of a longer one `SORT … BY nosort … STORE` copies a range inside Redis in one command: a third of the
    /// cost of one `LMOVE` a job, and the AOF holds a few commands a batch instead of one a job. How many
    /// jobs the byte limit allows is estimated before anything is copied, by what the head of the list
    /// occupies and, since its jobs may be larger than the rest, by a copy of the first few.
    ///
    /// Redis undoes nothing of a script that ends with an error, so that every key is asked in the manner of
    /// its type before anything is written: a key of a wrong type, or a counter that is no number, refuses
    /// the step as a whole.
    static let step = RedisScript(
        name: "step-12",
        body: jobID + giveBack + deaths + absolve + leaseOf + """
            local lane, want, ack, floor = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
            local waiting = redis.call('LLEN', KEYS[1])
            redis.call('LLEN', KEYS[2])
            redis.call('SCARD', KEYS[5])
            local function fenced()
              -- What was given back is written by now, whether or not this can be counted.
              redis.pcall('HINCRBY', KEYS[9], 'fenced', 1)
              return {0}
            end

            local function size(key, count)
              return count > 1 and redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 0) or 0
            end

            local function claim(want, limit)
              local count, isFirst, probe = math.min(waiting, want), true, 8
              local function fit(jobs, bytes)
                -- An estimate that fails by a little costs a second copy.
                count = math.max(1, math.min(count, math.floor(0.9 * limit * jobs / bytes)))
              end
              -- The first guess below the limit is by the average; after that halving ends it in few rounds.
              local function lower(bytes)
                count, isFirst = math.max(1, math.floor(count * (isFirst and limit / bytes or 0.5))), false
              end
              if count == waiting and count > 0 then
                local bytes = size(KEYS[1], count)
                if bytes <= limit then
                  redis.call('RENAME', KEYS[1], KEYS[3])
                  -- Somebody may have given the queue a time to live: it is not the batch's.
                  redis.call('PERSIST', KEYS[3])
                  return count
                end
                lower(bytes)
              else
                if count > 1 then
                  fit(waiting, redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', 512))
                end
                if count > probe then
                  redis.call('SORT', KEYS[1], 'BY', 'nosort', 'LIMIT', 0, probe, 'STORE', KEYS[3])
                  fit(probe, size(KEYS[3], probe))
                end
              end
              while count > 0 do
                redis.call('SORT', KEYS[1], 'BY', 'nosort', 'LIMIT', 0, count, 'STORE', KEYS[3])
                local bytes = size(KEYS[3], count)
                if bytes <= limit then break end
                lower(bytes)
              end
              if count > 0 then redis.call('LTRIM', KEYS[1], count, -1) end
              return count
            end

            local seq
            local owner, number, left = lease_of(KEYS[4])
            if owner == ARGV[1] then
              seq = tonumber(number)
            elseif owner and left >= 0 then
              return fenced()
            else
              if redis.call('EXISTS', KEYS[11]) == 1 then absolve(KEYS[11], KEYS[10]) end
              if redis.call('EXISTS', KEYS[3]) == 1 then
                give_back(KEYS[3], KEYS[1], KEYS[2], KEYS[10])
                redis.call('SREM', KEYS[5], lane)
                return fenced()
              end
            end

            if ack == 0 or (seq and seq > ack) then
              if redis.call('EXISTS', KEYS[3]) == 1 then
                redis.call('PEXPIRE', KEYS[4], ARGV[3])
                return {1, seq, redis.call('LLEN', KEYS[3])}
              end
            elseif seq ~= ack then
              return fenced()
            else
              redis.call('ZCARD', KEYS[6])
              redis.call('LLEN', KEYS[7])
              for _, count in ipairs(redis.call('HMGET', KEYS[9], 'acked', 'retried', 'dead')) do
                -- Redis adds to no number that it would write in another way, and not to the longest.
                local digits = count and (string.match(count, '^%-?([1-9]%d*)$') or count == '0' and count)
                if count and (not digits or #digits > 15) then
                  return redis.error_reply('ERR a counter of the queue is no number of at most 15 digits')
                end
              end
              local is_suspect = redis.call('HLEN', KEYS[10]) > 0 and redis.call('LLEN', KEYS[3]) == 1
              local index, retries = 10, tonumber(ARGV[9])
              local time = retries > 0 and redis.call('TIME')
              local now = time and time[1] * 1000 + math.floor(time[2] / 1000)
              for _ = 1, retries do
                redis.call('ZADD', KEYS[6], string.format('%.0f', now + ARGV[index]), ARGV[index + 1])
                index = index + 2
              end
              local dead = tonumber(ARGV[index])
              for offset = 1, dead do redis.call('RPUSH', KEYS[7], ARGV[index + offset]) end
              local done = tonumber(ARGV[8]) - retries - dead
              if done > 0 then redis.call('HINCRBY', KEYS[9], 'acked', done) end
              if retries > 0 then redis.call('HINCRBY', KEYS[9], 'retried', retries) end
              if dead > 0 then redis.call('HINCRBY', KEYS[9], 'dead', dead) end
              if is_suspect then
                redis.call('HDEL', KEYS[10], job_id(redis.call('LINDEX', KEYS[3], 0)))
              end
              redis.call('UNLINK', KEYS[3])
            end

            seq = math.max(seq or 0, floor) + 1
            local count = 0
            if want > 0 and redis.call('EXISTS', KEYS[8]) == 0 then
              local suspect, bytes, limit = redis.call('LINDEX', KEYS[2], 0), 0, tonumber(ARGV[7])
              while suspect and count < want and bytes < limit do
                local is_risky = redis.call('HEXISTS', KEYS[10], job_id(suspect)) == 1
                if is_risky and count > 0 then break end
                redis.call('LMOVE', KEYS[2], KEYS[3], 'LEFT', 'RIGHT')
                count, bytes = count + 1, bytes + #suspect
                if is_risky then break end
                suspect = redis.call('LINDEX', KEYS[2], 0)
              end
              if count == 0 then count = claim(want, limit) end
            end
            redis.call('SET', KEYS[4], ARGV[1] .. ':' .. string.format('%.0f', seq), 'PX', ARGV[3])
            if count > 0 then redis.call('SADD', KEYS[5], lane) end
            return {1, seq, count}
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
    /// KEYS: queue, suspect, inflight, lease, lanes, crashes, reaped. ARGV: token; lane.
    /// Returns how many jobs went back, or -1 when the lease is another's. Without a lease the batch is the
    /// lane's as long as the reaper was not there, and what the reaper counted as deaths is taken back.
    static let leave = RedisScript(
        name: "leave-4",
        body: jobID + giveBack + deaths + absolve + leaseOf + """
            local owner, _, left = lease_of(KEYS[4])
            if owner ~= ARGV[1] then
              if owner and left >= 0 then return -1 end
              absolve(KEYS[7], KEYS[6])
            end
            local count = give_back(KEYS[3], KEYS[1], KEYS[2], KEYS[6])
            redis.call('DEL', KEYS[4])
            redis.call('SREM', KEYS[5], ARGV[2])
            return count
            """
    )
}
