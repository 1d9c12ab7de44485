"""The processes of a run, all of which end with it: the sandbox, a daemon with an account, and whatever else is measured."""
import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.abspath(os.environ.get("TGCALLD_SRCDIR", os.path.join(os.path.dirname(__file__), "..", "..")))
BUILD = os.path.abspath(os.environ.get("TGCALLD_BUILDDIR", os.path.join(TOP, "build")))
HERE = os.path.join(TOP, "tests", "bench")
TGCALLD = os.path.join(BUILD, "tgcalld")
SANDBOX = os.environ.get("TGCALLD_SANDBOX", TGCALLD)
KEY = TOP + "/config/keys/sandbox"
PROGRAMS = os.path.join(BUILD, "tests", "bench")
started = []


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def start(*args, **more):
    process = subprocess.Popen(args, **more)
    started.append(process)
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        # What it did not read any more is of no interest.
        with contextlib.suppress(OSError):
            if pipe:
                pipe.close()
    started.remove(process)


def stop_all():
    for process in list(started):
        stop(process)


def wait_for(what, condition, seconds=60, every_s=0.0005):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(every_s)
    raise SystemExit("never came: " + what)


def ask(address, method, path, body=None, token=""):
    """The bytes of a good answer."""
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, None if body is None else json.dumps(body), {
        "Authorization": "Bearer " + token, "Content-Type": "application/json"})
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    if answer.status >= 300:
        raise SystemExit("%s %s: %d %s" % (method, path, answer.status, raw.decode()))
    return raw


def stores_answers():
    """Whether the sandbox of this run has --stored-answers."""
    done = subprocess.run([SANDBOX, "sandbox", "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "--stored-answers" in done.stdout


class Sandbox:
    """In a process of its own, with CHATS supergroups, and with other people's SCHEMAS beside its own."""

    def __init__(self, work, chats, stored, schemas=()):
        self.stored = stored
        args = [SANDBOX, "sandbox", "--chats", str(chats), "--listen", "127.0.0.1:0", "--second", "127.0.0.1:0", "--control",
                "127.0.0.1:0", "--key", KEY + ".pem", *(["--stored-answers"] if stored else [])]
        for schema in schemas:
            args += ["--schema", schema]
        with open(os.path.join(work, "sandbox.log"), "w") as log:
            self.process = start(*args, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        if not line:
            with open(os.path.join(work, "sandbox.log")) as log:
                raise SystemExit("the sandbox ended at once: " + log.read())
        self.ready = json.loads(line)

    @property
    def pid(self):
        return self.process.pid

    def control(self, path, body):
        ask(self.ready["control"], "POST", path, body)

    def stop(self):
        stop(self.process)


class Daemon:
    """A tgcalld with the account "bench" logged in. ready_ms: from its start until a create would be taken. SETTINGS are lines for
    [server]; TOKENS are more that it knows; it runs BEHIND another program; STORE is the URL of its database. NODE is its name among
    several nodes there, and BESIDE one that has the account already, as has the seal key and the token of both."""

    def __init__(self, program, work, sandbox, settings=(), tokens=(), behind=(), store=None, node=None, beside=None):
        self.state = tempfile.mkdtemp(prefix="state-", dir=work)
        if tokens:
            known = [{"name": "t%d" % n, "hash": hashlib.sha256(token.encode()).hexdigest(), "scopes": ["admin"], "created_at": 1}
                     for n, token in enumerate(tokens)]
            with open(os.path.join(self.state, "tokens.json"), "w") as f:
                json.dump({"tokens": known}, f)
        if beside:
            shutil.copy(os.path.join(beside.state, "seal.key"), self.state)
        config, log = os.path.join(self.state, "conf"), os.path.join(self.state, "log")
        with open(config, "w") as f:
            f.write("[server]\nlisten = 127.0.0.1:0\nunix = none\nqueue_size = 4096\n%s\n[telegram]\nenvironment = custom\n"
                    "api_id = 12345\napi_hash = 0123456789abcdef0123456789abcdef\n" % "\n".join(settings))
            for number in (1, 2):
                f.write("[dc %d]\naddress = %s\npublic_key = %s.pub.pem\n" % (number, sandbox.ready["dc%d" % number], KEY))
            if node:
                f.write("[cluster]\nnode = %s\n" % node)
        begun = time.monotonic()
        with open(log, "w") as f:
            self.process = start(*behind, program, "--config", config, "--state-dir", self.state, *(["--store", store] if store else []),
                                 stdout=f, stderr=f)
        listen = os.path.join(self.state, "listen")
        wait_for("the file listen", lambda: os.path.exists(listen) or self.process.poll() is not None)
        if self.process.poll() is not None:
            with open(log) as f:
                raise SystemExit("tgcalld ended at once; see its log: " + f.read())
        with open(listen) as f:
            self.url = f.read().split()[0]
        self.listening_ms = (time.monotonic() - begun) * 1000
        self.token = beside.token if beside else tokens[0] if tokens else self.admin_token()
        if not beside:
            self.login("bench")
        self.ready_ms = (time.monotonic() - begun) * 1000

    @property
    def pid(self):
        return self.process.pid

    def admin_token(self):
        with open(os.path.join(self.state, "admin.token")) as f:
            return f.read().strip()

    def get(self, path):
        return ask(self.url.removeprefix("http://"), "GET", path, None, self.token)

    def post(self, path, body):
        return ask(self.url.removeprefix("http://"), "POST", path, body, self.token)

    def login(self, name):
        self.post("/v1/accounts", {"name": name})
        self.post("/v1/accounts/%s/login" % name, {"phone": "+15550001"})
        self.post("/v1/accounts/%s/login/code" % name, {"code": "12345"})

    def create(self, number):
        return self.post("/v1/calls", {"peer": "@sandbox_load_%d" % number, "title": "bench", "if_exists": "replace"})

    def stop(self):
        stop(self.process)
