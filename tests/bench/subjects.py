"""What is measured: a server that wrk calls or a client that drives itself, and the sandbox behind it. Each may live through a whole
run, so that the rounds of all of them alternate."""
import json
import os
import subprocess
import tempfile
import time

import machine
from load import wrk
from processes import HERE, KEY, PROGRAMS, Daemon, Sandbox, ask, say, start, stop

MANY, MOST = 64, 1000
# A sandbox that truly answers refuses more than 100000 calls in its life.
SANDBOX_CALLS = 90000
# What compiles while it runs is slow for a while.
WARM_CALLS, WARM_ROUNDS = 8000, 8


class Subject:
    """LEVELS: the numbers of callers that it is measured with. A derived class says how it starts, is loaded and stops."""

    def __init__(self, name, levels):
        self.name, self.levels = name, levels
        self.sandbox = None
        self.calls = self.fastest = 0
        self.results = {}

    def make_room(self, seconds):
        """For the calls of a round."""
        if self.sandbox and not self.sandbox.stored and self.calls + 1.2 * self.fastest * seconds > SANDBOX_CALLS:
            self.stop()
            self.calls = 0
            self.start()

    def run(self, callers, seconds):
        got = self.load(callers, seconds)
        if got["failed"] or not got["requests"]:
            say("%s: %d of %d requests failed" % (self.name, got["failed"], got["requests"]))
        self.calls += got["requests"]
        self.fastest = max(self.fastest, got["requests"] / got["seconds"])
        return got

    def warm_up(self, callers):
        before = self.calls
        for _ in range(WARM_ROUNDS):
            self.make_room(1)
            self.run(callers, 1)
            if self.calls - before >= WARM_CALLS:
                break

    def snapshot(self):
        return (machine.cpu_s(self.pid), machine.switches(self.pid), machine.cpu_s(self.sandbox.pid) if self.sandbox else 0)

    def measure(self, callers, seconds):
        """One round."""
        self.make_room(seconds)
        before = self.snapshot()
        got = self.run(callers, seconds)
        n = max(1, got["requests"])
        cpu, switches, sandbox = (b - a for a, b in zip(before, self.snapshot()))
        self.results.setdefault(callers, []).append({
            "rate": n / got["seconds"], "p50_us": got["p50_us"], "p99_us": got["p99_us"], "cpu_us": cpu / n * 1e6,
            "switches": switches / n, "sandbox_us": sandbox / n * 1e6 if self.sandbox else None})

    def count(self, callers, seconds):
        """A round whose system calls are counted and whose time is not."""
        self.make_room(seconds)
        counted, got = machine.system_calls(self.pid, lambda: self.run(callers, seconds))
        for result in self.results[callers]:
            result["system_calls"] = None if counted is None else counted / max(1, got["requests"])

    def result(self, callers):
        """The median of its rounds, by CPU."""
        rounds = sorted(self.results[callers], key=lambda r: r["cpu_us"])
        return rounds[len(rounds) // 2]

    def finish(self):
        self.after = machine.memory(self.pid)
        self.stop()


class Behind(Subject):
    """One with a sandbox of its own."""

    def __init__(self, name, levels, work, stored, schemas=()):
        super().__init__(name, levels)
        self.work, self.stored, self.schemas = work, stored, schemas
        self.chats = max(levels)

    def start(self):
        self.folder = tempfile.mkdtemp(dir=self.work)
        self.sandbox = Sandbox(self.folder, self.chats, self.stored, self.schemas)

    def stop(self):
        stop(self.process)
        self.sandbox.stop()

    @property
    def pid(self):
        return self.process.pid


class Tgcalld(Behind):
    store = None  # the URL of its database; else that is a file

    def __init__(self, name, levels, program, work, stored, schemas):
        super().__init__(name, levels, work, stored, schemas)
        self.program = program

    def start(self):
        super().start()
        self.daemon = Daemon(self.program, self.folder, self.sandbox, store=self.store)
        self.process = self.daemon.process
        self.ready_ms, self.listening_ms = self.daemon.ready_ms, self.daemon.listening_ms
        self.idle = machine.memory(self.pid)
        for number in range(1, max(self.levels) + 1):
            self.answer_bytes = len(self.daemon.create(number))

    def load(self, callers, seconds):
        return wrk(self.daemon.url, self.daemon.token, callers, seconds)


class Floor(Subject):
    """A program of this folder that answers any call with SIZE bytes and has no Telegram behind it."""

    def __init__(self, name, levels, program, size):
        super().__init__(name, levels)
        self.command = [os.path.join(PROGRAMS, program), str(size)]

    def start(self):
        begun = time.monotonic()
        self.process = start(*self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = "http://127.0.0.1:%d" % int(self.process.stdout.readline())
        self.ready_ms = (time.monotonic() - begun) * 1000
        self.idle = machine.memory(self.pid)

    def stop(self):
        stop(self.process)

    @property
    def pid(self):
        return self.process.pid

    def load(self, callers, seconds):
        return wrk(self.url, "tgc_" + "x" * 43, callers, seconds)


class Told(Behind):
    """Other people's client: COMMAND HOST:PORT KEY CHATS says in one line of JSON that it is ready, with its "url" where it serves
    HTTP; one that does not reads "CALLERS SECONDS" from its stdin and answers each with a line of what it did."""

    def __init__(self, name, levels, command, work, stored, schemas):
        super().__init__(name, levels, work, stored, schemas)
        self.command = command

    def start(self):
        super().start()
        begun = time.monotonic()
        self.process = start(*self.command, self.sandbox.ready["dc1"], KEY + ".pub.pem", str(max(self.levels)),
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self.folder,
                             env={**os.environ, "SANDBOX_DC2": self.sandbox.ready["dc2"]})
        self.url = self.said().get("url")
        self.ready_ms = (time.monotonic() - begun) * 1000
        self.idle = machine.memory(self.pid)
        if self.url:
            self.try_once()

    def said(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("%s ended at once" % self.name)
        return json.loads(line)

    def try_once(self):
        raw = ask(self.url.removeprefix("http://"), "POST", "/v1/calls", {"peer": "@sandbox_load_1", "title": "bench"}, "bench")
        if not json.loads(raw)["call"]["id"]:
            raise SystemExit("%s: %s" % (self.name, raw.decode()))

    def load(self, callers, seconds):
        if self.url:
            return wrk(self.url, "bench", callers, seconds)
        self.process.stdin.write("%d %g\n" % (callers, seconds))
        self.process.stdin.flush()
        return self.said()
