"""A daemon that is configured to use a sandbox of another process, which outlives it."""
import json
import os
import signal
import subprocess
import tempfile

from lib import Daemon, Process, expect, running


class Remote:
    """A sandbox of its own process, and a daemon that is configured to use it."""

    def __init__(self, *more, sandbox=(), dc1="127.0.0.1:0"):
        self.more_sandbox, self.daemon = sandbox, None
        self.dir = tempfile.mkdtemp()
        self.key = os.path.join(self.dir, "key.pem")
        self.start_sandbox(dc1, "127.0.0.1:0")
        self.config = os.path.join(self.dir, "tgcalld.conf")
        with open(self.config, "w") as f:
            f.write("[telegram]\nenvironment = custom\napi_id = 1\napi_hash = 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e\n%s\n[dc 1]\naddress = %s\npublic_key = %s\n"
                    "[dc 2]\naddress = %s\npublic_key = %s\n"
                    % ("\n".join(more), self.ready["dc1"], self.key, self.ready["dc2"], self.key))

    def start_sandbox(self, first, second):
        self.sandbox = Process("sandbox", "--listen", first, "--second", second, "--control", "127.0.0.1:0",
                               "--public-key-out", self.key, *self.more_sandbox, stdout=subprocess.PIPE)
        self.ready = json.loads(self.sandbox.process.stdout.readline())

    def kill_sandbox(self):
        self.sandbox.end(signal.SIGKILL)
        self.sandbox.forget()
        if self.daemon:
            self.daemon.control = None

    def __enter__(self):
        try:
            self.daemon = Daemon(config=self.config)
        except BaseException:
            self.kill_sandbox()
            raise
        self.daemon.control = self.ready["control"]
        return self

    def __exit__(self, *failure):
        try:
            self.daemon.__exit__(*failure)
        finally:
            # One that was killed by its test has no end to be held to.
            if self.sandbox.process in running:
                self.sandbox.__exit__(*failure)


def next_daemon(r, state=None):
    """R's daemon ends, and another begins: with nothing, or that STATE."""
    r.daemon.end_cleanly()
    r.daemon.forget()
    r.daemon = Daemon(config=r.config, state=state)
    r.daemon.control = r.ready["control"]
    return r.daemon


def login_of_another(r):
    """Alice's login at a daemon that has ended, as a session string of Telethon's."""
    r.daemon.login("alice", "+15550001")
    text = expect(r.daemon.post("/v1/accounts/alice/session", {"format": "telethon"}), 200).json["text"]
    next_daemon(r)
    return text
