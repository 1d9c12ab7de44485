#!/usr/bin/env python3
"""All at once, at random, for a while: creates of every kind, reads, edits and ends of calls, any method, logins, logouts and
removals of accounts, clients that leave, faults of the data centre, and stops of the daemon under this load. It is meant for
builds with sanitizers: a report of one, an end that is not clean, a request without an answer and an answer that the API's
description does not know each fail it.

usage: mixed.py [--minutes N] [--workers N] [--clients N] [--seed N]      (TGCALLD_BUILDDIR names the build)"""
import argparse
import collections
import contextlib
import http.client
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ.setdefault("TGCALLD_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from remote import Remote  # noqa: E402
from lib import Daemon, control  # noqa: E402

CHATS = 8
NAMES = ["a%d" % i for i in range(6)]
PHONES = {"+15550001": None, "+15550002": "correct horse", "+15550003": None}
PEERS = ["@sandbox_load_%d" % (i + 1) for i in range(CHATS)] + ["@sandbox_channel", "@sandbox_group", "@sandbox_readonly",
                                                                "@nobody_at_all", "t.me/+sandboxinvite", "-5001", "me"]
FAULTS = [{"type": "drop_before"}, {"type": "drop_after"}, {"type": "no_answer"}, {"type": "duplicate"}, {"type": "reorder"},
          {"type": "delay", "ms": 400}, {"type": "delay", "ms": 2500}, {"type": "gzip"}, {"type": "bad_server_salt"},
          {"type": "forget_session"}, {"type": "rpc_error", "code": 420, "message": "FLOOD_WAIT_1"},
          {"type": "rpc_error", "code": 500, "message": "RPC_CALL_FAIL"}]
FAULTY = ["phone.createGroupCall", "phone.discardGroupCall", "channels.getFullChannel", "auth.signIn", "phone.getGroupCall"]
REPORTS = ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")
# While a daemon stops or starts.
GONE = (ConnectionError, http.client.HTTPException, FileNotFoundError)


class Load:
    def __init__(self, args, remote):
        self.args, self.remote = args, remote
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.wrong = []
        self.ids = collections.deque(maxlen=50)
        self.ending = threading.Event()
        self.stopping = threading.Event()
        self.daemon = remote.daemon

    def note(self, what, answer):
        with self.lock:
            self.counts["%s %d" % (what, answer.status)] += 1
            if answer.status == 500:
                self.wrong.append("%s: %r" % (what, answer))

    def some_id(self, chance):
        with self.lock:
            return chance.choice(self.ids) if self.ids else "1"

    # --- what clients do

    def create(self, d, chance):
        body = {"peer": chance.choice(PEERS), "title": "mixed %d" % chance.randrange(1000),
                "if_exists": chance.choice(["return", "return", "fail", "replace"]), "account": chance.choice(NAMES)}
        if chance.randrange(5) == 0:
            body["schedule_date"] = int(time.time()) + 3600
        if chance.randrange(3) == 0:
            del body["account"]
        answer = d.post("/v1/calls", body)
        if answer.status in (200, 201):
            with self.lock:
                self.ids.append(answer.json["call"]["id"])
        return answer

    def end(self, d, chance):
        return d.request("DELETE", "/v1/calls/" + self.some_id(chance))

    def start(self, d, chance):
        return d.post("/v1/calls/%s/start" % self.some_id(chance))

    def title(self, d, chance):
        return d.request("PATCH", "/v1/calls/" + self.some_id(chance), {"title": "new", "join_muted": chance.random() < 0.5})

    def read(self, d, chance):
        return d.get("/v1/calls/" + self.some_id(chance))

    def list(self, d, chance):
        return d.get("/v1/calls" + chance.choice(["", "?limit=3", "?state=active", "?account=" + chance.choice(NAMES)]))

    def accounts(self, d, chance):
        return d.get(chance.choice(["/v1/accounts", "/readyz", "/v1/accounts/" + chance.choice(NAMES)]))

    def peer(self, d, chance):
        return d.get("/v1/peers/%s?account=%s" % (chance.choice(PEERS).replace("/", "%2F"), chance.choice(NAMES)))

    def any_method(self, d, chance):
        name, params = chance.choice([("help.getConfig", {}), ("messages.getDialogs", {
            "offset_date": 0, "offset_id": 0, "offset_peer": {"_": "inputPeerEmpty"}, "limit": 10, "hash": "0"}),
            ("channels.getFullChannel", {"channel": chance.choice(PEERS[:8])}), ("updates.getState", {})])
        return d.method(name, "?account=" + chance.choice(NAMES), **params)

    def log_in(self, d, chance):
        name = chance.choice(NAMES)
        phone = chance.choice(list(PHONES))
        d.post("/v1/accounts", {"name": name})
        d.post("/v1/accounts/%s/login" % name, {"phone": phone})
        answer = d.post("/v1/accounts/%s/login/code" % name, {"code": chance.choice(["12345", "12345", "12345", "54321"])})
        if (answer.json or {}).get("state") == "wait_password":
            answer = d.post("/v1/accounts/%s/login/password" % name, {"password": PHONES[phone] or "wrong"})
        return answer

    def log_out(self, d, chance):
        return d.post("/v1/accounts/%s/logout" % chance.choice(NAMES))

    def remove(self, d, chance):
        return d.request("DELETE", "/v1/accounts/" + chance.choice(NAMES))

    def leave(self, d, chance):
        """A client that asks and does not wait."""
        connection = http.client.HTTPConnection(d.host, int(d.port), timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", "/v1/calls", json.dumps({"peer": chance.choice(PEERS), "account": chance.choice(NAMES)}),
                               {"Authorization": "Bearer " + d.token, "Content-Type": "application/json"})
        return None

    WHAT = [(create, 30), (end, 8), (start, 3), (title, 6), (read, 8), (list, 8), (accounts, 8), (peer, 6), (any_method, 6),
            (log_in, 7), (log_out, 1), (remove, 1), (leave, 4)]

    def client(self, number):
        chance = random.Random(self.args.seed * 1000 + number)
        actions, weights = zip(*self.WHAT)
        while not self.ending.is_set():
            action = chance.choices(actions, weights)[0]
            d = self.daemon
            try:
                answer = action(self, d, chance)
                if answer:
                    self.note(action.__name__, answer)
            except GONE:
                # Only a daemon that is on its way out may leave somebody without an answer.
                if d is self.daemon and not self.stopping.is_set():
                    with self.lock:
                        self.counts["no answer"] += 1
                        self.wrong.append("%s: no answer" % action.__name__)
                self.ending.wait(0.05)
            except AssertionError as e:
                with self.lock:
                    self.wrong.append("%s: %s" % (action.__name__, str(e)[:400]))

    def trouble(self):
        chance = random.Random(self.args.seed)
        while not self.ending.wait(chance.uniform(0.05, 0.4)):
            rule = dict(chance.choice(FAULTS))
            if rule["type"] not in ("bad_server_salt", "forget_session"):
                rule["method"] = chance.choice(FAULTY)
            with contextlib.suppress(Exception):
                control(self.remote.ready["control"], "POST", "/fault", rule)
            self.counts["fault"] += 1

    # --- the daemon's lives

    def judge(self, d):
        """Ends one life: the exit status and what its log says."""
        self.stopping.set()
        status = d.end(random.choice([signal.SIGTERM, signal.SIGINT]))
        log = d.log()
        found = [line for line in log.splitlines() if any(r in line for r in REPORTS)]
        if status != 0 or found:
            self.wrong.append("life %d: exit status %d\n%s" % (self.counts["life"], status, "\n".join(log.splitlines()[-120:])))
        self.counts["life"] += 1
        d.forget()

    def run(self):
        threads = [threading.Thread(target=self.client, args=(n,)) for n in range(self.args.clients)]
        threads.append(threading.Thread(target=self.trouble))
        deadline = time.monotonic() + self.args.minutes * 60
        for t in threads:
            t.start()
        try:
            while time.monotonic() < deadline and len(self.wrong) < 20:
                life = time.monotonic() + random.uniform(5, 40)
                while time.monotonic() < min(life, deadline) and self.daemon.process.poll() is None:
                    time.sleep(0.2)
                self.judge(self.daemon)
                if time.monotonic() < deadline:
                    self.daemon = Daemon(config=self.remote.config)
                    self.stopping.clear()
        finally:
            self.ending.set()
            for t in threads:
                t.join()
        self.remote.daemon = self.daemon


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    with Remote("[server]", "request_timeout = 2s", "workers = %d" % args.workers, sandbox=("--chats", str(CHATS))) as r:
        r.daemon.control = None
        load = Load(args, r)
        load.run()
        if load.daemon.process.poll() is None:
            load.judge(load.daemon)
        r.daemon = Daemon(config=r.config)  # the last one, which `with` ends
    for what, n in sorted(load.counts.items()):
        print("%-24s %d" % (what, n))
    for line in load.wrong[:10]:
        print("wrong: " + line)
    print("%d faults found in %.1f minutes with %d workers" % (len(load.wrong), args.minutes, args.workers))
    sys.exit(1 if load.wrong else 0)


main()
