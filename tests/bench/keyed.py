#!/usr/bin/env python3
"""What an Idempotency-Key costs a create, and what it costs to ask the node that has not the account: 64 callers with a key and
without, the state in memory (tmpfs) and on a disk, in SQLite and in a PostgreSQL server of this machine, of one daemon, and of two nodes
of which the other is asked. An intent is on the disk before it is sent, and its answer before it is told; what comes at once shares the
waits. CPU is the daemons', both nodes', without the server's."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import machine
from load import wrk
from processes import TGCALLD, TOP, Daemon, say, stop, stop_all
from report import print_table
from subjects import MANY, Behind, Tgcalld

MEMORY = "/dev/shm"
SERVER = os.path.join(TOP, "tests", "support", "postgres.py")


class Keyed(Tgcalld):
    """Each of its requests has a key of its own, if it is to."""

    def __init__(self, name, work, has_keys, store=None):
        super().__init__(name, [MANY], TGCALLD, work, True, ())
        self.has_keys, self.store, self.rounds = has_keys, store, 0

    def load(self, callers, seconds):
        self.rounds += 1
        more = {"keys": "round%d" % self.rounds} if self.has_keys else {}
        return wrk(self.daemon.url, self.daemon.token, callers, seconds, **more)


class ByAnother(Keyed):
    """Two nodes: one has the account, and the other is asked."""

    def start(self):
        Behind.start(self)
        self.holder = Daemon(self.program, self.folder, self.sandbox, store=self.store, node="has")
        self.daemon = Daemon(self.program, self.folder, self.sandbox, store=self.store, node="asked", beside=self.holder)
        self.process = self.daemon.process
        for number in range(1, MANY + 1):
            self.daemon.create(number)

    def snapshot(self):
        cpu, switches, sandbox = super().snapshot()
        return cpu + machine.cpu_s(self.holder.pid), switches + machine.switches(self.holder.pid), sandbox

    def stop(self):
        super().stop()
        stop(self.holder.process)


def servers(folders):
    """A server in each place, and how one makes a database in it."""
    for place, folder in folders:
        os.chmod(folder, 0o755)  # the server is another user's, where root measures
        here = os.path.join(folder, "pg")
        subprocess.run([sys.executable, SERVER, "start", here, str(os.getpid())], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "TGCALLD_POSTGRESQL": "durable"})
        yield place, folder, lambda name, here=here: subprocess.run(
            [sys.executable, SERVER, "create", here, name], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2, help="how long a round takes")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is shown")
    parser.add_argument("--disk", default=tempfile.gettempdir(), metavar="FOLDER", help="of a disk (default: %(default)s)")
    parser.add_argument("--place", choices=("tmpfs", "disk"), help="only there")
    args = parser.parse_args()
    folders = [(place, tempfile.mkdtemp(prefix="tgcalld-bench-", dir=where)) for place, where in
               (("tmpfs", MEMORY), ("disk", args.disk)) if args.place in (None, place)]
    both = (False, True)
    every = [Keyed("SQLite, " + place, folder, has_keys) for place, folder in folders for has_keys in both]
    for place, folder, make in servers(folders):
        every += [Keyed("PostgreSQL, " + place, folder, has_keys, make("b%d" % has_keys)) for has_keys in both]
        every += [ByAnother("the same by another node", folder, has_keys, make("n%d" % has_keys)) for has_keys in both]
    try:
        for s in every:
            s.start()
        for s in every:
            s.warm_up(MANY)
        for number in range(args.rounds):
            say("round %d \u2026" % (number + 1))
            for s in every:
                s.measure(MANY, args.seconds)
        for s in every:
            s.count(MANY, 1)
            s.finish()
    finally:
        stop_all()
        for _, folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    results = [s.result(MANY) for s in every]
    rows = []
    for i, (s, r) in enumerate(zip(every, results)):
        here = results[i - 2]["rate"] if isinstance(s, ByAnother) else None
        rows.append([s.name + (", with keys" if s.has_keys else ""), "%.0f" % r["rate"], "%.2f" % (r["rate"] / results[i - i % 2]["rate"]),
                     "%.2f" % (r["rate"] / here) if here else "", "%.1f" % (r["p50_us"] / 1000), "%.1f" % (r["p99_us"] / 1000),
                     "%.1f" % r["cpu_us"], "%.1f" % (r["system_calls"] or 0)])
    print_table(["%d at a time" % MANY, "calls/s", "of without keys", "of local", "p50 ms", "p99 ms", "CPU us a call", "system calls"], rows)
    print("disk: %s" % args.disk)


if __name__ == "__main__":
    main()
