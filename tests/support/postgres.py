#!/usr/bin/env python3
"""A PostgreSQL of a test's own: in one folder, on a Unix socket in it, without a port, and gone with who started it.

    postgres.py start DIR [PID]     makes DIR, and a server in it; prints the URL of its database tgcalld. With
                                    TGCALLD_POSTGRESQL=durable in the environment it writes as one that is in use
    postgres.py standby DIR FROM [PID]
                                    the same, of a server that repeats what the one in FROM writes, which was started with
                                    TGCALLD_POSTGRESQL=primary in the environment
    postgres.py promote DIR         a standby may be written from now on
    postgres.py create DIR NAME     makes the database NAME, in place of one of that name; prints its URL
    postgres.py sql DIR NAME SQL    as the superuser; prints the rows, columns separated by |
    postgres.py restart DIR         also after kill
    postgres.py freeze DIR          all its processes stand still: who asks it, waits
    postgres.py thaw DIR
    postgres.py kill DIR            all its processes, by SIGKILL
    postgres.py stop DIR            ends it, and removes DIR

The URLs are of the role tgcalld, which may do what the owner of a database may, and make databases. Nothing is synced to
the disk: what it says is kept outlives the server's end, not the machine's.

Beside it lives a guard, its parent. It waits for the end of PID (the caller's parent's, or who called), whatever end that
is, and then stops the server and removes DIR. Where root calls, the server is another user's, as it refuses to be root's:
that user must be able to come to DIR. Exit status 77: there is no PostgreSQL here."""
import contextlib
import ctypes
import glob
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
SECONDS = 60
SOCKET = "/.s.PGSQL.5432"
SETTINGS = {
    "listen_addresses": "", "unix_socket_permissions": "0777", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "min_wal_size": "8MB", "max_wal_size": "64MB", "shared_buffers": "16MB",
    "max_connections": "60", "dynamic_shared_memory_type": "mmap", "autovacuum": "off", "log_min_messages": "warning",
}

# What a server has by itself of these.
PRIMARY = {"wal_level": "replica", "max_wal_senders": "4", "synchronous_commit": "on"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "128MB",
           "max_wal_size": "1GB"}


def programs():
    """The folder of initdb and postgres: the newest, or what $PATH has."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda p: int(p.split("/")[4]))
    here = found[-1] if found else shutil.which("initdb")
    if not here:
        print("there is no PostgreSQL here", file=sys.stderr)
        sys.exit(77)
    return os.path.dirname(os.path.realpath(here))


def server_user():
    """Whose the server is: None for the caller's."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("neither a user postgres nor nobody: whose is the server to be?")


def url(folder, name):
    return "postgresql://tgcalld@/%s?host=%s" % (name, folder)


def state(pid):
    """"R", "S", "T" and so on; "X": it is not there."""
    with contextlib.suppress(OSError), open("/proc/%d/stat" % pid) as f:
        return f.read().rpartition(")")[2].split()[0]
    return "X"


def until(pids, states):
    while not all(state(p) in states for p in pids):
        time.sleep(0.002)


def children(parent):
    """All that a postmaster has made."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError), open("/proc/%s/stat" % entry) as f:
                if int(f.read().rpartition(")")[2].split()[1]) == parent:
                    yield int(entry)


class Guard:
    """The server's parent: it does what it is asked on a socket, one thing at a time."""

    def __init__(self, folder, bin_folder, user, primary=None):
        kind = os.environ.get("TGCALLD_POSTGRESQL")
        self.more = PRIMARY if primary or kind == "primary" else DURABLE if kind == "durable" else {}
        self.primary = primary
        self.folder, self.bin, self.user = folder, bin_folder, user
        self.data = os.path.join(folder, "data")
        self.server = None
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.ear.bind(os.path.join(folder, "guard"))
        self.ear.listen(8)
        self.log = open(os.path.join(folder, "log"), "ab")
        os.chmod(self.log.name, 0o644)

    def become(self):
        """In the child: the server's user, and it ends with the guard even where that is killed."""
        if self.user:
            os.setgroups([])
            os.setresgid(*[self.user.pw_gid] * 3)
            os.setresuid(*[self.user.pw_uid] * 3)
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)

    def run(self, program, *args):
        return subprocess.Popen([os.path.join(self.bin, program), *args], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                cwd=self.folder, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, preexec_fn=self.become)

    def make(self):
        if self.primary:
            copied = self.run("pg_basebackup", "-D", self.data, "-h", self.primary, "-U", "postgres", "-R", "-X", "stream", "-c", "fast",
                              "--no-sync")
            if copied.wait() != 0:
                raise RuntimeError("pg_basebackup failed")
            return self.start()
        made = self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync",
                        "--no-instructions", "--wal-segsize=4")
        if made.wait() != 0:
            raise RuntimeError("initdb failed")
        self.start()
        self.sql("postgres", "CREATE ROLE tgcalld LOGIN CREATEDB")
        self.sql("postgres", "CREATE DATABASE tgcalld OWNER tgcalld")

    def start(self):
        settings = {**SETTINGS, **self.more, "unix_socket_directories": self.folder}
        self.server = self.run("postgres", "-D", self.data, *["--%s=%s" % s for s in settings.items()])
        deadline = time.monotonic() + SECONDS
        # It says so in this file, as pg_ctl knows.
        while not self.is_ready():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not come up")
            time.sleep(0.01)

    def is_ready(self):
        with contextlib.suppress(OSError, IndexError), open(os.path.join(self.data, "postmaster.pid")) as f:
            lines = f.read().split("\n")
            return lines[0] == str(self.server.pid) and lines[7].strip() in ("ready", "standby")
        return False

    def sql(self, name, text):
        return subprocess.run([os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                               "-U", "postgres", "-d", name, "-c", text],
                              check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log).stdout

    def signal_all(self, signum):
        for pid in (self.server.pid, *children(self.server.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signum)

    def freeze(self):
        """The postmaster first: one that stands still makes no more."""
        os.kill(self.server.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.server.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self.signal_all(signal.SIGSTOP)
        until(children(self.server.pid), "TZX")

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def kill(self):
        """Once the postmaster is gone, its children are nobody's."""
        self.freeze()
        left = list(children(self.server.pid))
        for pid in (self.server.pid, *left):
            os.kill(pid, signal.SIGKILL)
        self.server.wait()
        until(left, "ZX")

    def end(self, signum):
        """SIGINT: when what is under way has been called off; SIGQUIT: at once."""
        if self.server and self.server.poll() is None:
            self.thaw()
            self.server.send_signal(signum)
            try:
                self.server.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def restart(self):
        self.end(signal.SIGINT)
        self.start()

    def leave_nothing(self):
        self.end(signal.SIGQUIT)
        # One that was killed has left the memory that tells a second server of the first.
        with contextlib.suppress(OSError, IndexError), open(os.path.join(self.data, "postmaster.pid")) as f:
            subprocess.run(["ipcrm", "-m", f.read().split("\n")[6].split()[1]], stderr=self.log, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def answer(self, said):
        if said not in ("restart", "freeze", "thaw", "kill"):
            return "no such thing: " + said
        if said != "restart" and self.server.poll() is not None:
            return "the server has ended"
        try:
            getattr(self, said)()
        except (OSError, RuntimeError, subprocess.SubprocessError) as e:
            return "%s failed: %s" % (said, e)
        return "done"

    def serve(self, watched):
        """Until the process WATCHED has ended, or somebody says stop."""
        while True:
            ready, _, _ = select.select([self.ear, watched], [], [])
            if watched in ready:
                return self.leave_nothing()
            asker, _ = self.ear.accept()
            with asker:
                said = asker.recv(100).decode()
                if said == "stop":
                    self.leave_nothing()
                with contextlib.suppress(OSError):
                    asker.sendall(("done" if said == "stop" else self.answer(said)).encode())
            if said == "stop":
                return None


def guard(folder, bin_folder, user, watched, tell, primary):
    """The process that stays; TELL hears "ready", or what went wrong."""
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(signum, signal.SIG_IGN if signum != signal.SIGTERM else lambda *_: sys.exit(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    first, second = sorted((watched, tell))
    for low, high in ((3, first), (first + 1, second), (second + 1, 65536)):
        os.closerange(low, high)
    g = None
    try:
        g = Guard(folder, bin_folder, user, primary)
        g.make()
        os.write(tell, b"ready")
        os.close(tell)
        tell = -1
        g.serve(watched)
    except (OSError, RuntimeError, subprocess.SubprocessError) as e:
        if tell >= 0:
            with contextlib.suppress(OSError), open(os.path.join(folder, "log")) as f:
                os.write(tell, ("%s\n%s" % (e, f.read()[-2000:])).encode())
    finally:
        if g:
            g.leave_nothing()


def start(folder, pid, primary=None):
    folder = os.path.abspath(folder)
    if len(folder + SOCKET) > 106:
        raise SystemExit("too long for a socket's path: " + folder)
    bin_folder, user = programs(), server_user()
    watched = os.pidfd_open(pid)
    os.mkdir(folder, 0o711)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    heard, tell = os.pipe()
    if os.fork() == 0:
        os.close(heard)
        status = 1
        try:
            guard(folder, bin_folder, user, watched, tell, primary)
            status = 0
        finally:
            os._exit(status)
    os.close(tell)
    with os.fdopen(heard) as f:
        said = f.read()
    if said != "ready":
        shutil.rmtree(folder, ignore_errors=True)
        raise SystemExit("no server: " + said)
    print(url(folder, "tgcalld"))


def ask(folder, what):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect(os.path.join(folder, "guard"))
        s.sendall(what.encode())
        said = s.recv(1000).decode()
    if said != "done":
        raise SystemExit(said or "the guard has ended")


def sql(folder, name, *texts):
    args = [a for text in texts for a in ("-c", text)]
    done = subprocess.run([os.path.join(programs(), "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "postgres",
                           "-d", name, *args], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(1)


def create(folder, name):
    sql(folder, "postgres", "SET client_min_messages = warning", "DROP DATABASE IF EXISTS \"%s\" WITH (FORCE)" % name, "CREATE DATABASE \"%s\" OWNER tgcalld" % name)
    print(url(os.path.abspath(folder), name))


def main(args):
    if len(args) in (2, 3) and args[0] == "start":
        start(args[1], int(args[2]) if len(args) == 3 else os.getppid())
    elif len(args) in (3, 4) and args[0] == "standby":
        start(args[1], int(args[3]) if len(args) == 4 else os.getppid(), os.path.abspath(args[2]))
    elif len(args) == 2 and args[0] == "promote":
        sql(args[1], "postgres", "DO $$ BEGIN PERFORM pg_promote(true, 60); END $$")
    elif len(args) == 3 and args[0] == "create":
        create(*args[1:])
    elif len(args) == 4 and args[0] == "sql":
        sql(*args[1:])
    elif len(args) == 2 and args[0] in ("restart", "freeze", "thaw", "kill", "stop"):
        ask(args[1], args[0])
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
