-- For wrk: the callers' chats are @sandbox_load_1 and on, divided among the threads, whose callers go round theirs.
-- wrk ... -- TOKEN
-- LOAD_THREADS: how many wrk has. LOAD_CHATS: how many chats; as many as threads where nothing is said. LOAD_ACCOUNTS: the callers
-- go round so many accounts, a000 and on, each with a chat of its own; without it no account is named. LOAD_TOKENS: a file of
-- tokens, one a line, of which each request uses another. LOAD_GET: this path is read instead of calls
-- created. LOAD_POST: LOAD_BODY is posted to this path instead. LOAD_KEYS: each request has an Idempotency-Key of its own that begins
-- so.
local threads = 0
local accounts = tonumber(os.getenv("LOAD_ACCOUNTS") or 0)
local all = tonumber(os.getenv("LOAD_THREADS") or 64)
local chats = math.max(accounts, tonumber(os.getenv("LOAD_CHATS") or all))
local keys, sent = os.getenv("LOAD_KEYS"), 0
local whole, turn = {}, 0 -- the requests, one for each chat of this thread, or for each of its tokens where these are more

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

local function tokens_of(file)
    local tokens, n = {}, 0
    for line in io.lines(file) do
        if n % all == number - 1 then
            tokens[#tokens + 1] = line
        end
        n = n + 1
    end
    return tokens
end

local function create(n)
    local account = accounts > 0 and string.format('"account": "a%03d", ', n % accounts) or ""
    return wrk.format("POST", "/v1/calls", nil,
        string.format('{%s"peer": "@sandbox_load_%d", "title": "bench", "if_exists": "replace"}', account, n + 1))
end

function init(args)
    local file, get, post = os.getenv("LOAD_TOKENS"), os.getenv("LOAD_GET"), os.getenv("LOAD_POST")
    local tokens = file and tokens_of(file) or {args[1]}
    local mine = math.max(1, math.ceil((chats - number + 1) / all))
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Idempotency-Key"] = keys and "@"
    for i = 0, math.max(mine, #tokens) - 1 do
        wrk.headers["Authorization"] = "Bearer " .. tokens[i % #tokens + 1]
        whole[i + 1] = get and wrk.format("GET", get) or post and wrk.format("POST", post, nil, os.getenv("LOAD_BODY"))
            or create(number - 1 + i % mine * all)
    end
end

function request()
    turn = turn % #whole + 1
    if not keys then
        return whole[turn]
    end
    sent = sent + 1
    local key = string.format("%s-%d-%d", keys, number, sent)
    return (string.gsub(whole[turn], "Idempotency%-Key: @", "Idempotency-Key: " .. key, 1))
end

function done(summary, latency, requests)
    local e = summary.errors
    print(string.format('RESULT {"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "max_us": %d, "failed": %d, "bytes": %d}',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
        e.connect + e.read + e.write + e.status + e.timeout, summary.bytes))
end
