"""A daemon for hours: updates that are lost, doubled and out of order, readers that come and go, creates under keys, as jobs and
for a date, logins and logouts, tokens, connections that drop. At the end it knows what is so, each intent was one call, nobody
missed an event, and nothing has grown.

usage: soak.py [MINUTES]     (a few seconds by default; 120 for the whole; a line a minute, separated by tabs)"""
import collections
import os
import sys
import threading
import time
import uuid

from followers import Deaf, Fickle, Poller, Revoked, Steady, Told
from lib import Daemon, check, equal, expect, run, wait_for
from remote import Remote

sys.path.insert(0, os.path.join(os.environ["TGCALLD_SRCDIR"], "tests", "bench"))
from machine import cpu_s  # noqa: E402
from updates import ALICE, FAULTS, FIRST, Run  # noqa: E402
from vitals import Vitals, descriptors  # noqa: E402

SECONDS = float(sys.argv[1]) * 60 if len(sys.argv) > 1 else 20
LONG = SECONDS >= 600
PACE = 1 if LONG else 0.1  # of the steps below
KEEP = 2000
EVERY = 20  # of the updates of a session: one is lost, one doubled, one kept back
ACTED, PLAIN, KEYED, JOBS, DATED = 40, 4, 2, 2, 6  # chats
AHEAD_S = 15  # Telegram takes a date from ten seconds on; a machine that does much else may dawdle
# Calls that have ended are kept up to LIMIT_CALLS: nothing is flat before.
FILL = 2100 if LONG else 50
CAROL = "carol"
DROPS, TOO_LONG = ("drop_after", "drop_before"), ("too_long_update", "channel_too_long_update")


class Soak(Run):
    """Others act by the steps of tests/bench/updates.py; the rest is asked of the daemon itself, in chats of its own."""

    def __init__(self):
        own = PLAIN + KEYED + JOBS + DATED
        super().__init__(0, chats=ACTED + own)
        self.own = [FIRST + ACTED + i for i in range(own)]
        self.asked, self.jobs, self.dated = {}, {}, {}  # title → id or None, title → job, chat → (id, date)
        self.intents, self.strikes, self.logins = 0, 0, 0
        self.events = Told((CAROL,), KEEP // 2)
        self.failed = []

    # --- what is asked of the daemon ---

    def chat(self, kind):
        first = {"plain": 0, "keyed": PLAIN, "job": PLAIN + KEYED, "dated": PLAIN + KEYED + JOBS}[kind]
        n = {"plain": PLAIN, "keyed": KEYED, "job": JOBS, "dated": DATED}[kind]
        return self.own[first + self.chance.randrange(n)]

    def ask(self, kind, headers=None, status=201, chat=None, **more):
        title = "intent %d" % len(self.asked)
        self.asked[title] = None
        body = {"account": ALICE, "peer": self.peer(chat or self.chat(kind)), "title": title, "if_exists": "replace", **more}
        a = expect(self.d.request("POST", "/v1/calls", body, headers or {}), status)
        if status == 201:
            equal(a.json["call"]["title"], title)
            self.asked[title] = a.json["call"]["id"]
        return title, body, a

    def plain(self):
        _, _, a = self.ask("plain")
        if self.chance.randrange(3) == 0:
            expect(self.d.request("DELETE", "/v1/calls/%s?account=%s" % (a.json["call"]["id"], ALICE)), 200)

    def keyed(self):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        self.intents += 1
        _, body, a = self.ask("keyed", headers)
        if self.chance.randrange(2):
            again = expect(self.d.request("POST", "/v1/calls", body, headers), 201)
            equal((again.headers.get("idempotency-replayed"), again.json), ("true", a.json))

    def job(self):
        self.intents += 1
        title, _, a = self.ask("job", {"Prefer": "respond-async"}, 202)
        self.jobs[title] = a.json["id"]
        for title, job in list(self.jobs.items()):
            self.end_job(title, job)

    def end_job(self, title, job):
        j = expect(self.d.get("/v1/jobs/" + job), 200).json
        check(j["state"] != "failed", j)
        if j["state"] == "done":
            equal(j["status"], 201)
            self.asked[title] = j["answer"]["call"]["id"]
            del self.jobs[title]
        return j["state"] == "done"

    def for_a_date(self):
        """A chat whose call has started gets the next."""
        chat = self.chat("dated")
        if self.ends - time.monotonic() < AHEAD_S or (chat in self.dated and not self.has_started(chat)):
            return
        date = int(time.time()) + AHEAD_S
        _, _, a = self.ask("dated", chat=chat, schedule_date=date, auto_start=True)
        self.dated[chat] = (a.json["call"]["id"], date)

    def has_started(self, chat):
        call, date = self.dated[chat]
        if time.time() < date:
            return False
        a = expect(self.d.get("/v1/calls?account=%s&state=active&peer=%s" % (ALICE, self.peer(chat))), 200)
        return any(c["id"] == call for c in a.json["calls"])

    def strike(self):
        """The connection is lost in the midst of a create, and an update says that too much has happened."""
        self.d.fault(type=DROPS[self.strikes % 2], method="phone.createGroupCall")
        self.keyed()
        self.d.fault(type=TOO_LONG[self.strikes // 2 % 2])
        self.strikes += 1

    def log_in_and_out(self):
        """Another account, which is forgotten every third time."""
        while not self.over.wait(60 * PACE):
            try:
                if self.logins % 3 == 0:
                    expect(self.d.post("/v1/accounts", {"name": CAROL}), 201)
                expect(self.d.post("/v1/accounts/%s/login" % CAROL, {"phone": "+15550003"}), 200, state="wait_code")
                expect(self.d.post("/v1/accounts/%s/login/code" % CAROL, {"code": "12345"}), 200, state="ready")
                self.over.wait(10 * PACE)
                expect(self.d.post("/v1/accounts/%s/logout" % CAROL), 200, state="logged_out")
                self.logins += 1
                if self.logins % 3 == 0:
                    self.forget_carol()
            except BaseException as e:
                self.failed.append("login %d: %r" % (self.logins, e))
                return
        if self.logins % 3:
            self.forget_carol()

    def newest(self):
        return expect(self.d.get("/v1/events?wait=0"), 200).json["next"]

    def forget_carol(self):
        self.events.before_forgotten = self.newest()
        expect(self.d.request("DELETE", "/v1/accounts/" + CAROL), 200)

    # --- for how long ---

    def act(self):
        chat = self.chance.choice(self.ids)
        acts = self.BEFORE if chat in self.scheduled else self.IN_CALL if chat in self.calls else self.WITHOUT
        act, = self.chance.choices([a for a, _ in acts], [n for _, n in acts])
        getattr(self, act)(chat)
        self.done[act] += 1

    def row(self):
        s = self.vitals.samples[-1]
        print("\t".join("%g" % n for n in (round(s["at"] / 60, 1), s["events"], s["creates"], s["retries"], s["memory"], s["descriptors"],
                                           s["store"], s["wal"], s["cpu"])), flush=True)

    def drive(self):
        steps = [(0.2, self.act), (2, self.plain), (12, self.keyed), (20, self.job), (20, self.for_a_date), (60, self.strike),
                 (SECONDS / PACE / 400 if not LONG else 5, self.vitals.sample), (60, self.row)]
        began = time.monotonic()
        due = [[began + period * PACE, period * PACE, step] for period, step in steps]
        while time.monotonic() < self.ends:
            for d in due:
                if time.monotonic() >= d[0]:
                    d[2]()
                    d[0] = max(d[0] + d[1], time.monotonic())
            equal(self.faults_of_others(), [])
            time.sleep(max(0, min(d[0] for d in due) - time.monotonic()))

    def faults_of_others(self):
        return self.failed + [f.failed for f in self.followers if f.failed]

    def fill(self):
        for _ in range(FILL):
            self.ask("plain")
        wait_for("the events' bound", lambda: self.newest() > KEEP or not LONG)

    def prepare(self):
        self.d.sandbox("POST", "/opts", {"salt_period_s": max(1, int(60 * PACE)), "codes_max": 0})
        self.log_in()
        self.ids = [chat for chat in self.ids if chat not in self.own]
        self.fill()
        self.quiet = sorted(descriptors(self.pid))

    def set_out(self):
        d, told, self.first = self.d, self.events, self.newest()
        self.over = threading.Event()
        self.followers = [
            Deaf(d, told, "deaf"), Steady(d, told, "steady"), Steady(d, told, "steady too"),
            Fickle(d, told, "fickle", 20 * PACE, 1), Fickle(d, told, "seldom there", 300 * PACE, 2),
            Poller(d, told, "poller", 1 * PACE), Revoked(d, told, "revoked", 30 * PACE, 3)]
        self.account = threading.Thread(target=self.log_in_and_out, daemon=True)
        for t in self.followers + [self.account]:
            t.start()
        for kind in FAULTS:
            d.fault(type=kind, every=EVERY, count=0)
        self.ends = time.monotonic() + SECONDS
        self.vitals = Vitals(d, SECONDS, events=lambda: told.newest, creates=lambda: len(self.asked), intents=lambda: self.intents)

    # --- the end ---

    def come_home(self):
        self.over.set()
        self.account.join()
        self.d.clear()
        for title, job in list(self.jobs.items()):
            wait_for("job %s" % job, lambda: self.end_job(title, job))
        for chat in self.dated:
            wait_for("the start of %s" % self.dated[chat][0], lambda: self.has_started(chat))
        self.ids += self.own
        self.settle()
        last = self.newest()
        self.late = Steady(self.d, self.events, "late", after=self.first)
        self.late.start()
        self.followers.append(self.late)
        for f in self.followers:
            f.finish(last)
        for f in self.followers:
            f.join(120)
            check(not f.is_alive(), "%s is at %s of %d" % (f.who, f.last, last))
        equal(self.faults_of_others(), [])

    def judge(self):
        made = collections.Counter(c["title"] for c in self.d.sandbox_calls() if c.get("title", "").startswith("intent "))
        ids = {c["title"]: c["id"] for c in self.d.sandbox_calls() if c.get("title") in self.asked}
        equal({t: n for t, n in made.items() if n != 1}, {})
        equal({t for t in self.asked if ids.get(t) != self.asked[t]}, set())
        equal(self.events.missed()[:10], [])
        equal([who for who in self.events.gaps if who.startswith("steady") or who == "poller"], [])
        wait_for("the descriptors of before\n%r\n%r" % (self.quiet, sorted(descriptors(self.pid))),
                 lambda: len(descriptors(self.pid)) <= len(self.quiet))
        if LONG:
            # What is kept is less than what was told.
            equal(len(self.events.gaps.get("late", [])), 1)
            equal(self.vitals.not_flat(), [])
        equal(self.vitals.beyond(), [])

    def tell(self):
        cpu = "CPU %.0f s of the daemon, %.0f s of the other, %.0f s of the sandbox, %.0f s of this" % (
            cpu_s(self.pid), cpu_s(self.actor.process.pid), cpu_s(self.sandbox_pid), sum(os.times()[:2]))
        print("# %d creates, each one call; %d strikes; %d logins; %s" % (len(self.asked), self.strikes, self.logins, dict(self.done)))
        print("# %d events, told %d times; gaps: %s; holes of who was forgotten: %d" % (
            len(self.events.content), self.events.heard, {w: len(g) for w, g in self.events.gaps.items()}, len(self.events.holes)))
        print("# %s" % self.vitals.summary())
        print("# %s" % cpu, flush=True)

    def whole(self):
        with Remote("flood_wait_max = 1 s", "pfs_key_life = %d s" % max(20, 600 * PACE), "[server]", "request_timeout = 60 s",
                    "workers = 2", "[events]", "keep = %d" % KEEP, "keep_bytes = 2 MiB",
                    sandbox=("--chats", str(self.chats))) as r, Daemon(config=r.config) as self.actor:
            self.d, self.pid, self.sandbox_pid = r.daemon, r.daemon.process.pid, r.sandbox.process.pid
            self.actor.control = r.ready["control"]
            self.prepare()
            self.set_out()
            try:
                self.drive()
                self.vitals.sample()
                self.row()
                self.tell()
                self.come_home()
                self.judge()
            except AssertionError:
                for line in [line for line in r.daemon.log().splitlines() if " answered " not in line][-60:]:
                    print("# log: " + line)
                raise
        self.vitals.close()


def test_hours_of_all_kinds_of_things_leave_a_true_view_and_nothing_behind():
    Soak().whole()


if __name__ == "__main__":
    run(globals())
