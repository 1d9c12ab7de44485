"""What the whole-daemon tests share: a daemon with its sandbox, HTTP, the sandbox's control port, TAP.

A test file is a list of functions named test_*; run(globals()) runs them in the order of the file and prints TAP. A function
that takes `d` gets the file's one daemon; one that returns a text could not run here, and the text says why. Each is named
after what it proves. Whatever way the test ends, but for SIGKILL, its processes end with it, and its files, which tempfile
puts into one folder, are gone."""
import atexit
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import store
from described import Description
from unsaid import Unsaid

BUILD = os.environ.get("TGCALLD_BUILDDIR", os.getcwd())
TGCALLD = os.path.join(BUILD, "tgcalld")
# Sanitized builds are several times slower, and the machine may be busy: who waits in vain fails late, and no other one.
PATIENCE = float(os.environ.get("TGCALLD_PATIENCE", "1")) * 180
# What runs the daemon, and has its pid then.
launcher = os.environ.get("TGCALLD_LAUNCHER", "").split()


tempfile.tempdir = tempfile.mkdtemp(prefix="tgcalld-e2e-")
# A private state directory of the program's goes there too.
os.environ["XDG_RUNTIME_DIR"] = tempfile.tempdir
running = set()
# Lines of daemons' logs that have a secret in them.
told = []
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "api", "openapi.json")) as f_:
    description = Description(json.load(f_))
# Held where a process is started; in the thread of a signal's handler it may be held already.
starting = threading.RLock()
leaving = False


def sanitized():
    """Whether the build has a sanitizer, which keeps what was freed and books of its own."""
    with open(TGCALLD, "rb") as f:
        return re.search(rb"__[at]san_init", f.read())


def leave_nothing():
    global leaving
    with starting:
        leaving = True
    for process in list(running):
        if process.returncode is None:
            with contextlib.suppress(OSError):
                os.kill(process.pid, signal.SIGKILL)
                # Not process.wait(): a signal may have come in the midst of it, and it holds a lock.
                os.waitpid(process.pid, 0)
    # Out of the way of the threads that still make files.
    with contextlib.suppress(OSError):
        os.rename(tempfile.tempdir, tempfile.tempdir + ".gone")
    shutil.rmtree(tempfile.tempdir + ".gone", ignore_errors=True)


def on_signal(signum, _):
    leave_nothing()
    signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)


atexit.register(leave_nothing)
for signum_ in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(signum_, on_signal)


def start(*args, **more):
    """The program, which does not outlive the test."""
    return start_other(TGCALLD, *args, **more)


def start_other(*args, **more):
    """The same for another program."""
    with starting:
        check(not leaving, "the test is ending")
        process = subprocess.Popen((*launcher, *args) if args[0] == TGCALLD else args, **more)
        running.add(process)
    return process


class Answer:
    """One HTTP answer: status, headers (lower-case names), and the body as JSON where it is."""

    def __init__(self, status, headers, raw):
        self.status, self.raw = status, raw
        self.headers = {k.lower(): v for k, v in headers}
        self.json = json.loads(raw) if raw and "json" in self.headers.get("content-type", "") else None

    def __repr__(self):
        return "%d %s" % (self.status, self.raw[:2000].decode("utf-8", "replace"))

    def problem(self):
        return (self.json or {}).get("type", "").partition(",2026:")[2]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def wait_for(what, condition, seconds=None):
    """Polls an outside condition that has no event to wait on; fails loudly."""
    deadline = time.monotonic() + (seconds or PATIENCE)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("never came: " + what)
        time.sleep(0.01)


class Process:
    """A child whose stderr goes to a file that is shown when a test fails. `with` holds it to a clean end."""

    def __init__(self, *args, stdout=None, program=TGCALLD, env=None, launcher=(), pass_fds=()):
        self.errors = tempfile.NamedTemporaryFile(suffix=".log", delete=False)
        self.process = start_other(*launcher, program, *args, stdout=stdout or self.errors, stderr=self.errors, env=env,
                                   pass_fds=pass_fds)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.end_cleanly()
        finally:
            self.forget()

    def log(self):
        with open(self.errors.name, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def end(self, signum=signal.SIGTERM):
        """Stops it and returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        return self.ended()

    def ended(self):
        """The exit status of one that was told to stop, or ends by itself."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("did not stop within %d s" % PATIENCE)

    def end_cleanly(self):
        status = self.end()
        check(status == 0, "exit status %d:\n%s" % (status, self.log()))

    def look_back(self):
        """Once it has ended, and before its log is gone."""

    def forget(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.look_back()
        running.discard(self.process)
        if self.process.stdout:
            self.process.stdout.close()
        self.errors.close()
        os.unlink(self.errors.name)


class Daemon(Process):
    """A tgcalld that serves HTTP; `--sandbox` unless a configuration is given."""

    def __init__(self, *args, config=None, state=None, **more):
        self.config, self.state = config, state or tempfile.mkdtemp()
        self.unsaid = Unsaid()
        settings = ""
        if config:
            with open(config) as f:
                settings = f.read()
            self.unsaid.settings(settings)
        # All that it may ever say is searched for secrets, unless a test is about what it says.
        if "--log-level" not in args and "[log]" not in settings:
            args += ("--log-level", "debug")
        if store.POSTGRESQL and "--store" not in args and "[store]" not in settings:
            args += ("--store", store.url(self.state))
        what = ["--config", config] if config else ["--sandbox", "--control", "127.0.0.1:0"]
        super().__init__(*what, "--listen", "127.0.0.1:0", "--state-dir", self.state, *args, **more)
        try:
            self.read_where_it_listens()
        except BaseException:
            self.forget()
            raise

    def read_where_it_listens(self):
        listen = os.path.join(self.state, "listen")
        wait_for("the file listen\n" + self.log(), lambda: os.path.exists(listen) or self.process.poll() is not None)
        if not os.path.exists(listen):
            raise AssertionError("the daemon ended at once:\n" + self.log())
        with open(listen) as f:
            urls = f.read().split()
        self.host, self.port = urls[0].removeprefix("http://").rsplit(":", 1)
        self.unix = next((u.removeprefix("unix:") for u in urls if u.startswith("unix:")), None)
        with open(os.path.join(self.state, "admin.token")) as f:
            self.token = f.read().strip()
        self.unsaid.add(self.token)
        self.control = None
        for line in self.log().splitlines():
            if "sandbox control at http://" in line:
                self.control = line.rsplit("http://", 1)[1]

    def request(self, method, path, body=None, headers=None, token=True, unix=False, timeout=None):
        connection = (UnixConnection(self.unix, timeout or PATIENCE) if unix
                      else http.client.HTTPConnection(self.host, int(self.port), timeout=timeout or PATIENCE))
        sent = dict(headers or {})
        if token and not unix:
            sent.setdefault("Authorization", "Bearer " + (token if isinstance(token, str) else self.token))
        self.unsaid.asked(path, body, sent)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, sent)
            raw = connection.getresponse()
            answer = Answer(raw.status, raw.getheaders(), raw.read())
        finally:
            connection.close()
        description.check(method, path, answer)
        self.unsaid.answered(method, path, answer.json)
        return answer

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def of_each(self, path):
        """What each process answers for itself: there is one."""
        return [self.get(path)]

    def post(self, path, body=None, **more):
        return self.request("POST", path, {} if body is None else body, **more)

    def create(self, peer, **members):
        return self.post("/v1/calls", {"peer": peer, **members})

    def method(self, name, query="", **params):
        return self.post("/v1/methods/" + name + query, params)

    def login(self, name, phone, code="12345", password=None):
        expect(self.post("/v1/accounts", {"name": name}), 201)
        expect(self.post("/v1/accounts/%s/login" % name, {"phone": phone}), 200, state="wait_code")
        answer = expect(self.post("/v1/accounts/%s/login/code" % name, {"code": code}), 200)
        if password is not None:
            equal(answer.json["state"], "wait_password")
            answer = expect(self.post("/v1/accounts/%s/login/password" % name, {"password": password}), 200)
        equal(answer.json["state"], "ready")
        return answer

    # The sandbox's control port.
    def sandbox(self, method, path, body=None):
        return control(self.control, method, path, body)

    def fault(self, **rule):
        self.sandbox("POST", "/fault", rule)

    def all_struck(self):
        """A fault that struck nothing proves nothing. Those without end may wait for what does not come."""
        left = [f for f in self.sandbox("GET", "/state")["faults"] if f.get("count", 1)]
        check(not left, "faults that never struck: %r" % left)

    def at_one_place(self):
        """Whatever was done: no key was used on two connections at once, as far as a sandbox of its own or another one saw."""
        seen = [x for x in self.sandbox("GET", "/lints")["lints"] if x["lint"] == "key_at_two_places"]
        check(not seen, seen)

    def clear(self):
        self.sandbox("POST", "/clear", {})

    def counts(self):
        """How often each method was executed."""
        return self.sandbox("GET", "/state").get("methods", {})

    def counting(self):
        """A function that says how often a method was executed from now on."""
        before = self.counts()
        return lambda method: self.counts().get(method, 0) - before.get(method, 0)

    def sandbox_calls(self, title=None):
        calls = self.sandbox("GET", "/state")["calls"]
        return [c for c in calls if title is None or c.get("title") == title]

    def __exit__(self, kind, *failure):
        try:
            if kind is None and self.control and self.process.poll() is None:
                self.all_struck()
                self.at_one_place()
        except BaseException:
            self.forget()
            raise
        super().__exit__(kind, *failure)

    def look_back(self):
        with contextlib.suppress(OSError):
            with open(os.path.join(self.state, "seal.key")) as f:
                self.unsaid.add_key(bytes.fromhex(f.read()))
        told.extend(self.unsaid.found(self.log()))

    def end_cleanly(self):
        super().end_cleanly()
        check(not os.path.exists(os.path.join(self.state, "listen")), "the file listen stayed behind")


def answers_on(s, n):
    """The next N answers on a connection where as many requests were sent at once: status, headers, body."""
    with s.makefile("rb") as f:
        for _ in range(n):
            status = int(f.readline().split()[1])
            headers = http.client.parse_headers(f)
            yield status, headers, f.read(int(headers["Content-Length"]))


def control(address, method, path, body=None):
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    if answer.status >= 300:
        raise AssertionError("control %s %s: %d %s" % (method, path, answer.status, raw))
    return json.loads(raw) if raw else None


def equal(got, want):
    if got != want:
        raise AssertionError("got %r, want %r" % (got, want))


def check(value, what="not so"):
    if not value:
        raise AssertionError(what)
    return value


def expect(answer, status, problem=None, **members):
    """The status, the problem's slug where one is given, and members of the body."""
    if answer.status != status or (problem and answer.problem() != problem):
        raise AssertionError("got %r, want %d %s" % (answer, status, problem or ""))
    for name, want in members.items():
        if (answer.json or {}).get(name) != want:
            raise AssertionError("%s is not %r in %r" % (name, want, answer))
    return answer


def at_once(n, function):
    """Calls FUNCTION(0…n-1) on N threads and returns the results in order."""
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        return list(pool.map(function, range(n)))


def run(names, *daemon_args):
    tests = [(n, f) for n, f in names.items() if n.startswith("test_") and callable(f)]
    needs = any(f.__code__.co_argcount for _, f in tests)
    failed = 0
    print("1..%d" % (len(tests) + (1 if needs else 0) + 1), flush=True)
    daemon = None
    number = 0
    try:
        if needs:
            daemon = Daemon(*daemon_args)
        for name, function in tests:
            number += 1
            try:
                why = function(*([daemon] if function.__code__.co_argcount else []))
                if daemon:
                    daemon.all_struck()
                skip = " # SKIP " + why if isinstance(why, str) else ""
                print("ok %d - %s%s" % (number, name[5:].replace("_", " "), skip), flush=True)
            except Exception:
                failed += 1
                print("not ok %d - %s" % (number, name[5:].replace("_", " ")), flush=True)
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
                if daemon and daemon.control and daemon.process.poll() is None:
                    daemon.clear()
                sys.stdout.flush()
        if needs:
            number += 1
            try:
                if daemon.control:
                    daemon.at_one_place()
                daemon.end_cleanly()
                print("ok %d - stops cleanly" % number, flush=True)
            except AssertionError as e:
                failed += 1
                print("not ok %d - stops cleanly" % number, flush=True)
                print("# " + str(e).replace("\n", "\n# "))
        if failed and daemon:
            for line in daemon.log().splitlines()[-60:]:
                print("# log: " + line)
    except Exception:
        failed += 1
        for line in traceback.format_exc().splitlines():
            print("# " + line)
        print("Bail out! no daemon")
    finally:
        if daemon:
            daemon.forget()
    failed += bool(told)
    print("%s %d - no log has a secret" % ("not ok" if told else "ok", number + 1), flush=True)
    for line in told:
        print("# a secret: " + line)
    sys.exit(1 if failed else 0)


if store.NODES > 1:
    from several import Nodes as Daemon  # noqa: E402, F811
