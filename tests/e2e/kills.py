"""A daemon that is killed at any moment: in logins, in calls, while its seal key is changed, in a backup, while it makes keys anew
as it starts, as they end and as Telegram forgot them. No account is lost, and none needs a login or a permanent key.

usage: kills.py [KILLS]     (a few by default)"""
import collections
import contextlib
import functools
import os
import random
import signal
import subprocess
import sys
import threading
import time

from exchanges import BINDING, EXCHANGE, Exchanges
from lib import TGCALLD, check, control, equal, expect, run, start_other, wait_for
from remote import Remote
from restart import account, is_on, logins, quietly, start
from store import NODES, POSTGRESQL, file_is_sound, is_sound, url

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 12
LIFE_S = 20  # of a temporary key: the shortest


class Busy(threading.Thread):
    """Logs account NAME in where it is not, creates calls, until nobody answers. `said` is what was answered last of each."""

    def __init__(self, d, name, said):
        super().__init__()
        self.d, self.account, self.said, self.doing = d, name, said, None

    def ask(self, path, body):
        a = self.d.post(path, body)
        if a.json and "state" in a.json and "name" in a.json:
            self.said[self.account] = a.json["state"]
        return a

    def log_in(self):
        self.doing = "login"
        if self.ask("/v1/accounts", {"name": self.account}).status == 201:
            path = "/v1/accounts/%s/login" % self.account
            self.ask(path, {"phone": ("+15550001", "+15550003")[int(self.account[1:]) % 2]})
            self.ask(path + "/code", {"code": "12345"})

    def run(self):
        with contextlib.suppress(Exception):  # it was killed; `said` has what was promised before
            if self.account not in self.said:
                self.log_in()
            self.doing = "call"
            while True:
                self.d.create("@sandbox_group", account=self.account, if_exists="replace")


class Upkeep(threading.Thread):
    """Changes the seal key and takes backups, at random, until it is told to stop. `done` counts what was."""

    def __init__(self, r, rng, done):
        super().__init__()
        self.r, self.rng, self.done, self.stopped = r, random.Random(rng.random()), done, threading.Event()
        self.copies, self.failed, self.doing = [], [], None

    def run(self):
        while not self.stopped.wait(self.rng.random() * 0.1):
            words = ["seal", "rotate"]
            if self.rng.random() < 0.5 and not POSTGRESQL:
                self.copies.append(os.path.join(self.r.dir, "copy%d.db" % len(self.copies)))
                words = ["backup", self.copies[-1], "--replace"]
            p = upkeep(self.r, *words)
            self.doing = "change of the seal key" if words[0] == "seal" else "backup"
            _, err = p.communicate()
            self.doing = None
            # Killed in the middle of it: the daemon's end is told, and so is one that is not there yet.
            if p.returncode not in (0, 1, 3):
                self.failed.append("%s: %d %s" % (words, p.returncode, err))
            self.done[words[0]] += p.returncode == 0

    def end(self):
        self.stopped.set()
        self.join()
        equal(self.failed, [])
        for copy in self.copies:
            if os.path.exists(copy):
                file_is_sound(copy)
                os.unlink(copy)


def upkeep(r, *words):
    if POSTGRESQL:
        words += ("--store", url(r.daemon.state))
    return start_other(TGCALLD, *words, "--config", r.daemon.config, "--state-dir", r.daemon.state, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, text=True)


class Loop:
    """`said` is what the daemon told of each account; `struck` counts kills by what they struck, `done` all else."""

    def __init__(self, r):
        self.r, self.state, self.rng = r, r.daemon.state, random.Random(7)
        self.said, self.struck, self.done = {}, collections.Counter(), collections.Counter()
        self.exchanges = Exchanges(r.ready["control"])

    # --- up to the kill ---

    def ready(self):
        return [name for name, state in self.said.items() if state == "ready"]

    def work(self, name):
        self.workers = [Busy(self.r.daemon, name, self.said), Upkeep(self.r, self.rng, self.done)]
        for w in self.workers:
            w.start()

    def soon(self, n):
        """The first few strike at once: so that few kills are enough."""
        time.sleep(0 if n < 10 else self.rng.random() * 0.08)

    def wait_in_work(self, n):
        self.work("k%d" % n)
        if n == 0:
            # However slow the machine is: each comes to its end once, and there is a login whose keys are renewed later.
            wait_for("a login, a change of the seal key and a backup",
                     lambda: self.ready() and self.done["seal"] and (self.done["backup"] or POSTGRESQL))
        time.sleep(self.rng.random() * (0.4 if n % 3 else 1.5))

    def wait_in_a_start(self, n):
        self.r.daemon.end(signal.SIGKILL)
        self.r.daemon.forget()
        self.exchanges.ended()
        start(self.r, self.state)
        time.sleep(self.rng.random() * 0.15)

    def wait_for_the_keys_end(self, n):
        self.exchanges.wait_for_one()
        self.work(self.ready()[0])
        self.soon(n)

    def wait_for_forgotten_keys(self, n):
        d, names = self.r.daemon, self.ready()
        self.exchanges.read()
        d.fault(type="forget_key", count=len(names))
        if n < 10:
            # However late the kill comes: it strikes a binding, if the exchange is over.
            d.fault(type="delay", method="auth.bindTempAuthKey", ms=20000, count=0)
        ask = functools.partial(d.method, "help.getNearestDc")
        self.asking = [threading.Thread(target=quietly, args=(functools.partial(ask, "?account=" + name),)) for name in names]
        self.work(names[0])
        for t in self.asking:
            t.start()
        self.exchanges.wait_for_one()
        self.soon(n)

    def how(self, n):
        if n % 10 == 5:
            return self.wait_in_a_start
        if n % 5 == 3 and self.ready():
            return self.wait_for_the_keys_end if n % 20 == 8 else self.wait_for_forgotten_keys
        return self.wait_in_work

    # --- the kill ---

    def note(self, doing, forgotten):
        struck = {d for d in doing if d}
        struck |= {("renewal: " if renews or forgotten else "first ") + what for what, renews in self.exchanges.ended()}
        for what in struck or {"moment with nothing"}:
            self.struck[what] += 1

    def kill(self, n):
        self.workers, self.asking = [], []
        how = self.how(n)
        how(n)
        d = self.r.daemon
        doing = [w.doing for w in self.workers]
        d.process.send_signal(signal.SIGKILL)
        d.process.wait()
        self.note(doing, how == self.wait_for_forgotten_keys)
        for t in self.asking:
            t.join()
        for w in self.workers:
            w.end() if isinstance(w, Upkeep) else w.join()
        d.forget()
        control(self.r.ready["control"], "POST", "/clear", {})

    # --- after it ---

    def look(self):
        is_sound(self.state)
        self.done["checks"] += 1

    def kill_upkeep(self):
        """The same while no daemon runs, and killed itself."""
        if NODES > 1:
            return  # nodes that were killed have the database for as long as their lease
        copy = os.path.join(self.r.dir, "alone.db")
        for words in (["seal", "rotate"], ["backup", copy, "--replace"])[:1 if POSTGRESQL else 2]:
            p = upkeep(self.r, *words)
            try:
                # The first ones may end: that they can is a part of it.
                _, err = p.communicate(timeout=self.rng.random() * 0.3 if self.done["alone"] >= 2 else None)
                equal((p.returncode, err), (0, ""))
                self.done["alone"] += 1
            except subprocess.TimeoutExpired:
                p.kill()
                p.communicate()
        if os.path.exists(copy):
            file_is_sound(copy)
        self.look()

    def go_on(self, n):
        """Each account is there as it was told to be; those that are logged in made no login and no permanent key for that."""
        keys, counts = self.exchanges.permanent, control(self.r.ready["control"], "GET", "/state").get("methods", {})
        start(self.r, self.state)
        d = self.r.daemon
        equal([name for name in os.listdir(self.state) if ".copy" in name], [])
        for name in self.ready():
            wait_for("%s after kill %d" % (name, n), lambda: is_on(d, name))
        self.exchanges.read()
        now = d.counts()
        equal([now.get(m, 0) - counts.get(m, 0) for m in ("auth.sendCode", "auth.signIn")], [0, 0])
        equal(self.exchanges.permanent, keys)
        self.done["accounts"] += len(self.ready())

    def finish_logins(self, n):
        d = self.r.daemon
        for name, before in list(self.said.items()):
            if before == "ready":
                continue
            if account(d, name)["state"] == "wait_code":
                expect(d.post("/v1/accounts/%s/login/code" % name, {"code": "12345"}), 200)
            state = account(d, name)["state"]
            check(state in ("wait_login", "ready"), state)
            self.said[name] = state
        # Whoever is logged in at the sandbox is so here: no login was made and forgotten.
        wait_for("each login to be known after kill %d" % n,
                 lambda: logins(d) == sum(a["state"] == "ready" for a in d.get("/v1/accounts").json["accounts"]))

    def begin_anew(self):
        d = self.r.daemon
        for a in d.get("/v1/accounts").json["accounts"]:
            expect(d.request("DELETE", "/v1/accounts/" + a["name"]), 200)
        self.said.clear()

    def turn(self, n):
        self.kill(n)
        self.look()
        if n % 4 == 0:
            self.kill_upkeep()
        self.go_on(n)
        self.finish_logins(n)
        if n % 10 == 9:
            self.begin_anew()

    def tell(self):
        print("# %d kills: %s" % (KILLS, ", ".join("%d in a %s" % (k, what) for what, k in self.struck.most_common())))
        print("# an account that was ready came back %(accounts)d times, with no login and no permanent key; the database was sound "
              "%(checks)d times; %(seal)d changes of the seal key and %(backup)d backups while it ran, %(alone)d while it did not"
              % {k: self.done[k] for k in ("accounts", "checks", "seal", "backup", "alone")})
        print("# permanent keys: %d" % self.exchanges.permanent, flush=True)


def test_no_account_is_lost_to_a_kill_at_any_moment():
    with Remote("flood_wait_max = 1 s", "pfs_key_life = %d s" % LIFE_S) as r:
        loop = Loop(r)
        for n in range(KILLS):
            loop.turn(n)
        loop.tell()
        if KILLS >= 10:
            check(loop.done["seal"] and (loop.done["alone"] or NODES > 1) and (loop.done["backup"] or POSTGRESQL), loop.done)
            check(loop.struck["renewal: " + EXCHANGE] + loop.struck["renewal: " + BINDING], loop.struck)


if __name__ == "__main__":
    run(globals())
