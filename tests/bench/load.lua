-- For wrk: each thread has one connection and one chat of its own, @sandbox_load_N. wrk ... -- TOKEN
-- LOAD_PAUSE_MS: how long each waits between two calls, on average. LOAD_ACCOUNTS: the callers go round so many accounts, a000 and
-- on, each with a chat of its own; without it no account is named.
local threads = 0
local accounts = tonumber(os.getenv("LOAD_ACCOUNTS") or 0)
local pause = tonumber(os.getenv("LOAD_PAUSE_MS") or 0)
local whole, turn = {}, 0 -- the requests, one for each account of this caller

-- wrk looks once for this function.
if pause > 0 then
    function delay()
        return math.random(0, 2 * pause)
    end
end

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init(args)
    wrk.method = "POST"
    wrk.path = "/v1/calls"
    wrk.headers["Authorization"] = "Bearer " .. args[1]
    wrk.headers["Content-Type"] = "application/json"
    for n = number - 1, math.max(accounts, number) - 1, 64 do
        local account = accounts > 0 and string.format('"account": "a%03d", ', n % accounts) or ""
        wrk.body = string.format('{%s"peer": "@sandbox_load_%d", "title": "bench", "if_exists": "replace"}', account, n + 1)
        whole[#whole + 1] = wrk.format()
    end
end

function request()
    turn = turn % #whole + 1
    return whole[turn]
end

function done(summary, latency, requests)
    local e = summary.errors
    print(string.format('RESULT {"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "failed": %d}', summary.requests,
        summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.status + e.timeout))
end
