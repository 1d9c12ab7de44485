#!/usr/bin/env python3
"""Many accounts in one process, against a sandbox of its own process: how long until all of them are ready, what one costs in
private memory, what all of them cost while nothing happens, how a restart goes beside the key exchanges' own CPU, how they come back
when the data centre was away, and whether one's end is seen by the others; with temporary keys and without. The accounts are users
of `tgcalld sandbox --accounts`, whose logins are taken over as session strings: no login, no new key."""
import argparse
import base64
import collections
import concurrent.futures
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import machine
from processes import KEY, PROGRAMS, SANDBOX, TGCALLD, ask, say, start, stop, stop_all, wait_for
from report import print_table

IMPORTS_AT_ONCE = 16
# Who is back in a new session asks for what it missed, at the latest so long after it asked before.
SESSION_PACE_S = 10
# What a look at all accounts costs is the daemon's CPU, too.
LOOK_EVERY_S = 0.1


class Sandbox:
    """The same world, at the same addresses, whenever it starts."""

    def __init__(self, accounts):
        self.accounts, self.ready = accounts, {"dc1": "127.0.0.1:0", "dc2": "127.0.0.1:0"}
        self.start()

    def start(self):
        self.process = start(SANDBOX, "sandbox", "--accounts", str(self.accounts), "--seed", "1", "--key", KEY + ".pem",
                             "--listen", self.ready["dc1"], "--second", self.ready["dc2"], "--control", "127.0.0.1:0",
                             stdout=subprocess.PIPE)
        self.ready = json.loads(self.process.stdout.readline())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        stop(self.process)

    def control(self, method, path, body=None):
        return json.loads(ask(self.ready["control"], method, path, body))

    def state(self):
        return self.control("GET", "/state")


class Daemon:
    """Its state outlives stop(): start() is a restart."""

    def __init__(self, sandbox, *settings):
        self.process = None
        self.state = tempfile.mkdtemp(prefix="tgcalld-accounts-")
        self.config = os.path.join(self.state, "tgcalld.conf")
        lines = ["[telegram]", "environment = custom", "api_id = 1", "api_hash = x", *settings]
        for dc in (1, 2):
            lines += ["[dc %d]" % dc, "address = " + sandbox.ready["dc%d" % dc], "public_key = %s.pub.pem" % KEY]
        with open(self.config, "w") as f:
            f.write("\n".join(lines) + "\n")

    def start(self):
        self.log = open(os.path.join(self.state, "log"), "ab")
        self.process = start(TGCALLD, "--config", self.config, "--state-dir", self.state, "--listen", "127.0.0.1:0",
                             stdout=self.log, stderr=self.log)
        listen = os.path.join(self.state, "listen")
        wait_for("the daemon", lambda: os.path.exists(listen), 120)
        with open(listen) as f:
            self.address = f.read().split()[0].removeprefix("http://")
        with open(os.path.join(self.state, "admin.token")) as f:
            self.token = f.read().strip()

    def stop(self):
        stop(self.process)
        self.log.close()

    def ask(self, method, path, body=None):
        return json.loads(ask(self.address, method, path, body, self.token))

    def accounts(self):
        return {a["name"]: a for a in self.ask("GET", "/v1/accounts")["accounts"]}

    def online(self):
        return sum(a["state"] == "ready" and a["connection"]["state"] == "ready" for a in self.accounts().values())

    def take(self, login):
        self.ask("POST", "/v1/accounts", {"name": "u%d" % login["user"],
                                          "session": {"format": "telethon", "text": telethon(login)}})

    def cpu_s(self):
        return machine.cpu_s(self.process.pid) if self.process else 0

    def private_kb(self):
        return machine.memory(self.process.pid)["anon_kb"]


def telethon(login):
    return "1" + base64.urlsafe_b64encode(struct.pack(">B4sH256s", login["dc"], bytes([127, 0, 0, 1]), 443,
                                                      base64.b64decode(login["key"]))).decode()


def permanent_keys(state):
    return state["keys"] - state["temporary_keys"]


def per_second(times_us):
    """How many there were in each second from the first on."""
    first = min(times_us, default=0)
    counts = collections.Counter((t - first) // 1000000 for t in times_us)
    return [counts[i] for i in range(max(counts, default=-1) + 1)]


def exchange_ms(n):
    """What a key exchange costs a client by itself."""
    program = os.path.join(PROGRAMS, "exchanges")
    if not os.path.exists(program):
        raise SystemExit(program + " is not built: make bench-programs")
    said = subprocess.run([program, str(n), KEY + ".pem"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return float(said.split()[1]) / 1000


class Run:
    """One after the other; what each found is in `found`, by its name."""

    def __init__(self, n, idle_s, outage_s, *settings):
        self.n, self.idle_s, self.outage_s, self.found = n, idle_s, outage_s, {}
        self.sandbox = Sandbox(n)
        self.daemon = Daemon(self.sandbox, *settings)

    def all_online(self, n=None):
        wait_for("%d accounts that are ready" % (n or self.n), lambda: self.daemon.online() == (n or self.n), 600, LOOK_EVERY_S)

    def timed(self, name, act):
        """Seconds, and the CPU of both sides."""
        cpu, theirs, begin = self.daemon.cpu_s(), machine.cpu_s(self.sandbox.process.pid), time.monotonic()
        act()
        self.found[name] = {"wall_s": time.monotonic() - begin, "cpu_s": self.daemon.cpu_s() - cpu,
                            "sandbox_cpu_s": machine.cpu_s(self.sandbox.process.pid) - theirs}

    def take_all(self):
        logins = self.sandbox.control("GET", "/accounts")["accounts"]
        with concurrent.futures.ThreadPoolExecutor(IMPORTS_AT_ONCE) as pool:
            list(pool.map(self.daemon.take, logins))
        self.all_online()

    def settle(self):
        """What is written a while later is written, and what was only needed to begin is given back."""
        time.sleep(2)

    def begin(self):
        self.daemon.start()
        self.settle()
        self.found["empty_kb"] = self.daemon.private_kb()
        self.timed("import", self.take_all)
        self.settle()
        self.found["imported_kb"] = self.daemon.private_kb()

    def idle(self):
        before = self.sandbox.state()["methods"]
        self.timed("idle", lambda: time.sleep(self.idle_s))
        after = self.sandbox.state()["methods"]
        self.found["idle_methods"] = {m: n - before.get(m, 0) for m, n in after.items() if n > before.get(m, 0)}

    def restart(self):
        before = self.sandbox.state()
        self.daemon.stop()
        self.daemon.process = None
        self.timed("restart", lambda: (self.daemon.start(), self.all_online()))
        self.settle()
        after = self.sandbox.state()
        self.found["restarted_kb"] = self.daemon.private_kb()
        self.found["restart_logins"] = sum(after["methods"].get(m, 0) - before["methods"].get(m, 0)
                                           for m in ("auth.sendCode", "auth.signIn"))
        self.found["restart_keys"] = permanent_keys(after) - permanent_keys(before)

    def outage(self):
        """The data centre dies, with all connections and temporary keys, and is there again after a while."""
        keys = permanent_keys(self.sandbox.state())
        self.sandbox.kill()
        wait_for("word of it", lambda: not self.daemon.online(), 60, LOOK_EVERY_S)
        time.sleep(self.outage_s)
        self.sandbox.start()
        begin, log, came = time.monotonic(), {"next": 0}, []

        def all_are_back():
            nonlocal log
            # Often enough: the sandbox keeps its last 2,048 events.
            log = self.sandbox.control("GET", "/log?since=%d" % log["next"])
            came.extend(e["at_us"] for e in log["events"] if e["event"] == "connection")
            return len(came) >= self.n and self.daemon.online() == self.n

        wait_for("%d accounts that are back" % self.n, all_are_back, 600, LOOK_EVERY_S)
        wall_s = time.monotonic() - begin
        self.settle()
        after = self.sandbox.state()
        self.found["outage"] = {"wall_s": wall_s, "connections": per_second(came),
                                "keys": permanent_keys(after) - keys, "logins": sum(
                                    after["methods"].get(m, 0) for m in ("auth.sendCode", "auth.signIn"))}

    def quiet(self):
        """Nobody has anything left to ask for."""
        log = {"next": 0}
        last = time.monotonic()

        def is_quiet():
            nonlocal log, last
            log = self.sandbox.control("GET", "/log?since=%d" % log["next"])
            if any(e["event"] == "rpc" for e in log["events"]):
                last = time.monotonic()
            return time.monotonic() - last > SESSION_PACE_S + 1

        wait_for("quiet", is_quiet, 600, 1)

    def fault(self):
        """One login is ended: who else notices?"""
        self.quiet()
        since = self.sandbox.control("GET", "/log")["next"]
        victim = sorted(self.daemon.accounts())[0]
        self.sandbox.control("POST", "/account", {"user": int(victim[1:]), "act": "revoke"})
        self.daemon_hears(victim)
        self.settle()
        after = self.daemon.accounts()
        self.found["fault_state"] = after[victim]["state"]
        self.found["others_online"] = self.daemon.online()
        events = self.sandbox.control("GET", "/log?since=%d" % since)["events"]
        self.found["others_events"] = [e for e in events if e.get("user") not in (None, int(victim[1:]))]

    def daemon_hears(self, victim):
        try:
            self.daemon.ask("POST", "/v1/methods/updates.getState?account=" + victim, {})
        except SystemExit:
            pass

    def end(self):
        stop_all()
        shutil.rmtree(self.daemon.state, ignore_errors=True)

    def whole(self):
        try:
            self.begin()
            self.idle()
            self.restart()
            self.outage()
            self.fault()
        finally:
            self.end()
        return self.found


def kib_each(found, name, n):
    return (found[name] - found["empty_kb"]) / n


def ms_each(found, name, n):
    return found[name]["cpu_s"] * 1000 / n


def rows(n):
    """What is said of a run, beside the other: its name, its form, its value."""
    return [
        ("import, seconds", "%.2f", lambda f: f["import"]["wall_s"]),
        ("import, CPU ms an account", "%.2f", lambda f: ms_each(f, "import", n)),
        ("restart, seconds to ready", "%.2f", lambda f: f["restart"]["wall_s"]),
        ("restart, CPU ms an account", "%.2f", lambda f: ms_each(f, "restart", n)),
        ("restart, the sandbox's CPU ms an account", "%.2f", lambda f: f["restart"]["sandbox_cpu_s"] * 1000 / n),
        ("restart, logins", "%d", lambda f: f["restart_logins"]),
        ("restart, permanent keys more", "%d", lambda f: f["restart_keys"]),
        ("private KiB an account, imported", "%.1f", lambda f: kib_each(f, "imported_kb", n)),
        ("private KiB an account, restarted", "%.1f", lambda f: kib_each(f, "restarted_kb", n)),
        ("private KiB of the daemon without any", "%d", lambda f: f["empty_kb"]),
        ("idle, % of a core", "%.2f", lambda f: 100 * f["idle"]["cpu_s"] / f["idle"]["wall_s"]),
        ("idle, queries", "%d", lambda f: sum(f["idle_methods"].values())),
        ("outage, seconds until all are back", "%.2f", lambda f: f["outage"]["wall_s"]),
        ("outage, connections in the busiest second", "%d", lambda f: max(f["outage"]["connections"])),
        ("outage, logins and permanent keys more", "%d", lambda f: f["outage"]["logins"] + f["outage"]["keys"]),
        ("one revoked: others that are online, of %d" % (n - 1), "%d", lambda f: f["others_online"]),
        ("one revoked: queries of the others", "%d", lambda f: len(f["others_events"])),
    ]


def print_aims(found, exchange, n):
    print("\na key exchange's own CPU, by the same code without network, store and HTTP: %.2f ms" % exchange)
    for name, form, value, bound in (
            ("restart to ready / the key exchanges' own CPU", "%.2f", ms_each(found, "restart", n) / exchange, "<= 2"),
            ("private KiB an account that is ready", "%.1f", kib_each(found, "restarted_kb", n), "<= 40"),
            ("idle, % of a core", "%.2f", 100 * found["idle"]["cpu_s"] / found["idle"]["wall_s"], "< 1")):
        print("%-48s %8s   aim: %s" % (name, form % value, bound))


def print_return(name, found):
    """Connections that the data centre saw, second by second."""
    counts = found["outage"]["connections"]
    print("\nback after the outage, %s, connections in each second from the first:" % name)
    for second, count in enumerate(counts):
        print("%4d %6d %s" % (second, count, "#" * round(60 * count / max(counts))))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--idle", type=float, default=30, metavar="SECONDS")
    parser.add_argument("--outage", type=float, default=10, metavar="SECONDS", help="how long the data centre is away")
    parser.add_argument("--set", action="append", default=[], metavar="'KEY = VALUE'", help="of [telegram]")
    args = parser.parse_args()
    n, found, exchange = args.accounts, {}, []
    for name, more in (("with pfs", []), ("without pfs", ["pfs = no"])):
        exchange.append(exchange_ms(n))
        say("%d accounts, %s …" % (n, name))
        found[name] = Run(n, args.idle, args.outage, *args.set, *more).whole()
    print_table(["%d accounts" % n, *found], [[what, *(form % value(f) for f in found.values())] for what, form, value in rows(n)])
    # Before and after the run that it is held against.
    print_aims(found["with pfs"], sum(exchange) / len(exchange), n)
    for name, f in found.items():
        print_return(name, f)


if __name__ == "__main__":
    main()
