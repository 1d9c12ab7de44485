"""Creates under keys at three nodes behind a round robin, while nodes are killed, stand still for longer than their lease, are stopped,
and the database is gone for a while. Each is repeated until it is answered: in the end there is one call for each, no login's key was
used on two connections at once, and no epoch of a lease went back.

usage: nodes.py [CREATES [SEED]]     (a few by default; with more, a line tells of each deed)"""
import collections
import contextlib
import http.client
import os
import random
import signal
import sys
import threading
import time

import failover
import store
from lib import Daemon, check, equal, expect, run, sanitized, wait_for
from unsaid import Unsaid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from balancer import Balancer  # noqa: E402

CREATES = int(sys.argv[1]) if len(sys.argv) > 1 else 240
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 5
DEEDS = max(12, CREATES // 100)
CLIENTS = 6
NAMES = ("n1", "n2", "n3")
LEASE_S = 2
TIMEOUT_S = 20 if sanitized() else 5
LEASES = "SELECT account_id, epoch, coalesce((SELECT name FROM tgcalld_node WHERE id = node), '') FROM tgcalld_lease"
ALIVE = "SELECT name FROM tgcalld_node WHERE until_us > (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT"


class Leases(threading.Thread):
    """Looks at the leases all the time: who has the accounts now, who renews, and whether an epoch went back."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.ended, self.epochs, self.wrong = url, threading.Event(), {}, []
        self.holder, self.alive, self.moves = "", set(), 0
        self.start()

    def look(self, db):
        for account, epoch, name in db.run(LEASES):
            before = self.epochs.get(account, 0)
            if epoch < before:
                self.wrong.append((account, before, epoch))
            self.moves += epoch > before
            self.epochs[account], self.holder = epoch, name
        self.alive = {name for name, in db.run(ALIVE)}

    def run(self):
        while not self.ended.is_set():
            # It is gone now and then.
            with contextlib.suppress(AssertionError), contextlib.closing(store.Database(self.url)) as db:
                while not self.ended.wait(0.05):
                    self.look(db)
            self.ended.wait(0.05)

    def end(self):
        self.ended.set()
        self.join()
        check(self.epochs, "no lease was ever seen")
        equal(self.wrong, [])


class Front(Daemon):
    """All nodes, as a client of the round robin sees them."""

    def __init__(self, cluster, balancer, token):
        self.host, self.port, self.token, self.unix = balancer.host, str(balancer.port), token, None
        self.control, self.unsaid = cluster.remote.ready["control"], Unsaid()


class Clients:
    """They create what has been given out, each key again and again until it is answered."""

    def __init__(self, front):
        self.front, self.changed = front, threading.Condition()
        self.given, self.taken, self.ended = 0, 0, False
        self.answered, self.said, self.failed = {}, collections.Counter(), []
        self.chats = {}  # in which each was made: a key is for one body
        self.threads = [threading.Thread(target=self.client, args=(n,), daemon=True) for n in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def give(self, upto):
        with self.changed:
            self.given = upto
            self.changed.notify_all()

    def next_title(self):
        with self.changed:
            self.changed.wait_for(lambda: self.taken < self.given or self.ended)
            if self.taken >= self.given:
                return None
            self.taken += 1
            return "c%d" % (self.taken - 1)

    def ask(self, chat, title):
        """None: nobody answered."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.front.request("POST", "/v1/calls", {"peer": chat, "title": title, "if_exists": "replace"},
                                      {"Idempotency-Key": "key-" + title}, timeout=TIMEOUT_S)

    def create(self, chat, title):
        while not self.ended:
            a = self.ask(chat, title)
            with self.changed:
                self.said["%d %s" % (a.status, a.problem()) if a else "no answer"] += 1
            if a and a.status == 201:
                with self.changed:
                    self.answered[title] = a.json["call"]["id"]
                    self.changed.notify_all()
                return
            check(not a or a.status in (409, 429, 502, 503, 504), a)
            time.sleep(0.05)

    def client(self, n):
        try:
            while (title := self.next_title()) is not None:
                self.chats[title] = "@sandbox_load_%d" % (n + 1)
                self.create(self.chats[title], title)
        except BaseException as e:
            self.failed.append(repr(e))

    def wait_for_answers(self):
        wait_for("an answer to all that is asked", lambda: len(self.answered) == self.given or self.failed)
        equal(self.failed, [])

    def end(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        for t in self.threads:
            t.join()


class Trouble:
    def __init__(self, cluster):
        self.cluster, self.rng, self.done = cluster, random.Random(SEED), collections.Counter()
        self.nodes = {}
        for name in NAMES:
            self.start(name)
        self.token = self.nodes["n1"].serving().token
        self.balancer = Balancer(self.listening)
        self.front = Front(cluster, self.balancer, self.token)
        self.leases = Leases(cluster.url)
        self.clients = None

    # --- nodes ---

    def start(self, name):
        if name in self.nodes:
            self.cluster.nodes.remove(self.nodes[name])
            self.nodes[name].forget()
        node = self.nodes[name] = self.cluster.node(name)
        listen = os.path.join(node.state, "listen")
        wait_for("%s to listen" % name, lambda: os.path.exists(listen) or node.process.poll() is not None)
        check(node.process.poll() is None, "%s ended at once:\n%s" % (name, node.log()))

    def listening(self):
        found = []
        for node in list(self.nodes.values()):
            with contextlib.suppress(OSError, IndexError), open(os.path.join(node.state, "listen")) as f:
                host, port = f.read().split()[0].removeprefix("http://").rsplit(":", 1)
                found.append((host, int(port)))
        return found

    def all_are_there(self):
        """Those that ended start again: one that lost its lease ends with 1, and for nothing else does one end."""
        for name, node in self.nodes.items():
            status = node.process.poll()
            if status is not None:
                equal((name, status), (name, 1))
                self.done["a node that had lost its lease ended"] += 1
                self.start(name)
        with contextlib.suppress(OSError, http.client.HTTPException):
            nodes, alice = (self.front.get(path, timeout=TIMEOUT_S) for path in ("/v1/nodes", "/v1/accounts/alice"))
            return (nodes.status == alice.status == 200 and sorted(n["name"] for n in nodes.json["nodes"]) == list(NAMES) and
                    alice.json["state"] == alice.json["connection"]["state"] == "ready")
        return False

    # --- deeds ---

    def kill(self, name):
        node = self.nodes[name]
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()
        self.clients.wait_for_answers()
        self.start(name)

    def stand_still(self, name):
        node, moves = self.nodes[name], self.leases.moves
        has = self.leases.holder == name
        node.process.send_signal(signal.SIGSTOP)
        try:
            wait_for("the end of its lease", lambda: name not in self.leases.alive and (self.leases.moves > moves or not has))
        finally:
            node.process.send_signal(signal.SIGCONT)

    def end(self, name):
        equal(self.nodes[name].end(), 0)
        self.start(name)

    def database_restarts(self, _):
        store.server("restart")

    def database_is_gone(self, _):
        store.server("kill")
        time.sleep(self.rng.random() * 2 * LEASE_S)  # for as long
        store.server("restart")

    def strike(self, n):
        deed, on_holder = [(self.kill, True), (self.stand_still, True), (self.end, True), (self.database_restarts, None), (self.kill, False),
                           (self.database_is_gone, None), (self.stand_still, False), (self.end, False)][n % 8]
        holder = wait_for("a holder", lambda: self.leases.holder)
        name = holder if on_holder else self.rng.choice([m for m in NAMES if m != holder])
        what = deed.__name__.replace("_", " ") + {True: ", who has the accounts", False: ", who has none", None: ""}[on_holder]
        self.done[what] += 1
        time.sleep(self.rng.random() * 0.1)  # at any moment of what the clients do
        deed(name)
        return what if on_holder is None else name + ": " + what

    def run(self):
        self.clients = Clients(self.front)
        begun = time.monotonic()
        try:
            for n in range(DEEDS):
                self.clients.give(CREATES * (n + 1) // DEEDS)
                what = self.strike(n)
                self.clients.wait_for_answers()
                wait_for("all to be well after %s" % what, self.all_are_there)
                if CREATES > 1000:
                    print("# %4d s, deed %d of %d, %s: %d answered, epoch %d, asked %d times" % (
                        time.monotonic() - begun, n + 1, DEEDS, what, len(self.clients.answered), max(self.leases.epochs.values()),
                        sum(self.clients.said.values())), flush=True)
        finally:
            self.clients.end()


def judge(t):
    answered = t.clients.answered
    calls = [c for c in t.front.sandbox_calls() if c.get("title")]
    made = collections.Counter(c["title"] for c in calls)
    duplicated, lost = [x for x, n in made.items() if n > 1], [x for x in answered if not made[x]]
    print("# %d asked, %d answered, %d created, %d duplicated, %d lost" % (CREATES, len(answered), len(made), len(duplicated), len(lost)))
    print("# " + ", ".join("%s: %d" % x for x in t.done.most_common()))
    print("# answers: " + ", ".join("%s: %d" % x for x in t.clients.said.most_common()))
    print("# the accounts changed hands %d times" % t.leases.moves, flush=True)
    equal((len(answered), duplicated, lost), (CREATES, [], []))
    equal(answered, {c["title"]: c["id"] for c in calls})
    for title in t.rng.sample(sorted(answered), 12):
        again = expect(wait_for("an answer", lambda: t.clients.ask(t.clients.chats[title], title)), 201)
        equal((again.json["call"]["id"], again.headers.get("idempotency-replayed")), (answered[title], "true"))
    t.front.at_one_place()


def test_each_create_is_made_once_whatever_befalls_nodes_and_their_database():
    failover.LEASE = "%d s" % LEASE_S
    with failover.Cluster("--chats", str(CLIENTS)) as c:
        t = Trouble(c)
        try:
            t.front.login("alice", "+15550001")
            t.run()
            t.leases.end()
            judge(t)
            for node in t.nodes.values():
                node.end_cleanly()
        except BaseException:
            for name, node in t.nodes.items():
                print("# %s: ended %r\n# %s" % (name, node.process.poll(), "\n# ".join(node.log().splitlines()[-25:])), flush=True)
            raise
        finally:
            t.leases.ended.set()
            t.balancer.close()


if __name__ == "__main__":
    run(globals())
