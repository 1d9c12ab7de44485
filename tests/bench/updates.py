#!/usr/bin/env python3
"""Updates by the ten thousand on a bad line: one in twenty is lost, one comes twice, one comes out of order. In some fifty chats calls
are scheduled, start, end and change their titles, people join, mute themselves and leave, and others talk. At the end the
daemon knows every call that runs or is to come as the sandbox does, and that the others have ended.

usage: updates.py [UPDATES [seq]]     (SEQ: what has no pts is numbered; TGCALLD_BUILDDIR names the build; prints a table, exits 1 on a wrong view)"""
import collections
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ.setdefault("TGCALLD_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from remote import Remote  # noqa: E402
from lib import Daemon, check, expect, wait_for  # noqa: E402

GROUP, SUPERGROUP, FIRST = 5001, 6002, 7001
EVERY = 20  # of the updates of a session: one is lost, one doubled, one kept back
FAULTS = ("lost_update", "double_update", "reorder_update")
PEOPLE_MAX = 40
ALICE, BOB = "alice", "bob"


def private_kb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return int(next(line for line in f if line.startswith("RssAnon")).split()[1])


class Run:
    """A daemon that looks on, another that acts for the same user, a world of CHATS chats of one member, a basic group and a
    supergroup of two."""

    def __init__(self, updates, chats=50, seed=1, faults=FAULTS, seq=False):
        self.wanted, self.told, self.chats, self.faults, self.seq = updates, 0, chats, faults, seq
        self.chance = random.Random(seed)
        self.done = collections.Counter()
        self.memory = []
        self.calls = {}  # by chat: the id of the call that runs there, or is to
        self.scheduled = set()  # chats: it is to
        self.named = 0

    def whole(self):
        with Remote("[server]", "request_timeout = 60s", sandbox=("--chats", str(self.chats))) as r:
            self.d = r.daemon
            with Daemon(config=r.config) as actor:
                actor.control = r.ready["control"]
                self.actor = actor
                self.log_in()
                before = collections.Counter(self.d.counts())
                began = time.monotonic()
                self.drive()
                self.seconds = time.monotonic() - began
                self.settle()
                self.methods = collections.Counter(self.d.counts()) - before
        return self

    def log_in(self):
        self.d.sandbox("POST", "/opts", {"seq": self.seq})
        self.d.login(ALICE, "+15550001")
        self.d.login(BOB, "+15550002", password="correct horse")
        self.actor.login(ALICE, "+15550001")
        self.ids = [GROUP, SUPERGROUP] + [FIRST + i for i in range(self.chats)]
        # A channel's pts is known by the first word out of it, and only behind that does a loss show.
        for chat in self.ids:
            self.d.sandbox("POST", "/messages", {"chat": chat})

    @staticmethod
    def peer(chat):
        if chat >= FIRST:
            return "@sandbox_load_%d" % (chat - FIRST + 1)
        return {GROUP: "-5001", SUPERGROUP: "@sandbox_group"}[chat]

    # --- what happens ---

    def title(self):
        self.named += 1
        return "title %d" % self.named

    def start(self, chat, **members):
        a = expect(self.actor.create(self.peer(chat), title=self.title(), **members), 201)
        self.calls[chat] = a.json["call"]["id"]
        self.told += 1

    def schedule(self, chat):
        self.start(chat, schedule_date=int(time.time()) + 86400)
        self.scheduled.add(chat)

    def begin(self, chat):
        expect(self.actor.post("/v1/calls/%s/start" % self.calls[chat]), 200)
        self.scheduled.discard(chat)
        self.told += 1

    def end(self, chat):
        self.scheduled.discard(chat)
        expect(self.actor.request("DELETE", "/v1/calls/" + self.calls.pop(chat)), 200)
        self.told += 1

    def rename(self, chat):
        expect(self.actor.request("PATCH", "/v1/calls/" + self.calls[chat], {"title": self.title()}), 200)
        self.told += 1

    def crowd(self, chat, act, **order):
        answer = self.d.sandbox("POST", "/calls/%s/%s" % (self.calls[chat], act), order)
        self.told += answer["updates"]
        return answer

    def join(self, chat):
        if self.crowd(chat, "join", n=self.chance.randrange(1, 12))["participants_count"] > PEOPLE_MAX:
            self.crowd(chat, "leave", n=PEOPLE_MAX)

    def leave(self, chat):
        self.crowd(chat, "leave", n=self.chance.randrange(1, 8))

    def unmute(self, chat):
        self.crowd(chat, "unmute", n=self.chance.randrange(1, 8))

    def talk(self, chat):
        count = self.chance.randrange(1, 8)
        self.d.sandbox("POST", "/messages", {"chat": chat, "count": count})
        self.told += count

    def delete(self, chat):
        self.d.sandbox("POST", "/messages", {"chat": chat, "delete": 2})
        self.told += 1

    IN_CALL = [("join", 8), ("leave", 6), ("unmute", 4), ("rename", 2), ("end", 1), ("talk", 4), ("delete", 1)]
    BEFORE = [("begin", 4), ("rename", 3), ("end", 1), ("talk", 3)]
    WITHOUT = [("start", 5), ("schedule", 2), ("talk", 3), ("delete", 1)]

    def drive(self):
        for kind in self.faults:
            self.d.fault(type=kind, every=EVERY, count=0)
        part = max(1, self.wanted // 10)
        while self.told < self.wanted:
            if self.told >= part * len(self.memory):
                self.memory.append(private_kb(self.d.process.pid))
            chat = self.chance.choice(self.ids)
            acts = self.BEFORE if chat in self.scheduled else self.IN_CALL if chat in self.calls else self.WITHOUT
            act, = self.chance.choices([a for a, _ in acts], [n for _, n in acts])
            getattr(self, act)(chat)
            self.done[act] += 1
        self.memory.append(private_kb(self.d.process.pid))
        self.d.clear()

    # --- what is known at the end ---

    def truth(self, chats):
        return {c["id"]: ("discarded",) if c["state"] == "discarded" else
                (c["state"], c["title"], len(c["participants"]), c["version"])
                for c in self.d.sandbox_calls() if c["chat"] in chats}

    def view(self, account):
        view, cursor = {}, ""
        while True:
            page = expect(self.d.get("/v1/calls?account=%s%s" % (account, cursor)), 200).json
            view.update((c["id"], ("discarded",) if c["state"] == "discarded" else
                         (c["state"], c.get("title", ""), c["participants_count"], c["version"])) for c in page["calls"])
            if "next_cursor" not in page:
                return view
            cursor = "&cursor=" + page["next_cursor"]

    def wrong(self):
        """What is not as it should be, by account. A call that came and went while nothing was heard need not be known."""
        found = []
        for account, chats in ((ALICE, self.ids), (BOB, (GROUP, SUPERGROUP))):
            view, truth = self.view(account), self.truth(chats)
            found += ["%s: call %s: %r, and is %r" % (account, i, view.get(i), truth.get(i))
                      for i in sorted(view.keys() | truth.keys())
                      if view.get(i, ("discarded",)) != truth.get(i)]
        return found

    def settle(self):
        """One word more in each chat and call, which nothing happens to: it shows whoever missed some before."""
        for chat in self.ids:
            self.d.sandbox("POST", "/messages", {"chat": chat})
            if chat in self.scheduled:
                self.rename(chat)
            elif chat in self.calls:
                self.crowd(chat, "join", n=1)
        began = time.monotonic()
        try:
            wait_for("a true view", lambda: not self.wrong())
            self.settled_s = time.monotonic() - began
        except AssertionError as e:
            check(False, "%s\n%s" % (e, "\n".join(self.wrong())))


def main():
    run = Run(int(sys.argv[1]) if len(sys.argv) > 1 else 100000, seq="seq" in sys.argv)
    failure = None
    try:
        run.whole()
    except AssertionError as e:
        failure = e
    print("updates told each session  %d" % run.told)
    print("what happened              %s" % dict(run.done))
    print("private memory, kB         %s" % run.memory)
    if failure:
        print("wrong:\n%s" % str(failure)[:4000])
        sys.exit(1)
    asked = {m: n for m, n in run.methods.items() if "ifference" in m or m in ("updates.getState", "phone.getGroupCall",
                                                                              "channels.getFullChannel")}
    print("asked                      %s" % asked)
    print("seconds                    %.1f, %.0f updates/s" % (run.seconds, run.told / run.seconds))
    print("seconds until true         %.2f" % run.settled_s)


if __name__ == "__main__":
    main()
