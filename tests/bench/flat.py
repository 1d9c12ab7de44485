#!/usr/bin/env python3
"""What must not grow with what is idle: the daemon's CPU a call at 64 callers beside more and more accounts that are not logged
in, calls that live in other chats, and chats that are known; and what more workers bring for accounts that are all busy. Each
table is one run: read its ratios.

usage: flat.py [--seconds N] [--only accounts,calls,chats,workers]      (TGCALLD_BUILDDIR names the build; needs wrk)"""
import argparse
import collections
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ.setdefault("TGCALLD_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from faults import Remote  # noqa: E402
from lib import at_once, control, expect  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
MANY = 64
ROUNDS = 3


def cpu_s(pid):
    with open("/proc/%d/stat" % pid) as f:
        stat = f.read().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / TICKS


def load(d, seconds, accounts=0):
    """Calls a second and CPU us a call; the median of a few rounds by CPU."""
    rounds = []
    for number in range(ROUNDS + 1):
        before = cpu_s(d.process.pid)
        done = subprocess.run(["wrk", "-t%d" % MANY, "-c%d" % MANY, "-d%ds" % (seconds if number else 1), "--timeout", "10s", "-s",
                               HERE + "/load.lua", "http://%s:%s" % (d.host, d.port), "--", d.token],
                              stdout=subprocess.PIPE, check=True, text=True, env={**os.environ, "LOAD_ACCOUNTS": str(accounts)})
        used = cpu_s(d.process.pid) - before
        got = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT ")).removeprefix("RESULT "))
        if got["failed"] or not got["requests"]:
            sys.exit("%d of %d requests failed" % (got["failed"], got["requests"]))
        if number:
            rounds.append((used / got["requests"] * 1e6, got["requests"] / got["seconds"]))
    cpu, rate = sorted(rounds)[ROUNDS // 2]
    return rate, cpu


def table(what, rows):
    print("| %-32s | calls/s | CPU us a call | ratio |" % what)
    print("|" + "-" * 34 + "|--------:|--------------:|------:|")
    for name, (rate, cpu) in rows:
        print("| %-32s | %7.0f | %13.1f | %5.2f |" % (name, rate, cpu, cpu / rows[0][1][1]))
    print(flush=True)


def remote(*server, chats=MANY):
    return Remote("[server]", *server, "queue_size = 4096", sandbox=("--chats", str(chats)))


# A sandbox of its own for each row: one refuses more than 100000 calls in its life.
def accounts(seconds):
    rows = []
    for idle in (0, 1000, 10000):
        with remote() as r:
            d = r.daemon
            d.login("main", "+15550001")
            at_once(16, lambda i: [expect(d.post("/v1/accounts", {"name": "idle%d" % n}), 201) for n in range(i, idle, 16)])
            rows.append(("%d idle accounts" % idle, load(d, seconds)))
    table("1 ready account, and", rows)


def calls(seconds):
    """One account remembers some 2000 calls: others of the same user, who are told of nothing, have made the rest."""
    rows, each = [], 1900
    for living in (0, 1900, 10000):
        with remote(chats=MANY + living) as r:
            d = r.daemon
            control(r.ready["control"], "POST", "/opts", {"volunteer": False})
            makers = ["a000"] + ["b%d" % n for n in range(1, -(-living // each))]
            for name in makers:
                d.login(name, "+15550001")
            at_once(16, lambda i: [expect(d.create("@sandbox_load_%d" % (MANY + n + 1), account=makers[n // each]), 201)
                                   for n in range(i, living, 16)])
            rows.append(("%d living calls" % living, load(d, seconds, 1)))
    table("in other chats", rows)


def chats(seconds):
    rows = []
    for known in (0, 1000, 10000):
        with remote(chats=MANY + known) as r:
            d = r.daemon
            d.login("main", "+15550001")
            at_once(16, lambda i: [expect(d.get("/v1/peers/@sandbox_load_%d" % (MANY + n + 1)), 200) for n in range(i, known, 16)])
            rows.append(("%d other chats" % known, load(d, seconds)))
    table("known beside those of the load", rows)


def loops(pid, address):
    """For each of the daemon's connections to ADDRESS: the epoll sets that watch it."""
    port, sockets, sets = int(address.rpartition(":")[2]), set(), {}
    with open("/proc/net/tcp") as f:
        for line in f.readlines()[1:]:
            word = line.split()
            if int(word[2].rpartition(":")[2], 16) == port:
                sockets.add("socket:[%s]" % word[9])
    fds = {fd: os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)}
    for fd, what in fds.items():
        if what == "anon_inode:[eventpoll]":
            with open("/proc/%d/fdinfo/%s" % (pid, fd)) as f:
                watched = [line.split()[1] for line in f if line.startswith("tfd:")]
            for number in watched:
                if fds.get(number) in sockets:
                    sets.setdefault(number, []).append(fd)
    return sets


def workers(seconds):
    rows, spread = [], []
    for count in (1, 2, 4):
        with remote("workers = %d" % count, chats=200) as r:
            d = r.daemon
            # All of them are one user's: told of every call of every other, they would do nothing else.
            control(r.ready["control"], "POST", "/opts", {"volunteer": False})
            at_once(16, lambda i: [d.login("a%03d" % n, "+15550001") for n in range(i, 200, 16)])
            rows.append(("workers = %d" % count, load(d, seconds, 200)))
            sets = loops(d.process.pid, r.ready["dc1"])
            each = collections.Counter(fd for of in sets.values() for fd in of)
            spread.append("workers = %d: %d connections, %s; %d on more than one loop" % (
                count, len(sets), " + ".join(str(n) for _, n in sorted(each.items())), sum(len(of) > 1 for of in sets.values())))
    table("200 ready accounts", rows)
    print("\n".join(spread), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", default="accounts,calls,chats,workers")
    args = parser.parse_args()
    print("%d processors; the sandbox and wrk share them\n" % os.cpu_count())
    for name in args.only.split(","):
        {"accounts": accounts, "calls": calls, "chats": chats, "workers": workers}[name](args.seconds)


main()
