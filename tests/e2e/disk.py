"""A disk that fills in the middle, and is freed again: each refusal says so, what runs goes on, and nothing is lost."""
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

from lib import TGCALLD, Daemon, check, equal, expect, run, wait_for
from remote import Remote
from store import needs_a_file

# What the store's log may take before it is written back (4 MiB), and as much again for what it stands for.
SIZE = 16 << 20


class Disk:
    """A small file system of its own, with the state directory on it."""

    def __init__(self):
        self.path = tempfile.mkdtemp()
        self.state = os.path.join(self.path, "state")
        self.mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=%d" % SIZE, "tmpfs", self.path], capture_output=True).returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", "-l", self.path], check=True)

    def fill(self):
        with open(os.path.join(self.path, "filler"), "ab", buffering=0) as f:
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while f.write(b"\0" * size):
                        pass

    def free(self):
        os.unlink(os.path.join(self.path, "filler"))


NO_DISK = "a file system of a test's own can be mounted by root alone, and not in every container"


class OnDisk(Remote):
    """A daemon whose state is on DISK."""

    def __init__(self, disk, *more):
        super().__init__(*more)
        self.disk = disk

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.kill_sandbox()
            raise
        return self

    def begin(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.disk.state, "listen"))
        self.daemon = Daemon(config=self.config, state=self.disk.state)
        self.daemon.control = self.ready["control"]

    def kill(self):
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.daemon.forget()

    def upkeep(self, *words):
        p = subprocess.run([TGCALLD, *words, "--config", self.config, "--state-dir", self.disk.state],
                           capture_output=True, text=True, timeout=120)
        return p.returncode, p.stderr


def is_sound(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])


def is_on(d, name):
    a = expect(d.get("/v1/accounts/" + name), 200).json
    return a["state"] == "ready" and a["connection"]["state"] == "ready"


def key_of(disk):
    with open(os.path.join(disk.state, "seal.key")) as f:
        return f.read()


def is_told(err):
    return "full" in err and "free some" in err or "no space where the copy goes" in err


def test_what_a_full_disk_refuses_says_so_and_works_when_it_is_freed():
    with Disk() as disk:
        if not disk.mounted:
            return NO_DISK
        with OnDisk(disk, "flood_wait_max = 1 s\n[server]\nrequest_timeout = 5 s") as r:
            d = r.daemon
            d.login("alice", "+15550001")
            expect(d.post("/v1/accounts", {"name": "carol"}), 201)
            wait_for("the record", lambda: os.path.getsize(os.path.join(disk.state, "store.db-wal")))
            copy, key = os.path.join(r.dir, "copy.db"), key_of(disk)
            disk.fill()
            before = sorted(os.listdir(disk.state))
            for words in (["backup", copy], ["seal", "rotate"], ["backup", os.path.join(disk.path, "here.db")]):
                status, err = r.upkeep(*words)
                check(status == 1 and is_told(err), "%s: %d %s" % (words, status, err))
                equal(len(err.splitlines()), 1)
            equal([n for n in sorted(os.listdir(disk.state)) if n not in before], [])
            check(not os.path.exists(copy) and sorted(os.listdir(disk.path)) == ["filler", "state"])
            equal(key_of(disk), key)
            n = 0
            while (a := d.post("/v1/accounts", {"name": "late%d" % n})).status == 201:
                n += 1
            expect(a, 500, "internal")
            check("state directory" in a.json["remedy"] and is_told(a.json["detail"]), a)
            expect(d.get("/v1/accounts/late%d" % n), 404)
            a = d.post("/v1/accounts/carol/login", {"phone": "+15550003"})
            check(a.status >= 500 and a.json["remedy"], a)
            # What runs needs no disk.
            expect(d.create("@sandbox_group", title="Full House", account="alice"), 201)
            a = wait_for("word of it", lambda: (a := d.get("/readyz")).status == 503 and a)
            equal((a.json["reasons"][0]["state"], a.json["detail"]), ("store-not-writable", "the store cannot be written"))
            disk.free()
            wait_for("the end of it", lambda: d.post("/v1/accounts", {"name": "later"}).status in (201, 409))
            wait_for("readiness", lambda: d.get("/readyz").status == 200)
            equal(r.upkeep("seal", "rotate"), (0, ""))
            equal(r.upkeep("backup", copy), (0, ""))
            is_sound(copy)
            check(key_of(disk) != key)
            wait_for("carol", lambda: d.post("/v1/accounts/carol/login", {"phone": "+15550003"}).status == 200)
            expect(d.post("/v1/accounts/carol/login/code", {"code": "12345"}), 200, state="ready")
            wait_for("the call's record", lambda: b"Full House" in stored(disk))
            r.kill()
            r.begin()
            for name in ("alice", "carol"):
                wait_for(name, lambda: is_on(r.daemon, name))
            equal([c["title"] for c in r.daemon.get("/v1/calls?account=alice").json["calls"]], ["Full House"])


def stored(disk):
    data = b""
    for name in ("store.db", "store.db-wal"):
        with open(os.path.join(disk.state, name), "rb") as f:
            data += f.read()
    return data


def test_an_answer_that_a_full_disk_did_not_take_is_told_again():
    with Disk() as disk:
        if not disk.mounted:
            return NO_DISK
        with OnDisk(disk, "[server]\nrequest_timeout = 20 s") as r:
            d = r.daemon
            d.login("alice", "+15550001")
            d.fault(type="delay", method="phone.createGroupCall", ms=1500)
            counted, answers = d.counting(), []
            asked = {"peer": "@sandbox_channel", "title": "written down"}
            client = threading.Thread(target=lambda: answers.append(keyed(d, "k", asked)))
            client.start()
            wait_for("the create", lambda: counted("phone.createGroupCall"))
            disk.fill()
            client.join()
            first, again = expect(answers[0], 201), expect(keyed(d, "k", asked), 201)
            equal((again.json, again.headers["idempotency-replayed"]), (first.json, "true"))
            # What never was sent does not say that it was.
            expect(keyed(d, "job", asked, {"Prefer": "respond-async"}), 500, "internal")
            job, = expect(d.get("/v1/jobs"), 200).json["jobs"]
            problem = expect(d.get("/v1/jobs/" + job["id"]), 200, state="failed").json["problem"]
            check(is_told(problem["detail"]) and "executed" not in problem, problem)
            disk.free()
            wait_for("the disk", lambda: keyed(d, "job", asked, {"Prefer": "respond-async"}).status == 202)
            equal(counted("phone.createGroupCall"), 1)


def keyed(d, key, body, more=None):
    return d.request("POST", "/v1/calls", body, {"Idempotency-Key": key, **(more or {})})


def test_a_start_on_a_full_disk_says_so():
    with Disk() as disk:
        if not disk.mounted:
            return NO_DISK
        with OnDisk(disk) as r:
            r.daemon.login("alice", "+15550001")
            r.kill()
            disk.fill()
            try:
                r.begin()
                # It may begin where what is there is enough.
                r.kill()
            except AssertionError as e:
                check(is_told(str(e)), e)
            disk.free()
            is_sound(os.path.join(disk.state, "store.db"))
            r.begin()
            wait_for("alice", lambda: is_on(r.daemon, "alice"))


class Busy(threading.Thread):
    """Logs accounts in, creates calls, takes backups, changes the key, whatever the answers are. `ready` has those that
    were said to be."""

    def __init__(self, r, n):
        super().__init__()
        self.r, self.n, self.ready, self.stopped, self.odd = r, n, [], threading.Event(), []

    def run(self):
        name, phone = "k%d" % self.n, ("+15550001", "+15550003")[self.n % 2]
        d, rng = self.r.daemon, random.Random(self.n)
        while not self.stopped.is_set():
            if name not in self.ready:
                answers = [d.post("/v1/accounts", {"name": name}),
                           d.post("/v1/accounts/%s/login" % name, {"phone": phone}),
                           d.post("/v1/accounts/%s/login/code" % name, {"code": "12345"})]
                if answers[2].status == 200:
                    self.ready.append(name)
                self.odd += [a for a in answers if a.status >= 500 and not a.json.get("remedy")]
            elif rng.random() < 0.4:
                d.create("@sandbox_group", account=name, if_exists="replace")
            else:
                words = ["seal", "rotate"] if rng.random() < 0.5 else ["backup", os.path.join(self.r.dir, "c%d" % self.n),
                                                                      "--replace"]
                status, err = self.r.upkeep(*words)
                if status not in (0, 1) or (status == 1 and not is_told(err)):
                    self.odd.append((words, status, err))


def test_a_disk_that_fills_again_and_again_loses_nothing():
    rng = random.Random(11)
    with Disk() as disk:
        if not disk.mounted:
            return NO_DISK
        with OnDisk(disk, "flood_wait_max = 1 s\n[server]\nrequest_timeout = 5 s") as r:
            ready = []
            for n in range(6):
                busy = Busy(r, n)
                busy.start()
                for _ in range(3):
                    time.sleep(rng.random() * 0.5)
                    disk.fill()
                    time.sleep(rng.random() * 0.5)
                    disk.free()
                wait_for("a login", lambda: busy.ready)
                busy.stopped.set()
                busy.join()
                equal(busy.odd, [])
                ready += busy.ready
                if n % 2:
                    r.kill()
                    is_sound(os.path.join(disk.state, "store.db"))
                    r.begin()
                for name in ready:
                    wait_for("%s in round %d" % (name, n), lambda: is_on(r.daemon, name))


if __name__ == "__main__":
    needs_a_file()
    run(globals())
