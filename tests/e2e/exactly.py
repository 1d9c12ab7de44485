"""Creates under keys on the worst of days: the daemon is killed, connections are dropped before and after the create runs, answers
come late or never. Each is repeated until it is answered, and in the end there is one call for each.

usage: exactly.py [CREATES]     (a few by default)"""
import collections
import contextlib
import random
import sys
import threading
import time
import uuid

from lib import check, control, equal, run, sanitized, wait_for
from remote import Remote
from restart import is_on, kill, start

CREATES = int(sys.argv[1]) if len(sys.argv) > 1 else 24
CLIENTS = 6
PATIENCE_S = 4 if sanitized() else 1
FAULTS = ({"type": "drop_before"}, {"type": "drop_after"}, {"type": "no_answer"}, {"type": "delay", "ms": 1500 * PATIENCE_S})


class Day:
    """What befalls the daemon while clients ask. `said` counts what they were told."""

    def __init__(self, r):
        self.r, self.rng, self.said = r, random.Random(11), collections.Counter()
        self.lock, self.left, self.answered = threading.Lock(), list(range(CREATES)), {}
        self.failed, self.ended, self.piled = [], threading.Event(), 0

    # --- a client ---

    def next_title(self):
        with self.lock:
            return "c%d" % self.left.pop(0) if self.left else None

    def ask(self, chat, title, key):
        """None: nobody answered."""
        try:
            return self.r.daemon.request("POST", "/v1/calls", {"peer": chat, "title": title, "if_exists": "replace"},
                                         {"Idempotency-Key": key}, timeout=20 * PATIENCE_S)
        except (OSError, EOFError, ValueError, AttributeError) as e:
            del e
        except Exception as e:  # an answer that was cut short by a kill
            if type(e).__module__ != "http.client":
                raise
        return None

    def create(self, chat, title):
        key = str(uuid.uuid4())
        while not self.ended.is_set():
            a = self.ask(chat, title, key)
            with self.lock:
                self.said[a.status if a else "no answer"] += 1
                self.said["replayed"] += bool(a and a.headers.get("idempotency-replayed"))
            if a and a.status == 201:
                self.answered[title] = a.json["call"]["id"]
                return
            check(not a or a.status in (409, 502, 503, 504), a)
            time.sleep(0.02)

    def client(self, n):
        try:
            while (title := self.next_title()) is not None:
                self.create("@sandbox_load_%d" % (n + 1), title)
        except BaseException as e:
            self.failed.append(repr(e))

    # --- the day ---

    def strike(self):
        if self.rng.random() < 0.2:
            start(self.r, kill(self.r))
            wait_for("alice", lambda: is_on(self.r.daemon, "alice"))
            self.said["kill"] += 1
            return
        # On a slow machine an answer may have met none of them: half of what the sandbox takes is enough.
        if self.piled >= 32:
            self.piled -= 1
            return
        fault = self.rng.choice(FAULTS)
        told = control(self.r.ready["control"], "POST", "/fault", {"method": "phone.createGroupCall", **fault})
        self.piled = len(told["faults"])
        self.said[fault["type"]] += 1

    def run(self):
        clients = [threading.Thread(target=self.client, args=(n,)) for n in range(CLIENTS)]
        for c in clients:
            c.start()
        while any(c.is_alive() for c in clients) and not self.failed:
            seen = sum(self.said[status] for status in (201, 502, 504))
            self.strike()
            # What struck nobody yet is not piled up.
            wait_for("an answer", lambda: sum(self.said[status] for status in (201, 502, 504)) > seen or self.failed or
                     not any(c.is_alive() for c in clients))
            time.sleep(self.rng.random() * 0.1)
        self.ended.set()
        for c in clients:
            c.join()
        with contextlib.suppress(AssertionError):
            control(self.r.ready["control"], "POST", "/clear", {})
        equal(self.failed, [])


def test_each_create_is_made_once_whatever_befalls_the_daemon():
    with Remote("flood_wait_max = 1 s", "[server]", "request_timeout = %d s" % PATIENCE_S,
                sandbox=("--chats", str(CLIENTS))) as r:
        r.daemon.login("alice", "+15550001")
        day = Day(r)
        day.run()
        made = collections.Counter(c["title"] for c in r.daemon.sandbox_calls() if c.get("title"))
        ids = {c["title"]: c["id"] for c in r.daemon.sandbox_calls() if c.get("title")}
        duplicated = [t for t, n in made.items() if n > 1]
        lost = [t for t in day.answered if not made[t]]
        print("# %d asked, %d answered, %d created, %d duplicated, %d lost"
              % (CREATES, len(day.answered), len(made), len(duplicated), len(lost)))
        print("# " + ", ".join("%s: %d" % (what, n) for what, n in day.said.most_common()), flush=True)
        equal((len(day.answered), duplicated, lost), (CREATES, [], []))
        equal(day.answered, ids)


if __name__ == "__main__":
    run(globals())
