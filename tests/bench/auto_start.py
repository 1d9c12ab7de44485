#!/usr/bin/env python3
"""How late scheduled calls start that are to start by themselves: all of them at one date, with the daemon there, and by a
daemon that comes after the date. Times are those at which the data centre was asked, by its own clock, which is this machine's.

usage: auto_start.py [CALLS]     (50; TGCALLD_BUILDDIR names the build; prints a table)"""
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ.setdefault("TGCALLD_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from remote import Remote  # noqa: E402
from restart import kill, start  # noqa: E402
from lib import at_once, check, control, equal, expect, wait_for  # noqa: E402

CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
START = "phone.startScheduledGroupCall"
AHEAD_S = 15  # the least is ten, and they are to be made before
MAKERS = 8


def schedule(r):
    """All of them, for one date."""
    date = int(time.time()) + AHEAD_S
    made = at_once(MAKERS, lambda i: [expect(r.daemon.create("@sandbox_load_%d" % n, schedule_date=date, auto_start=True), 201)
                                      for n in range(1 + i, CALLS + 1, MAKERS)])
    equal(sum(map(len, made)), CALLS)
    check(time.time() < date - 1, "they were not made in time")
    return date


class Starts:
    """When the data centre was asked to start each; what it keeps of its log is less than all."""

    def __init__(self, r):
        self.control, self.at, self.seen = r.ready["control"], [], 0
        self.look()
        self.at = []

    def look(self):
        log = control(self.control, "GET", "/log?since=%d" % self.seen)
        self.seen = log["next"]
        self.at += [e["at_us"] / 1e6 for e in log["events"] if e.get("method") == START]
        return len(self.at) >= CALLS


def row(what, late):
    print("%-44s %7.0f %7.0f %7.0f" % (what, *(1000 * f(late) for f in (min, statistics.median, max))), flush=True)


def main():
    print("%d calls, ms%27s %7s %7s %7s" % (CALLS, "", "min", "median", "max"))
    with Remote(sandbox=("--chats", str(CALLS))) as r:
        r.daemon.login("alice", "+15550001")
        starts = Starts(r)
        date = schedule(r)
        wait_for("the starts", starts.look)
        row("after the date, the daemon there", [at - date for at in starts.at])
    with Remote(sandbox=("--chats", str(CALLS))) as r:
        r.daemon.login("alice", "+15550001")
        starts = Starts(r)
        date = schedule(r)
        state = kill(r)
        time.sleep(max(0, date + 1 - time.time()))
        began = time.time()
        start(r, state)
        ready = time.time()
        wait_for("the starts", starts.look)
        row("killed before the date: after the next's begin", [at - began for at in starts.at])
        row("the same, after it was ready", [max(0, at - ready) for at in starts.at])


if __name__ == "__main__":
    main()
