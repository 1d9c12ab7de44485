#!/usr/bin/env python3
"""What must not grow with what is idle, or with what is large: the daemon's CPU a call at 64 callers beside more and more accounts
that are not logged in, calls that live in other chats, chats that are known, and tokens; with ever more connections; what more
workers bring for accounts that are all busy; and how long small requests wait beside large answers. Each table is one run, and the
rounds of its rows take turns: read its ratios."""
import argparse
import os
import shutil
import signal
import sys
import tempfile

import machine
from flat_large import large
from flat_loops import workers
from flat_rows import accounts, calls, chats, connections, tokens
from processes import TGCALLD, say, stop_all, stores_answers
from report import print_table

ROUNDS = 3


def cost(rows):
    first = rows[0].result(rows[0].levels[0])["cpu_us"]
    print_table(["64 callers beside" if rows[0].levels == rows[-1].levels else "", "calls/s", "p50 us", "p99 us", "CPU us a call",
                 "ratio", "system calls", "private KB"], [
        [row.name, *("%.0f" % r[key] for key in ("rate", "p50_us", "p99_us")), "%.1f" % r["cpu_us"], "%.2f" % (r["cpu_us"] / first),
         "not counted" if r["system_calls"] is None else "%.1f" % r["system_calls"], row.beside["anon_kb"]]
        for row in rows for r in [row.result(row.levels[0])]])


def spread(rows):
    cost(rows)
    print("\n" + "\n".join(row.spread() for row in rows))


def waits(rows):
    print_table(["small requests beside", "large/s", "KB each", "small/s", "p50 us", "p99 us", "longest us"],
                [row.shown() for row in rows])


# What makes the rows, what shows them, whether all is on one processor.
TABLES = {"accounts": (accounts, cost, True), "calls": (calls, cost, True), "chats": (chats, cost, True), "tokens": (tokens, cost, True),
          "connections": (connections, cost, True), "workers": (workers, spread, False), "large": (large, waits, True)}


def table(name, bench):
    make, show, pinned = TABLES[name]
    if pinned and not bench.spread:
        machine.pin()
    else:
        machine.unpin()
    rows = make(bench)
    for row in rows:
        say(row.name + " …")
        row.start()
    for row in rows:
        row.warm_up(row.levels[0])
    for _ in range(ROUNDS):
        for row in rows:
            row.measure(row.levels[0], bench.seconds)
    if show != waits:
        for row in rows:
            row.count(row.levels[0], 1)
    show(rows)
    print(flush=True)
    for row in rows:
        row.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog="TGCALLD_BUILDDIR names the build, TGCALLD_SANDBOX another program"
                                     " for the sandbox; needs wrk.")
    parser.add_argument("--seconds", type=float, default=2, help="how long a round takes")
    parser.add_argument("--only", default=",".join(TABLES), help="of " + ",".join(TABLES))
    parser.add_argument("--spread", action="store_true", help="on all processors instead of one, which only workers has by itself")
    parser.add_argument("--true-answers", action="store_true", help="from a sandbox that works for each of its answers")
    args = parser.parse_args()
    args.stored = not args.true_answers and stores_answers()
    args.program, args.work = TGCALLD, tempfile.mkdtemp(prefix="tgcalld-flat-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print("%d processors; the sandbox, which %s, and wrk share them\n" % (
        os.cpu_count(), "stores its answers" if args.stored else "works for each answer"))
    try:
        for name in args.only.split(","):
            table(name, args)
    finally:
        stop_all()
        shutil.rmtree(args.work, ignore_errors=True)


main()
