extension RedisScript {
    /// Takes the turn to look for dead lanes, so that one worker at a time does.
    ///
    /// KEYS: reaper, lanes. ARGV: length of the turn in ms, 0 to look in any case.
    /// Returns the lanes, or nil when it is another's turn. A turn without an end, or of more than an hour,
    /// is nobody's; what is no string there is left as it is.
    static let reapTurn = RedisScript(
        name: "reap-turn-3",
        body: """
            if ARGV[1] ~= '0' and not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
              local left = redis.call('PTTL', KEYS[1])
              if left >= 0 and left <= 3600000 then return false end
              if redis.call('TYPE', KEYS[1]).ok == 'string' then
                redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
              end
            end
            return redis.call('SMEMBERS', KEYS[2])
            """
    )

    /// Moves the batch of a dead lane to the suspects, and jobs that took too many workers with them to the
    /// dead.
    ///
    /// KEYS: inflight, lease, lanes, suspect, crashes, dead, stats, reaped. ARGV: lane; deaths that make a
    /// job dead; the present time in RFC 3339; seconds for which deaths are remembered; seconds for which the
    /// lane may still prove that it lives. Returns `{moved, dead, ids of the dead}`.
    ///
    /// It walks from the tail and pushes at the head, so that the order stays. A worker's death counts once
    /// for an id: a push that was repeated, since its reply was lost, may have put two copies of an envelope
    /// into one batch. Whose death was counted is written down: a lane that comes back takes it back
    /// (`absolve`). A lease that no script can have written is none: it goes, so that a lane that lives sees
    /// that it lost its batch. One of a wrong type is left for people to look at.
    static let reap = RedisScript(
        name: "reap-7",
        body: jobID + deaths + leaseOf + #"""
            local is_text = redis.call('TYPE', KEYS[2]).ok == 'string'
            if is_text then
              local owner, _, left = lease_of(KEYS[2])
              if owner and left >= 0 then return {0, 0, {}} end
            end
            -- Redis undoes nothing: a death must not be counted of a job that then can't be moved.
            for _, list in ipairs({1, 4, 6, 8}) do redis.call('LLEN', KEYS[list]) end
            redis.call('SCARD', KEYS[3])
            redis.call('HLEN', KEYS[5])
            redis.call('HLEN', KEYS[7])
            if is_text then redis.call('DEL', KEYS[2]) end
            local moved, dead, most = 0, {}, tonumber(ARGV[2])
            local function letter(job, id)
              -- Half of a surrogate pair, which JSON allows, is more than cjson reads.
              local plain = string.gsub(job, '\\u[dD][89a-fA-F]%x%x', '\\u0041')
              local readable, _ = pcall(cjson.decode, plain)
              local content = readable and string.gsub(job, '[\r\n]', ' ')
                or cjson.encode((string.gsub(string.sub(job, 1, 4096), '[\128-\255]', '?')))
              return '{"id":"' .. id .. '","reason":"poison","error":"A worker died ' .. ARGV[2] ..
                ' times with this job in hand.","attempt":' ..
                (string.match(string.sub(job, 1, 4096), '"attempt":(%d+)') or '0') ..
                ',"worker":"' .. ARGV[1] .. '","at":"' .. ARGV[3] .. '","job":' .. content .. '}'
            end
            local counts = {}
            while true do
              local job = redis.call('LINDEX', KEYS[1], -1)
              if not job then break end
              local id = job_id(job)
              local count, isFirst = counts[id], not counts[id]
              if isFirst then
                count = deaths(KEYS[5], id) + 1
                counts[id] = count
              end
              if count >= most then
                redis.call('RPUSH', KEYS[6], letter(job, id))
                redis.call('RPOP', KEYS[1])
                if isFirst then redis.call('HDEL', KEYS[5], id) end
                table.insert(dead, id)
              else
                if isFirst then
                  redis.call('HSET', KEYS[5], id, count)
                  redis.call('RPUSH', KEYS[8], id)
                end
                redis.call('LMOVE', KEYS[1], KEYS[4], 'RIGHT', 'LEFT')
                moved = moved + 1
              end
            end
            redis.call('EXPIRE', KEYS[8], ARGV[5])
            redis.call('EXPIRE', KEYS[5], ARGV[4])
            redis.call('SREM', KEYS[3], ARGV[1])
            -- The jobs are moved by now, whether or not this can be counted.
            if moved > 0 then redis.pcall('HINCRBY', KEYS[7], 'reaped', moved) end
            if #dead > 0 then redis.pcall('HINCRBY', KEYS[7], 'dead', #dead) end
            return {moved, #dead, dead}
            """#
    )

    /// Moves retries that are due to the queue's tail.
    ///
    /// KEYS: retry, queue, stats. ARGV: most jobs to move; `due` or `all`. Returns how many were moved.
    /// The time is the server's; it stops after 4 MiB of payloads, so that Redis is not held up.
    static let promote = RedisScript(
        name: "promote-3",
        body: """
            -- Redis undoes nothing: see `step`.
            redis.call('LLEN', KEYS[2])
            redis.call('HLEN', KEYS[3])
            local most, last, moved, bytes = tonumber(ARGV[1]), '+inf', 0, 0
            if ARGV[2] == 'due' then
              local time = redis.call('TIME')
              last = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
            end
            while moved < most and bytes < 4194304 do
              local count = math.min(32, most - moved)
              local due = redis.call('ZRANGE', KEYS[1], '-inf', last, 'BYSCORE', 'LIMIT', 0, count)
              if #due == 0 then break end
              for _, job in ipairs(due) do
                redis.call('RPUSH', KEYS[2], job)
                bytes = bytes + #job
              end
              redis.call('ZREM', KEYS[1], unpack(due))
              moved = moved + #due
            end
            -- See `reap`.
            if moved > 0 then redis.pcall('HINCRBY', KEYS[3], 'promoted', moved) end
            return moved
            """
    )

    /// Takes letters off a list and, where they hold a job that goes back, puts it at the queue's tail.
    ///
    /// KEYS: list, queue, stats. ARGV: how much work it may do, in elements of the list that a search passes;
    /// then triples of the index at which the letter stood, the letter, and the job to push, empty where
    /// the letter is to be deleted. Returns how many letters were still there, and how many it came to: at
    /// least one; the caller goes on with the rest.
    ///
    /// A letter is looked for where it stood, and searched only where it isn't: what was taken away before it
    /// shifts those behind it alike. All are taken off by one `LREM` at the end, since each goes through the
    /// list; reaching an index takes about a tenth of that, as it passes whole nodes.
    static let takeOff = RedisScript(
        name: "take-off-2",
        body: """
            -- Redis undoes nothing: a letter must not go that can't be pushed.
            if ARGV[4] ~= '' then
              redis.call('LLEN', KEYS[2])
              redis.call('HLEN', KEYS[3])
            end
            local length, left = redis.call('LLEN', KEYS[1]), tonumber(ARGV[1])
            local shift, taken, pushed, seen, first, last = 0, 0, 0, 0, nil, nil
            local mark = 'taken off by growthctl'
            for index = 2, #ARGV, 3 do
              if seen > 0 and left <= 0 then break end
              local place, letter, job = ARGV[index] + shift, ARGV[index + 1], ARGV[index + 2]
              left = left - math.max(0, math.min(place, length - place)) / 5
              if place < 0 or redis.call('LINDEX', KEYS[1], place) ~= letter then
                place = redis.call('LPOS', KEYS[1], letter)
                left = left - (place or length)
                if place then shift = place - ARGV[index] end
              end
              if place then
                redis.call('LSET', KEYS[1], place, mark)
                if job ~= '' then
                  redis.call('RPUSH', KEYS[2], job)
                  pushed = pushed + 1
                end
                taken = taken + 1
                first, last = math.min(first or place, place), math.max(last or place, place)
              end
              seen = seen + 1
            end
            if taken > 0 then
              -- From the end that is nearer to all of them.
              redis.call('LREM', KEYS[1], length - first < last and -taken or taken, mark)
            end
            -- See `reap`.
            if pushed > 0 then redis.pcall('HINCRBY', KEYS[3], 'requeued', pushed) end
            return {taken, seen}
            """
    )

    /// Writes a worker's record and fetches what the worker is told to do.
    ///
    /// KEYS: workers, worker, signals. ARGV: id; seconds for which the record stands; names and values.
    /// Returns the signals, which are deleted.
    static let heartbeat = RedisScript(
        name: "heartbeat-1",
        body: """
            redis.call('SADD', KEYS[1], ARGV[1])
            redis.call('HSET', KEYS[2], unpack(ARGV, 3))
            redis.call('EXPIRE', KEYS[2], ARGV[2])
            local signals = redis.call('LRANGE', KEYS[3], 0, -1)
            redis.call('DEL', KEYS[3])
            return signals
            """
    )

    /// Tells a worker to do something.
    ///
    /// KEYS: signals. ARGV: signal; seconds for which it stands. Returns how many it has to hear.
    static let signal = RedisScript(
        name: "signal-1",
        body: """
            local count = redis.call('RPUSH', KEYS[1], ARGV[1])
            redis.call('EXPIRE', KEYS[1], ARGV[2])
            return count
            """
    )

    /// Pauses a queue.
    ///
    /// KEYS: paused. ARGV: who pauses it, when and why; then `NX` where the note of who did before stays.
    /// Returns that note; nothing when there was none.
    static let pause = RedisScript(
        name: "pause-3",
        body: "return redis.call('SET', KEYS[1], ARGV[1], 'GET', unpack(ARGV, 2))"
    )

    /// Puts lanes on the list of those that may own an in-flight list.
    ///
    /// KEYS: lanes. ARGV: lanes. Returns how many were not on it.
    static let registerLanes = RedisScript(
        name: "register-lanes-1",
        body: "return redis.call('SADD', KEYS[1], unpack(ARGV))"
    )
}
