#!/usr/bin/env python3
"""What who follows events costs: a thousand clients of GET /v1/events, each told of a hundred messages a second: how long it is
from the sandbox's word to the client's line, what a client costs in private memory, and what all of them cost while nothing
happens."""
import argparse
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time

import machine
from processes import PROGRAMS, TGCALLD, start, stop, stop_all, wait_for
from report import print_table


class Daemon:
    def __init__(self, work):
        self.process = start(TGCALLD, "--sandbox", "--control", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--state-dir", work,
                             stdout=subprocess.DEVNULL, stderr=open(os.path.join(work, "log"), "w"))
        self.work = work
        wait_for("the daemon", lambda: os.path.exists(os.path.join(work, "listen")))
        self.port = self.read("listen").split()[0].rsplit(":", 1)[1]
        self.token = self.read("admin.token").strip()
        self.control = next(line.rsplit("http://", 1)[1] for line in self.read("log").splitlines() if "sandbox control at" in line)

    def read(self, name):
        with open(os.path.join(self.work, name)) as f:
            return f.read()


class Sayer:
    def __init__(self, daemon):
        self.connection = http.client.HTTPConnection(daemon.control)

    def ask(self, method, path, body=None):
        self.connection.request(method, path, None if body is None else json.dumps(body))
        answer = json.loads(self.connection.getresponse().read())
        return answer

    def say(self, chat):
        self.ask("POST", "/messages", {"chat": chat, "count": 1, "text": "at=%d;" % (time.monotonic_ns() // 1000)})


def at_rate(rate, seconds, act):
    begin = time.monotonic()
    for i in range(int(rate * seconds)):
        ahead = begin + i / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        act()
    return rate * seconds / (time.monotonic() - begin)


def measure(daemon, clients, rate, seconds):
    sayer = Sayer(daemon)
    chat = sayer.ask("GET", "/state")["chats"][0]["id"]
    before = machine.memory(daemon.process.pid)
    followers = start(os.path.join(PROGRAMS, "followers"), daemon.port, daemon.token, str(clients), stdin=subprocess.PIPE,
                      stdout=subprocess.PIPE)
    if followers.stdout.readline() != b"ready\n":
        raise SystemExit("not all could follow: is the limit of open files high enough?")
    cpu = machine.cpu_s(daemon.process.pid)
    time.sleep(seconds)
    idle = (machine.cpu_s(daemon.process.pid) - cpu) / seconds
    at_rate(rate, 1, lambda: sayer.say(chat))
    followers.stdin.write(b"reset\n")
    followers.stdin.flush()
    cpu = machine.cpu_s(daemon.process.pid)
    got_rate = at_rate(rate, seconds, lambda: sayer.say(chat))
    busy = (machine.cpu_s(daemon.process.pid) - cpu) / seconds
    after = machine.memory(daemon.process.pid)
    time.sleep(1)
    followers.stdin.close()
    result = json.loads(followers.stdout.readline())
    stop(followers)
    return [clients, "%.0f" % got_rate, result["lines"], "%.1f" % (result["p50_us"] / 1000), "%.1f" % (result["p99_us"] / 1000),
            "%.1f" % (result["longest_us"] / 1000), "%.0f" % (busy * 100), "%.2f" % (idle * 100),
            "%.1f" % ((after["anon_kb"] - before["anon_kb"]) / clients) if clients else ""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog="TGCALLD_BUILDDIR names the build, with `make tests/bench/followers`.")
    parser.add_argument("--clients", default="1,100,1000")
    parser.add_argument("--rate", type=float, default=100, help="events a second")
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    rows = []
    for clients in map(int, args.clients.split(",")):
        work = tempfile.mkdtemp(prefix="tgcalld-streams-")
        try:
            rows.append(measure(Daemon(work), clients, args.rate, args.seconds))
        finally:
            stop_all()
            shutil.rmtree(work, ignore_errors=True)
    print_table(["clients", "events/s", "lines", "p50 ms", "p99 ms", "longest ms", "% CPU", "% CPU idle", "KB a client"], rows)


if __name__ == "__main__":
    main()
