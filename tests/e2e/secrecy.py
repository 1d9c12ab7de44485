"""What is secret stays nowhere: not in files, not in the log, and passwords and codes not in memory once they were used."""
import base64
import contextlib
import json
import os
import re
import resource
import socket
import subprocess
import tempfile

from lib import TGCALLD, Daemon, at_once, check, equal, expect, run, sanitized, start_other, wait_for
from remote import Remote
from store import POSTGRESQL, stored
from unsaid import forms

CODE, PASSWORD = "12345", "correct horse"
NOBODY = 54321
# Nobody has these by chance.
WRONG_CODE, WRONG_PASSWORD = "8675309-2718281", "Tr0ub4dor & 3 xkcd"
PROXY_USER, PROXY_PASSWORD, PROXY_SECRET = "zaphod-42-beeb", "heart-of-gold-6x9", bytes.fromhex("9d1c5f7be3a840268f51d3c4b2a69e07")


def memory(pid):
    """(What it belongs to, its bytes) of all that the process can write: the rest is the program's own text."""
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for line in maps:
            span, rights, _, _, _, *name = line.split(None, 5)
            if not rights.startswith("rw"):
                continue
            first, last = (int(x, 16) for x in span.split("-"))
            with contextlib.suppress(OSError):
                mem.seek(first)
                yield name[0].strip() if name else "anonymous %x" % first, mem.read(last - first)


# The description of the API has the sandbox's code and password as examples; no client writes them so.
DESCRIBED = [b'"code": "%s"\n' % CODE.encode(), b'"password": "%s"\n' % PASSWORD.encode()]


def found_in_memory(pid, secrets):
    found = []
    for where, data in memory(pid):
        for text in DESCRIBED:
            data = data.replace(text, b"")
        for secret in secrets:
            for form in forms(secret):
                for hit in re.finditer(re.escape(form), data):
                    found.append((where, hex(hit.start()), data[max(0, hit.start() - 48):hit.end() + 32]))
    return found


def as_sent(code):
    """A code is a few digits, which are in many a text: so it is looked for as JSON and TL write it."""
    return ['"%s"' % code, bytes([len(code)]) + code.encode() + b"\0" * (-(len(code) + 1) % 4)]


CANNOT_LOOK = "only root can read an undumpable process, and a sanitizer keeps what was freed"


def can_look():
    return os.geteuid() == 0 and not sanitized()


class Wire:
    """A connection that stays open, on which bodies are written as a test wants."""

    def __init__(self, d):
        self.d = d
        self.socket = socket.create_connection((d.host, int(d.port)), 60)
        self.answers = self.socket.makefile("rb")

    def head(self, path, *more):
        return "\r\n".join(["POST %s HTTP/1.1" % path, "Host: localhost", "Authorization: Bearer " + self.d.token,
                            "Content-Type: application/json", *more, "", ""]).encode()

    def whole(self, path, body):
        return self.head(path, "Content-Length: %d" % len(body)) + body

    def chunked(self, path, body, size):
        pieces = [body[i:i + size] for i in range(0, len(body), size)]
        return (self.head(path, "Transfer-Encoding: chunked") +
                b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n")

    def send(self, data, size=0):
        for i in range(0, len(data), size or len(data)):
            self.socket.sendall(data[i:i + (size or len(data))])

    def status(self):
        status = int(self.answers.readline().split()[1])
        length = 0
        for line in iter(self.answers.readline, b"\r\n"):
            name, value = line.decode().split(":", 1)
            length = int(value) if name.lower() == "content-length" else length
        self.answers.read(length)
        return status

    def close(self):
        self.answers.close()
        self.socket.close()


def ways(w, path, body):
    """Each way in which a body can come, as (name, function that sends it, number of answers)."""
    long = body[:-1] + b" " * 6000 + b"}"
    yield "at once", lambda: w.send(w.whole(path, body)), 1
    yield "in pieces", lambda: w.send(w.whole(path, body), 7), 1
    yield "long", lambda: w.send(w.whole(path, long)), 1
    yield "long, in pieces", lambda: w.send(w.whole(path, long), 1000), 1
    yield "chunked", lambda: w.send(w.chunked(path, body, 11)), 1
    yield "chunked and long", lambda: w.send(w.chunked(path, long, 900)), 1
    yield "two at once", lambda: w.send(2 * w.whole(path, body)), 2


def test_passwords_and_codes_are_gone_from_memory_when_the_request_ended():
    if not can_look():
        return CANNOT_LOOK
    with Remote() as r:
        d = r.daemon
        expect(d.post("/v1/accounts", {"name": "bob"}), 201)
        expect(d.post("/v1/accounts/bob/login", {"phone": "+15550002"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/bob/login/code", {"code": WRONG_CODE}), 400)
        equal(found_in_memory(d.process.pid, [WRONG_CODE]), [])
        expect(d.post("/v1/accounts/bob/login/code", {"code": CODE}), 200, state="wait_password")
        equal(found_in_memory(d.process.pid, as_sent(CODE)), [])
        expect(d.post("/v1/accounts/bob/login/password", {"password": WRONG_PASSWORD}), 400)
        equal(found_in_memory(d.process.pid, [WRONG_PASSWORD]), [])
        expect(d.post("/v1/accounts/bob/login/password", {"password": PASSWORD}), 200, state="ready")
        equal(found_in_memory(d.process.pid, [PASSWORD]), [])


def test_whichever_way_a_password_comes_it_is_gone():
    if not can_look():
        return CANNOT_LOOK
    with Remote() as r:
        d = r.daemon
        expect(d.post("/v1/accounts", {"name": "bob"}), 201)
        expect(d.post("/v1/accounts/bob/login", {"phone": "+15550002"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/bob/login/code", {"code": CODE}), 200, state="wait_password")
        w = Wire(d)
        left = {}
        paths = {"/v1/accounts/bob/login/password": (400, 409), "/v1/accounts/nobody/login/password": (404,)}
        for path, statuses in paths.items():
            for name, send, answers in ways(w, path, json.dumps({"password": WRONG_PASSWORD}).encode()):
                send()
                for _ in range(answers):
                    check(w.status() in statuses, name)
                found = found_in_memory(d.process.pid, [WRONG_PASSWORD])
                if found:
                    left[path, name] = found
        equal(left, {})
        w.close()


def test_what_comes_with_a_key_or_as_a_job_is_gone_too():
    if not can_look():
        return CANNOT_LOOK
    with Remote() as r:
        d = r.daemon
        expect(d.post("/v1/accounts", {"name": "bob"}), 201)
        expect(d.post("/v1/accounts/bob/login", {"phone": "+15550002"}), 200, state="wait_code")
        for headers in ({"Idempotency-Key": "a"}, {"Idempotency-Key": "a"}, {"Prefer": "respond-async, wait=30"}):
            expect(d.post("/v1/accounts/bob/login/code", {"code": WRONG_CODE}, headers=headers), 400, "telegram-refused")
            equal(found_in_memory(d.process.pid, [WRONG_CODE]), [])
        expect(d.post("/v1/accounts/bob/login/code", {"code": CODE}, headers={"Idempotency-Key": "b"}), 200)
        for headers in ({"Idempotency-Key": "c"}, {"Prefer": "respond-async, wait=30"}):
            expect(d.post("/v1/accounts/bob/login/password", {"password": WRONG_PASSWORD}, headers=headers), 400)
            equal(found_in_memory(d.process.pid, [WRONG_PASSWORD]), [])
        expect(d.post("/v1/accounts/bob/login/password", {"password": PASSWORD}, headers={"Idempotency-Key": "d"}), 200,
               state="ready")
        equal(found_in_memory(d.process.pid, [PASSWORD]), [])


def test_what_is_refused_is_gone_too():
    if not can_look():
        return CANNOT_LOOK
    with Remote() as r:
        d = r.daemon
        path = "/v1/accounts/bob/login/password"
        bodies = [b'{"password": "%s", "more": 1}', b'{"password": "%s"', b'{"password": ["%s"]}', b'"%s"']
        left = {}
        for body in bodies:
            w = Wire(d)
            w.send(w.whole(path, body % WRONG_PASSWORD.encode()))
            check(w.status() in (400, 404, 422), body)
            found = found_in_memory(d.process.pid, [WRONG_PASSWORD])
            if found:
                left[body] = found
            w.close()
        w = Wire(d)
        w.send(w.whole(path, json.dumps({"password": WRONG_PASSWORD}).encode()).replace(d.token.encode(), b"tgc_wrong"))
        equal(w.status(), 401)
        found = found_in_memory(d.process.pid, [WRONG_PASSWORD])
        if found:
            left["401"] = found
        equal(left, {})
        w.close()


def test_a_session_that_goes_or_comes_is_gone_and_its_key_lies_in_one_place():
    if not can_look():
        return CANNOT_LOOK
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        texts = {}
        for how in ("telethon", "pyrogram", "mtcute"):
            texts[how] = expect(d.post("/v1/accounts/alice/session", {"format": how}), 200).json["text"]
            # What is the same in every text is no secret.
            equal(found_in_memory(d.process.pid, [texts[how][60:160], d.token]), [])
        d.end_cleanly()
        d.forget()
        d = r.daemon = Daemon(config=r.config)
        d.control = r.ready["control"]
        text = texts["telethon"]
        for name, session, status in (("broken", text[:-5], 422), ("guest", text, 201)):
            expect(d.post("/v1/accounts", {"name": name, "session": {"format": "telethon", "text": session}}), status)
            equal(found_in_memory(d.process.pid, [text[60:160], d.token]), [])
        key = base64.urlsafe_b64decode(text[1:])[-256:]
        equal(len(found_in_memory(d.process.pid, [key[:64]])), 1)


def test_nothing_secret_is_in_files_or_in_the_log():
    with Remote("[log]\nlevel = debug") as r:
        d = r.daemon
        d.login("bob", "+15550002", password=PASSWORD)
        d.login("alice", "+15550001")
        expect(d.post("/v1/accounts", {"name": "carol"}), 201)
        expect(d.post("/v1/accounts/carol/login", {"phone": "+15550003"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/carol/login/code", {"code": WRONG_CODE}), 400)
        for name, way in (("dave", "socks5://%s:%s@127.0.0.1:9" % (PROXY_USER, PROXY_PASSWORD)),
                          ("erin", "mtproxy://127.0.0.1:9?secret=dd" + PROXY_SECRET.hex())):
            a = expect(d.post("/v1/accounts", {"name": name, "proxy": way}), 201)
            check(PROXY_PASSWORD.encode() not in a.raw and PROXY_SECRET.hex().encode() not in a.raw, a)
        for a in at_once(2, lambda i: d.post("/v1/accounts/%s/login" % ("dave", "erin")[i], {"qr": True})):
            expect(a, 504)
        session = expect(d.post("/v1/accounts/alice/session", {"format": "telethon"}), 200).json["text"]
        auth_key = base64.urlsafe_b64decode(session[1:])[-256:]
        token = expect(d.post("/v1/accounts/nobody/login", {"phone": "+15550009"}), 404) and d.token
        copy = os.path.join(r.dir, "copy.db")
        words = ("--config", r.config, "--state-dir", d.state)
        for command in (["backup", copy], ["seal", "rotate"], ["backup", copy + ".2"]):
            if command[0] == "backup" and POSTGRESQL:
                with open(command[1], "wb") as f:
                    f.write(stored(d.state))
                continue
            equal(subprocess.run([TGCALLD, *command, *words], capture_output=True).returncode, 0)
        seal_key = open(os.path.join(d.state, "seal.key")).read().strip()
        wait_for("the records", lambda: stored(d.state).count(b"ready") >= 2)
        secrets = [PASSWORD, WRONG_PASSWORD, WRONG_CODE, "15550001", "15550002", "15550003", "bobby", session, auth_key,
                   auth_key[:32], bytes.fromhex(seal_key), token, PROXY_USER, PROXY_PASSWORD, PROXY_SECRET]
        files = [copy, copy + ".2", d.errors.name]
        for folder, _, names in os.walk(d.state):
            files += [os.path.join(folder, n) for n in names]
        found = []
        for path in files:
            name = os.path.basename(path)
            if not os.path.isfile(path) or name == "admin.token":
                continue
            with open(path, "rb") as f:
                data = f.read()
            # A key is in its own file.
            for secret in [s for s in secrets if not (name == "seal.key" and s == bytes.fromhex(seal_key))]:
                found += [(name, secret, form) for form in forms(secret) if form in data]
        equal(found, [])
        check(sorted(r.dir + "/" + n for n in os.listdir(r.dir) if n.startswith("copy")) == [copy, copy + ".2"])


def test_the_process_leaves_no_core_and_its_own_user_cannot_look_inside():
    if os.geteuid() != 0:
        return "only root can be another user"
    os.chmod(tempfile.gettempdir(), 0o711)
    state = tempfile.mkdtemp()
    os.chown(state, NOBODY, NOBODY)
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        p = start_other(TGCALLD, "--sandbox", "--listen", "127.0.0.1:0", "--state-dir", state, stderr=subprocess.DEVNULL,
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20)), **as_nobody)
    except PermissionError:
        return "another user cannot run " + TGCALLD
    try:
        wait_for("the daemon", lambda: os.path.exists(os.path.join(state, "listen")) or p.poll() is not None)
        if p.poll() is not None:
            return "another user cannot read the sources"
        with open("/proc/%d/limits" % p.pid) as f:
            core = next(line for line in f if line.startswith("Max core file size"))
        equal(core.split()[4:6], ["0", "0"])
        # What is dumpable belongs to its user, and else to root.
        equal(os.stat("/proc/%d/mem" % p.pid).st_uid, 0)
        look = subprocess.run(["cat", "/proc/%d/environ" % p.pid], capture_output=True, **as_nobody)
        check(look.returncode != 0 and b"ermission" in look.stderr, look)
    finally:
        p.terminate()
        equal(p.wait(60), 0)


if __name__ == "__main__":
    run(globals())
