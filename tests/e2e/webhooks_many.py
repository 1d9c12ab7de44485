"""Many webhooks at once, good receivers and bad ones, by a daemon that is killed again and again: each event comes to each that
takes it, in order, and twice by the same id alone; who is bad holds up nobody.

usage: webhooks_many.py [EVENTS [KILLS]]     (a few by default)"""
import json
import os
import random
import subprocess
import sys

from events import new_call, rename
from lib import BUILD, equal, expect, run, running, start_other, wait_for
from remote import Remote
from webhooks_lasting import killed
from webhooks_sent import log, newest

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 600
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 4
FAST = ["fast-%d" % i for i in range(14)]
SLOW = ["slow-1"]
BAD = ["fail-1", "hang-1", "move-1", "lies-1", "gone-1"]


class Receivers:
    """tests/bench/receivers."""

    def __init__(self, names):
        self.process = start_other(os.path.join(BUILD, "tests", "bench", "receivers"), *names, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        self.n = len(names)
        self.port = int(self.process.stdout.readline())

    def told(self):
        """By name: {"ids", "again", "astray"} so far."""
        self.process.stdin.write(b"tell\n")
        self.process.stdin.flush()
        rows = (json.loads(self.process.stdout.readline()) for _ in range(self.n))
        return {row.pop("name"): row for row in rows}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        running.discard(self.process)


def chat_of(d):
    """One that its account reads messages of."""
    return d.sandbox("GET", "/state")["chats"][0]["id"]


def heard(d, after, text):
    """A condition: whether an event behind AFTER has that TEXT in it."""
    at = [after]

    def look():
        page = log(d, at[0])
        at[0] = page[-1]["id"] if page else at[0]
        return any(text in json.dumps(e["data"]) for e in page)
    return look


def states(d):
    return {h["name"]: h for h in expect(d.get("/v1/webhooks"), 200).json["webhooks"]}


def when_done(d, names):
    """Their states, once each has all: however long that takes, as long as there is less to do than before."""
    def fewer(than):
        now = states(d)
        left = sum(now[n]["pending"] for n in names)
        return left < than and (now, left)

    now, left = None, float("inf")
    while left:
        now, left = wait_for("one more of them", lambda than=left: fewer(than))
    return now


def test_each_event_comes_to_each_over_kills():
    rng, chunk = random.Random(7), EVENTS // (KILLS + 1)
    with Remote() as remote, Receivers(FAST + SLOW + BAD) as r:
        d = remote.daemon
        d.login("sandbox", "+15550001")
        for name in FAST + SLOW + BAD:
            expect(d.post("/v1/webhooks", {"name": name, "url": "http://127.0.0.1:%d/%s" % (r.port, name)}), 201)
        after, chat = newest(d), chat_of(d)
        for _ in range(KILLS):
            n, more = len(r.told()[FAST[0]]["ids"]), rng.randrange(1, chunk // 2)
            d.sandbox("POST", "/messages", {"chat": chat, "count": chunk, "text": "many"})
            # Somewhere in what is under way.
            wait_for("some of them", lambda n=n, more=more: len(r.told()[FAST[0]]["ids"]) >= n + more)
            d = killed(remote)
        d.sandbox("POST", "/messages", {"chat": chat, "count": chunk, "text": "many"})
        # Of messages that were missed Telegram may only say that they are too many; what the daemon does itself it hears.
        rename(d, new_call(d), "the last of many")
        wait_for("the last of them", heard(d, after, "the last of many"))
        now = when_done(d, FAST + SLOW)
        told = r.told()
        events = [e["id"] for e in log(d, after) if e["event"] != "gap" and e["id"] <= max(told[FAST[0]]["ids"])]
        for name in FAST + SLOW:
            equal((name, sorted(set(events) - set(told[name]["ids"]))), (name, []))
        for name in FAST + SLOW + BAD:
            equal((name, told[name]["astray"]), (name, 0))
        equal(now["gone-1"]["state"], "disabled")
        print("# %d events to %d webhooks, %d kills, %d came again" % (len(events), len(FAST + SLOW), KILLS,
                                                                        sum(told[n]["again"] for n in FAST + SLOW)))


if __name__ == "__main__":
    run(globals())
