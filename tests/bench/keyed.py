#!/usr/bin/env python3
"""What an Idempotency-Key costs a create: 64 callers with one and without, the state in memory (tmpfs) and on a disk, in SQLite and in
a PostgreSQL server of this machine. An intent is on the disk before it is sent, and its answer before it is told; what comes at once
shares the waits."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from load import wrk
from processes import TGCALLD, TOP, say, stop_all
from report import print_table
from subjects import MANY, Tgcalld

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
    args = parser.parse_args()
    folders = [(place, tempfile.mkdtemp(prefix="tgcalld-bench-", dir=where)) for place, where in
               (("tmpfs", MEMORY), ("disk", args.disk))]
    every = [(Keyed(place + (", with keys" if has_keys else ""), folder, has_keys)) for place, folder in folders
             for has_keys in (False, True)]
    every += [Keyed("PostgreSQL, " + place + (", with keys" if has_keys else ""), folder, has_keys, make("b%d" % has_keys))
              for place, folder, make in servers(folders) for has_keys in (False, True)]
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
    results = [(s.name, s.result(MANY)) for s in every]
    print_table(["%d at a time" % MANY, "calls/s", "of without", "p50 ms", "p99 ms", "CPU us a call", "system calls"],
                [[name, "%.0f" % r["rate"], "%.2f" % (r["rate"] / results[i - i % 2][1]["rate"]), "%.1f" % (r["p50_us"] / 1000),
                  "%.1f" % (r["p99_us"] / 1000), "%.1f" % r["cpu_us"], "%.1f" % (r["system_calls"] or 0)]
                 for i, (name, r) in enumerate(results)])
    print("disk: %s" % args.disk)


if __name__ == "__main__":
    main()
