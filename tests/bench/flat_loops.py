"""What more workers bring for accounts that are all busy, on all processors, and which share of the requests comes to a loop that
does not have the account."""
import collections
import os
import threading

from flat_rows import Row, at_once, in_silence

ACCOUNTS = 200
SAMPLES = 20


def sockets_of(port, here):
    """The inodes of the TCP connections with PORT on the other side, or on this one where HERE."""
    with open("/proc/net/tcp") as f:
        words = [line.split() for line in f.readlines()[1:]]
    return {"socket:[%s]" % word[9] for word in words
            if int(word[1 if here else 2].rpartition(":")[2], 16) == port and word[3] == "01"}


def watched(pid):
    """What each of the process's epoll sets watches, and what its descriptors are."""
    fds, sets = {}, {}
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            fds[fd] = os.readlink("/proc/%d/fd/%s" % (pid, fd))
            if fds[fd] == "anon_inode:[eventpoll]":
                with open("/proc/%d/fdinfo/%s" % (pid, fd)) as f:
                    sets[fd] = [line.split()[1] for line in f if line.startswith("tfd:")]
        except OSError:
            continue  # closed in the meantime
    return sets, fds


def loops(pid, sockets):
    """How many of the SOCKETS each loop has, and how many are on more than one. A set that another one watches belongs to its loop."""
    sets, fds = watched(pid)
    outer = {inner: fd for fd, of in sets.items() for inner in of if inner in sets}
    on = collections.defaultdict(set)
    for fd, of in sets.items():
        while fd in outer:
            fd = outer[fd]
        for one in of:
            if fds.get(one) in sockets:
                on[one].add(fd)
    return collections.Counter(fd for of in on.values() for fd in of), sum(len(of) > 1 for of in on.values())


class Loops(Row):
    """Looks at the daemon while it is loaded."""

    def load(self, callers, seconds):
        self.clients = collections.Counter()
        over = threading.Event()

        def look():
            # What waits for its answer may be in no set: many looks see all.
            while not over.wait(seconds / SAMPLES):
                self.clients += loops(self.pid, sockets_of(int(self.daemon.url.rpartition(":")[2]), True))[0]
        thread = threading.Thread(target=look)
        thread.start()
        try:
            return super().load(callers, seconds)
        finally:
            over.set()
            thread.join()

    def spread(self):
        """Every caller goes round its share of the accounts, so a request's chance to find the account on the loop that it came to is
        known from what each loop has."""
        dc, double = loops(self.pid, sockets_of(int(self.sandbox.ready["dc1"].rpartition(":")[2]), False))
        same = sum(n * self.clients[fd] for fd, n in dc.items()) / max(1, sum(dc.values()) * sum(self.clients.values()))
        return "%s: to the data centre %s (%d on more than one loop); %.0f %% of the requests crossed loops" % (
            self.name, " + ".join(str(n) for _, n in sorted(dc.items())), double, 100 * (1 - same))


def workers(bench):
    def prepare(row):
        with in_silence(row):
            at_once(row.daemon.login, ["a%03d" % n for n in range(ACCOUNTS)])
    return [Loops("workers = %d" % count, bench, prepare, chats=ACCOUNTS, settings=["workers = %d" % count],
                  load={"accounts": ACCOUNTS}) for count in (1, 2, 4)]
