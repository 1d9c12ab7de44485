"""What a process holds, sampled for as long as it runs: private memory, descriptors, threads, its database, its log's lines and
its CPU time; and whether that is flat."""
import os
import statistics
import time

from lib import check, sanitized
from machine import cpu_s, memory

MEMORY_SHARE, MEMORY_KB = 1.05, 512
# An intent is kept for a day, and with its answer in the store: what each takes, measured by thousands.
INTENT_KB, INTENT_STORED_KB = 1.5, 5
# SQLite's log goes back into the database at 1,000 pages.
WAL_BYTES = 6 << 20
STORE_SHARE, STORE_BYTES = 1.05, 512 << 10
LOG_SHARE = 1.5
# Of clients that come and go.
DESCRIPTORS = 4


def descriptors(pid):
    """Where each of its open ones goes."""
    found = []
    for n in os.listdir("/proc/%d/fd" % pid):
        try:
            found.append(os.readlink("/proc/%d/fd/%s" % (pid, n)))
        except FileNotFoundError:
            pass
    return found


def size(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def above(name, got, bound):
    return ["%s: %d, and at most %d was to be" % (name, got, bound)] if got > bound else []


class Vitals:
    """Of daemon D, from now on for SECONDS. `count` is what else a sample has, by name: functions."""

    def __init__(self, d, seconds, **count):
        self.d, self.seconds, self.count = d, seconds, count
        self.pid = d.process.pid
        self.began, self.samples = time.monotonic(), []
        self.log, self.lines, self.retries = open(d.errors.name, "rb"), 0, 0

    def close(self):
        self.log.close()

    def read_log(self):
        for line in self.log:
            self.lines += 1
            self.retries += b"next attempt in" in line

    def sample(self):
        self.read_log()
        store = os.path.join(self.d.state, "store.db")
        s = {"at": time.monotonic() - self.began, "memory": memory(self.pid)["anon_kb"], "descriptors": len(descriptors(self.pid)),
             "threads": len(os.listdir("/proc/%d/task" % self.pid)), "store": size(store), "wal": size(store + "-wal"),
             "lines": self.lines, "retries": self.retries, "cpu": cpu_s(self.pid)}
        s.update((name, function()) for name, function in self.count.items())
        self.samples.append(s)
        return s

    def quarter(self, n, name):
        """The samples of the Nth quarter, from 1."""
        part = [s[name] for s in self.samples if n - 1 <= 4 * s["at"] / self.seconds < n]
        return check(part, "no sample in quarter %d" % n)

    def medians(self, name):
        return [statistics.median(self.quarter(n, name)) for n in (2, 4)]

    def growth(self, name):
        """By how much it grew in each of the two quarters."""
        return [q[-1] - q[0] for q in (self.quarter(n, name) for n in (2, 4))]

    def summary(self):
        told = ["%s %d → %d" % (name, *self.medians(name)) for name in ("memory", "descriptors", "threads", "store", "wal")]
        return "; ".join(told + ["log lines a quarter %d → %d" % tuple(self.growth("lines"))])

    def not_flat(self):
        """What grew from the second quarter to the last, as sentences."""
        before, after = self.medians("intents")
        intents = after - before
        kb, later = self.medians("memory")
        # Sanitizers keep what was freed.
        found = [] if sanitized() else above("private memory, kB", later,
                                             max(kb * MEMORY_SHARE, kb + MEMORY_KB) + intents * INTENT_KB)
        store, later = self.medians("store")
        found += above("store.db", later, max(store * STORE_SHARE, store + STORE_BYTES) + intents * INTENT_STORED_KB * 1024)
        lines, later = self.growth("lines")
        return found + above("log lines in a quarter", later, lines * LOG_SHARE)

    def beyond(self):
        """What was more than it may be, however short the time was."""
        found = above("store.db-wal", max(s["wal"] for s in self.samples), WAL_BYTES)
        for name, spare in (("threads", 0), ("descriptors", DESCRIPTORS)):
            before, after = self.medians(name)
            found += above(name, after, before + spare)
        return found
