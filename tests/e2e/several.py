"""Several nodes in place of one daemon: with TGCALLD_TEST_NODES=3 in the environment what a test takes for its daemon is three, at
one database and one sandbox, behind a round robin.

- A request goes to the next node, by TCP connection. The Unix socket and the files of the state directory are the first node's; the
  others have state directories of their own beside it.
- What is done to the process (a signal, waiting for its end) is done to all; its pid is the first node's. It has ended when all have,
  with the first status that is not 0.
- The log is all nodes'.
- Where the test has no configuration, `--sandbox` is a sandbox of its own process, which goes on while a state directory's nodes are
  started again, and its account `sandbox` is logged in by the API.

A test that is about one process's own sockets, memory or files says so by store.needs_one_process() or store.ONE_PROCESS."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import store
from lib import PATIENCE, TGCALLD, Daemon, Process, check, expect, running, start_other, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from balancer import Balancer  # noqa: E402

LEASE = "4 s"  # a statement may take a sixth of it, and tests are many at a time
CLUSTER = "\n[cluster]\nnode = n%d\nlease = %s\n"
TELEGRAM = """[telegram]
environment = custom
api_id = 1
api_hash = 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e
[dc 1]
address = %s
public_key = %s
[dc 2]
address = %s
public_key = %s
"""

worlds = {}


class World:
    """The sandbox of a state directory's nodes."""

    def __init__(self, state):
        key = os.path.join(state, "sandbox.pub.pem")
        self.process = Process("sandbox", "--public-key-out", key, stdout=subprocess.PIPE)
        self.ready = json.loads(self.process.process.stdout.readline())
        self.config = os.path.join(state, "sandbox.conf")
        with open(self.config, "w") as f:
            f.write(TELEGRAM % (self.ready["dc1"], key, self.ready["dc2"], key))


class Group:
    """All nodes' processes, as one."""
    stdout = None

    def __init__(self, processes, before_reload):
        self.all, self.before_reload = processes, before_reload
        self.pid = processes[0].pid
        self.was_killed = False

    def poll(self):
        status = [p.poll() for p in self.all]
        return None if None in status else next((s for s in status if s), 0)

    @property
    def returncode(self):
        return self.poll()

    @returncode.setter
    def returncode(self, status):
        """The end that was meant: no test's failure."""
        for p in self.all:
            p.returncode = status

    def send_signal(self, signum):
        self.was_killed = self.was_killed or signum == signal.SIGKILL
        if signum == signal.SIGHUP:
            self.before_reload()
        for p in self.all:
            p.send_signal(signum)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout=None):
        deadline = time.monotonic() + (PATIENCE if timeout is None else timeout)
        for p in self.all:
            p.wait(max(0.01, deadline - time.monotonic()))
        return self.poll()


class Nodes(Daemon):
    def __init__(self, *args, config=None, state=None, **more):
        self.balancer, self.states, self.source = None, [], config
        if state is None:
            state = tempfile.mkdtemp()
        self.states = [state] + ["%s-n%d" % (state, n) for n in range(2, store.NODES + 1)]
        if not config and state not in worlds:
            worlds[state] = World(state)
        self.world = None if config else worlds[state]
        self.source = config or self.world.config
        for s in self.states[1:]:
            self.make_state(s)
        self.write_configurations()
        super().__init__(*args, config=self.config_of(0), state=state, **more)
        try:
            self.start_others(args, more)
            if self.world:
                self.log_in()
        except BaseException:
            self.forget()
            raise

    def make_state(self, state):
        """Of another node: the seal key is the first one's, and where a killed one listened is not where the next does."""
        os.makedirs(state, 0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.symlink(os.path.join(self.states[0], "seal.key"), os.path.join(state, "seal.key"))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(state, "listen"))

    def config_of(self, n):
        return "%s-n%d.conf" % (self.states[0], n + 1)

    def write_configurations(self):
        with open(self.source) as f:
            text = f.read()
        check("[cluster]" not in text and "[store]" not in text, "a test of nodes or the store, which says so")
        for n in range(len(self.states)):
            with open(self.config_of(n), "w") as f:
                f.write(text + CLUSTER % (n + 1, LEASE))

    def start_others(self, args, more):
        if "--log-level" not in args:
            args += ("--log-level", "debug")
        processes = [self.process]
        self.process = Group(processes, self.write_configurations)
        for n in range(1, len(self.states)):
            said = len(self.log())
            processes.append(start_other(TGCALLD, "--config", self.config_of(n), *without_unix(args), "--listen", "127.0.0.1:0", "--unix",
                                         "none", "--state-dir", self.states[n], "--store", store.url(self.states[0]),
                                         stdout=self.errors, stderr=self.errors, **more))
            wait_for("node %d\n%s" % (n + 1, self.log()), lambda: self.is_there(n, processes[n], said))

    def is_there(self, n, process, said):
        check(process.poll() is None, "node %d ended at once:\n%s" % (n + 1, self.log()[said:]))
        return os.path.exists(os.path.join(self.states[n], "listen")) or "waits to take over" in self.log()[said:]

    def listening(self):
        """Of every node that says where."""
        found = []
        for s in self.states:
            with contextlib.suppress(OSError, IndexError), open(os.path.join(s, "listen")) as f:
                host, port = f.read().split()[0].removeprefix("http://").rsplit(":", 1)
                found.append((host, int(port)))
        return found

    def read_where_it_listens(self):
        super().read_where_it_listens()
        if not self.balancer:
            self.balancer = Balancer(self.listening)
        self.host, self.port = self.balancer.host, str(self.balancer.port)
        if self.world:
            self.control = self.world.ready["control"]

    def log_in(self):
        """As --sandbox does."""
        account = self.get("/v1/accounts/sandbox")
        if account.status == 404:
            expect(self.post("/v1/accounts", {"name": "sandbox"}), 201)
        if account.status == 404 or account.json["state"] == "wait_login":
            expect(self.post("/v1/accounts/sandbox/login", {"phone": "+15550001"}), 200)
            expect(self.post("/v1/accounts/sandbox/login/code", {"code": "12345"}), 200, state="ready")

    def of_each(self, path):
        balancer = self.host, self.port
        answers = []
        try:
            for self.host, self.port in self.listening():
                answers.append(self.get(path))
        finally:
            self.host, self.port = balancer
        return answers

    def end_cleanly(self):
        super().end_cleanly()
        check(self.process.was_killed or not self.listening(), "a file listen stayed behind")

    def forget(self):
        processes = self.process.all if isinstance(self.process, Group) else [self.process]
        super().forget()
        for p in processes:
            running.discard(p)
        if self.balancer:
            self.balancer.close()


def without_unix(args):
    args = list(args)
    if "--unix" in args:
        at = args.index("--unix")
        del args[at:at + 2]
    return args
