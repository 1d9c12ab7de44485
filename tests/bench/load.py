"""Callers over HTTP, by wrk: so many connections, each of which asks again as soon as it has its answer."""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
# A thread of wrk for each caller, but not for a thousand of them.
THREADS_MAX = 64


def wrk(url, token, callers, seconds, **more):
    """How many requests in how many seconds, p50, p99 and the longest in microseconds, how many failed. MORE: chats, accounts,
    tokens, get, post, body, keys; see load.lua."""
    threads = min(callers, THREADS_MAX)
    env = {"LOAD_" + name.upper(): str(value) for name, value in {"threads": threads, "chats": callers, **more}.items()}
    done = subprocess.run(["wrk", "-t%d" % threads, "-c%d" % callers, "-d%gs" % seconds, "--timeout", "30s", "-s",
                           HERE + "/load.lua", url, "--", token], stdout=subprocess.PIPE, check=True, text=True,
                          env={**os.environ, **env})
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    return json.loads(found[0].removeprefix("RESULT "))
