extension RedisScript {
    /// Moves retries to the queue's tail before they are due.
    ///
    /// KEYS: retry, queue, stats. ARGV: the members. Returns how many were still there.
    static let retryNow = RedisScript(
        name: "retry-now-3",
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
            -- The jobs are moved by now, whether or not this can be counted.
            if moved > 0 then redis.pcall('HINCRBY', KEYS[3], 'promoted', moved) end
            return moved
            """
    )

    /// Reads a part of a list or a sorted set, up to a number of bytes.
    ///
    /// KEYS: list or sorted set. ARGV: `head` or `tail` for a list, from which end its elements are counted,
    /// `score` for a sorted set, whose highest score comes first; elements to pass over; most elements; bytes
    /// after which it ends.
    ///
    /// Returns how many elements there are in all, and then those that were read: at least one, where there
    /// is one. Their sizes are known in Redis only, so that their bytes do pass through Lua here: ever more
    /// at a time, as long as those so far let expect that they fit. Each part of a list costs a walk from
    /// its nearer end, so that few are better than many; but one that is wide may hold larger elements than
    /// those before it.
    static let page = RedisScript(
        name: "page-2",
        body: """
            local way, first, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
            local limit, bytes, width = tonumber(ARGV[4]), 0, 1
            local found = {redis.call(way == 'score' and 'ZCARD' or 'LLEN', KEYS[1])}
            local function read(from, to)
              if way == 'head' then return redis.call('LRANGE', KEYS[1], from, to) end
              if way == 'score' then return redis.call('ZRANGE', KEYS[1], from, to, 'REV') end
              local part, turned = redis.call('LRANGE', KEYS[1], -1 - to, -1 - from), {}
              for place = #part, 1, -1 do turned[#turned + 1] = part[place] end
              return turned
            end
            while #found <= most do
              local count = math.min(width, most - #found + 1)
              local part = read(first + #found - 1, first + #found - 2 + count)
              for _, job in ipairs(part) do
                bytes = bytes + #job
                if bytes > limit and #found > 1 then return found end
                found[#found + 1] = job
              end
              if #part < count then break end
              local fitting = math.floor((limit - bytes) * (#found - 1) / math.max(1, bytes))
              width = math.max(1, math.min(32, width * 2, fitting))
            end
            return found
            """
    )

    /// Replaces elements of a list where they stand.
    ///
    /// KEYS: list. ARGV: triples of how many elements there were between the element and the tail, the
    /// element, and what stands in its place. Returns how many were still there.
    ///
    /// What was pushed or taken away meanwhile shifts all that lies before it alike, so that one search finds
    /// the rest too. A search that finds nothing went over the whole list: after eight of them, what is not
    /// in its place is left for the caller to read again.
    static let rewriteList = RedisScript(
        name: "rewrite-list-2",
        body: """
            local length, shift, vain, changed = redis.call('LLEN', KEYS[1]), 0, 0, 0
            for index = 1, #ARGV, 3 do
              local old, offset = ARGV[index + 1], tonumber(ARGV[index])
              local place = shift - 1 - offset
              if redis.call('LINDEX', KEYS[1], place) ~= old then
                local found = vain < 8 and redis.call('LPOS', KEYS[1], old, 'RANK', -1)
                place = found and found - length
                if found then shift = place + 1 + offset else vain = vain + 1 end
              end
              if place then
                redis.call('LSET', KEYS[1], place, ARGV[index + 2])
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

    /// Reads a part of a sorted set with its scores, the lowest first, up to a number of bytes.
    ///
    /// KEYS: sorted set. ARGV: members to pass over; most members; bytes after which it ends. Returns members
    /// and scores in turn: at least one, where there is one. As ``page``, it reads ever more at a time.
    static let duePage = RedisScript(
        name: "due-page-1",
        body: """
            local first, most, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
            local found, count, bytes, width = {}, 0, 0, 1
            while count < most do
              local asked, from = math.min(width, most - count), first + count
              local part = redis.call('ZRANGE', KEYS[1], from, from + asked - 1, 'WITHSCORES')
              for index = 1, #part, 2 do
                bytes = bytes + #part[index]
                if bytes > limit and count > 0 then return found end
                found[#found + 1], found[#found + 2] = part[index], part[index + 1]
                count = count + 1
              end
              if #part < 2 * asked then break end
              local fitting = math.floor((limit - bytes) * count / math.max(1, bytes))
              width = math.max(1, math.min(32, width * 2, fitting))
            end
            return found
            """
    )
}
