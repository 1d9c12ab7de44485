#!/usr/bin/env python3
"""What webhooks cost: the CPU time of a delivery, and what the p99 of POST /v1/calls is beside twenty of them (fast and slow
receivers, some that fail, hang, redirect, lie or are gone), held against a daemon without any in the same run, which hears the same.
That nothing is lost over kills is tests/e2e/webhooks_many.py's: `webhooks_many.py 50000 50`.

usage: webhooks.py [EVENTS [CALLS]]     (10,000 and 300; TGCALLD_BUILDDIR names the build)"""
import http.client
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ.setdefault("TGCALLD_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

import machine  # noqa: E402
from report import print_table  # noqa: E402
from lib import Daemon, check, expect  # noqa: E402
from webhooks_lasting import ready  # noqa: E402
from webhooks_many import BAD, FAST, SLOW, Receivers, chat_of, when_done  # noqa: E402

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
CALLS = int(sys.argv[2]) if len(sys.argv) > 2 else 300
CHUNK = 250


class Side:
    """A daemon, and how long its creates take."""

    def __init__(self, d):
        self.d, self.took = d, []
        self.connection = http.client.HTTPConnection(d.host, int(d.port))
        self.headers = {"Authorization": "Bearer " + d.token, "Content-Type": "application/json"}
        self.chat, self.begun = chat_of(d), machine.cpu_s(d.process.pid)

    def create(self):
        begin = time.monotonic()
        self.connection.request("POST", "/v1/calls", json.dumps({"peer": "@sandbox_group", "if_exists": "replace"}), self.headers)
        answer = self.connection.getresponse()
        answer.read()
        check(answer.status == 201, answer.status)
        self.took.append((time.monotonic() - begin) * 1000)

    def say(self, n):
        self.d.sandbox("POST", "/messages", {"chat": self.chat, "count": n, "text": "many"})

    def cpu_s(self):
        return machine.cpu_s(self.d.process.pid) - self.begun

    def at(self, share):
        return sorted(self.took)[min(len(self.took) - 1, int(len(self.took) * share))]


def main():
    quiet = ("--log-level", "info")
    with Receivers(FAST + SLOW + BAD) as r, ready(Daemon(*quiet)) as with_hooks, ready(Daemon(*quiet)) as without:
        for name in FAST + SLOW + BAD:
            expect(with_hooks.post("/v1/webhooks", {"name": name, "url": "http://127.0.0.1:%d/%s" % (r.port, name)}), 201)
        sides = [Side(with_hooks), Side(without)]
        begin = time.monotonic()
        for n in range(0, EVENTS, CHUNK):
            for side in sides:
                side.say(CHUNK)
            for _ in range(max(1, CALLS * CHUNK // EVENTS)):
                for side in sides:
                    side.create()
        when_done(with_hooks, FAST)
        took, told = time.monotonic() - begin, r.told()
        delivered = sum(len(t["ids"]) + t["again"] for t in told.values())
        more = sides[0].cpu_s() - sides[1].cpu_s()
        print_table(["POST /v1/calls", "p50 ms", "p99 ms", "CPU s in all"],
                    [[name, "%.2f" % s.at(0.5), "%.2f" % s.at(0.99), "%.2f" % s.cpu_s()] for name, s in zip(("with 20 webhooks", "without"), sides)])
        print("p99 with / without: %.2f (%d creates)" % (sides[0].at(0.99) / sides[1].at(0.99), len(sides[0].took)))
        print("%d deliveries in %.1f s: %.0f a second, %.0f us of CPU each" % (delivered, took, delivered / took, more * 1e6 / delivered))
        print("private memory: %d kB with, %d kB without" % tuple(machine.memory(s.d.process.pid)["anon_kb"] for s in sides))


if __name__ == "__main__":
    main()
