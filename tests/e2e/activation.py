"""Sockets that the service manager made (tgcalld.socket): the test is the manager, and passes them as systemd does.

    activation.py [REQUESTS RESTARTS]
"""
import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from remote import Remote
from store import needs_one_process
from secure import Authority, config
from lib import PATIENCE, TGCALLD, Daemon, Process, UnixConnection, check, equal, expect, run, start_other, wait_for

REQUESTS, RESTARTS = (int(a) for a in sys.argv[1:3]) if len(sys.argv) > 2 else (600, 3)
ASKERS = 8
# As the unit has it: whoever says nothing yet is not accepted.
DEFER_S = 1
BACKLOG = 4096

# Its own descriptors become those from 3 on, and LISTEN_PID its own number, which is the daemon's then.
MANAGER = """
import os, sys
fds = [os.dup(int(n)) for n in sys.argv[1].split(",") if n]
for i, fd in enumerate([os.dup2(fd, 200 + i) for i, fd in enumerate(fds)]):
    os.dup2(fd, 3 + i, inheritable=True)
pid = int(sys.argv[2]) or os.getpid()
os.environ.update(LISTEN_FDS=sys.argv[3] or str(len(fds)), LISTEN_PID=str(pid), LISTEN_FDNAMES=sys.argv[4])
os.execv(sys.argv[5], sys.argv[5:])
"""


def passing(*sockets, pid=0, count="", names=None):
    """What starts a daemon with these."""
    fds = [s.fileno() for s in sockets]
    said = ":".join(names or ["of-test"] * len(fds))
    return {"launcher": (sys.executable, "-c", MANAGER, ",".join(map(str, fds)), str(pid), count, said), "pass_fds": fds}


def tcp(address="127.0.0.1", family=socket.AF_INET):
    s = socket.socket(family)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, DEFER_S)
    s.bind((address, 0))
    s.listen(BACKLOG)
    return s


def unix():
    s = socket.socket(socket.AF_UNIX)
    s.bind(os.path.join(tempfile.mkdtemp(), "s"))
    s.listen(BACKLOG)
    return s


def said_of(d):
    with open(os.path.join(d.state, "listen")) as f:
        return f.read().split()


def url_of(s):
    return "unix:" + s.getsockname() if s.family == socket.AF_UNIX else "http://127.0.0.1:%d" % s.getsockname()[1]


def connection_to(s):
    name = s.getsockname()
    return (UnixConnection(name, PATIENCE) if s.family == socket.AF_UNIX
            else http.client.HTTPConnection(*name, timeout=PATIENCE))


def ask(c, token, method="GET", path="/v1/accounts", body=None):
    c.request(method, path, body, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})


def test_what_is_passed_takes_the_place_of_the_listeners_of_its_kind():
    with tcp() as t, unix() as u:
        for sockets in ((t,), (t, u), (t, tcp(), u)):
            with Daemon(**passing(*sockets)) as d:
                said = said_of(d)
                equal(said[:len(sockets)], [url_of(s) for s in sockets])
                if u in sockets:
                    equal(len(said), len(sockets))
                    check(not os.path.exists(os.path.join(d.state, "api.sock")), "a socket of its own too")
                else:
                    equal(said[1:], ["unix:" + os.path.join(d.state, "api.sock")])
                check("listening on %s, as it was passed" % said[0] in d.log(), d.log())
                for s in sockets:
                    c = connection_to(s)
                    ask(c, d.token)
                    equal(c.getresponse().status, 200)
                    c.close()
                equal(d.get("/v1/accounts", unix=True).status, 200)
        with Daemon(**passing(u)) as d:
            tcp_url, unix_url = sorted(said_of(d))
            check(tcp_url.startswith("http://127.0.0.1:"), tcp_url)
            equal(unix_url, url_of(u))


def test_a_passed_socket_stays_when_the_daemon_ends():
    with tcp() as t, unix() as u:
        with Daemon(**passing(t, u)):
            pass
        check(os.path.exists(u.getsockname()), "its file is gone")
        for s in (t, u):
            c = connection_to(s)
            c.connect()
            c.send(b"x")
            s.settimeout(PATIENCE)
            s.accept()[0].close()
            c.close()


def test_passed_sockets_are_for_no_other_program():
    with tcp() as t, unix() as u, Daemon(**passing(t, u)) as d:
        for fd in (3, 4):
            with open("/proc/%d/fdinfo/%d" % (d.process.pid, fd)) as f:
                flags = next(int(line.split()[1], 8) for line in f if line.startswith("flags:"))
            check(flags & os.O_CLOEXEC, "descriptor %d is not closed on exec" % fd)


def test_what_was_passed_to_another_process_is_not_taken():
    with tcp() as t, Daemon(**passing(t, pid=1)) as d:
        check(url_of(t) not in said_of(d), said_of(d))


def refused(*sockets, config=(), **more):
    d = Process(*config, "--sandbox", "--state-dir", tempfile.mkdtemp(), **passing(*sockets, **more))
    try:
        equal(d.ended(), 2)
        return d.log()
    finally:
        d.forget()


def test_what_cannot_be_served_is_refused():
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    pair, _other = socket.socketpair()
    with tcp() as good, open("/dev/null") as file:
        for bad in (bound, datagrams, pair, file):
            log = refused(good, bad)
            check("descriptor 4 (of-test) of those that were passed is no TCP or Unix socket that listens" in log, log)
            check("tgcalld.socket" in log, log)
        check("at most 16" in refused(*[good] * 17))
        for count in ("x", "-1", "999999999999"):
            check("LISTEN_FDS" in refused(count=count), count)
        # More than there are.
        check("LISTEN_FDS" in refused(good, count="9"))


def test_beyond_loopback_it_needs_the_same_word_as_a_listener_of_the_configuration():
    with tcp("0.0.0.0") as everywhere, Remote() as r:
        d = Process("--config", r.config, "--state-dir", tempfile.mkdtemp(), **passing(everywhere))
        equal(d.ended(), 2)
        check("not on loopback" in d.log() and "insecure = yes" in d.log(), d.log())
        d.forget()
        with open(r.config, "a") as f:
            f.write("[server]\ninsecure = yes\n")
        with Daemon(config=r.config, **passing(everywhere)) as d:
            c = http.client.HTTPConnection("127.0.0.1", everywhere.getsockname()[1], timeout=PATIENCE)
            ask(c, d.token)
            equal(c.getresponse().status, 200)
            c.close()


def test_beside_a_listener_by_tls_a_passed_socket_is_refused_as_it_is_plain():
    with tcp() as passed, Remote() as r:
        with open(r.config, "a") as f:
            # Files that are there; they are not looked into.
            f.write("[server]\nlisten = https://127.0.0.1:0\ntls_certificate = %s\ntls_key = %s\n" % (r.key, r.key))
        d = Process("--config", r.config, "--state-dir", tempfile.mkdtemp(), **passing(passed))
        equal(d.ended(), 2)
        check("ListenStream=" in d.log() and "FileDescriptorName=https" in d.log(), d.log())
        d.forget()


def by_tls():
    """The configuration of who serves by it, and the authority of its certificate."""
    authority = Authority()
    return config(*authority.make("/CN=localhost")), authority


def asked_by_tls(d, s, authority):
    c = http.client.HTTPSConnection("127.0.0.1", s.getsockname()[1], timeout=PATIENCE,
                                    context=ssl.create_default_context(cafile=authority.certificate))
    ask(c, d.token)
    status = c.getresponse().status
    c.close()
    return status


def test_what_is_named_https_is_served_by_tls():
    file, authority = by_tls()
    with tcp() as plain, tcp("0.0.0.0") as secure, unix() as u:
        with Daemon(config=file, **passing(plain, secure, u, names=["api", "https", "https"])) as d:
            equal(said_of(d), [url_of(plain), "https://0.0.0.0:%d" % secure.getsockname()[1], url_of(u)])
            equal(asked_by_tls(d, secure, authority), 200)
            # A Unix socket is as it ever is.
            for s in (plain, u):
                c = connection_to(s)
                ask(c, d.token)
                equal(c.getresponse().status, 200)
                c.close()
            c = http.client.HTTPConnection("127.0.0.1", secure.getsockname()[1], timeout=PATIENCE)
            ask(c, d.token)
            equal(c.getresponse().status, 400)
            c.close()
            # The pair is read again for it as well.
            seen = len(d.log())
            d.process.send_signal(signal.SIGHUP)
            wait_for("the end of the reading", lambda: "the configuration was read again" in d.log()[seen:])
            check("https" not in d.log()[seen:], d.log()[seen:])
            equal(asked_by_tls(d, secure, authority), 200)


def test_by_tls_it_takes_the_place_of_a_listener_by_tls():
    file, authority = by_tls()
    with tcp() as secure, Daemon("--listen", "https://127.0.0.1:0", config=file, **passing(secure, names=["https"])) as d:
        equal([u for u in said_of(d) if not u.startswith("unix:")], ["https://127.0.0.1:%d" % secure.getsockname()[1]])
        equal(asked_by_tls(d, secure, authority), 200)


def test_by_tls_it_needs_a_pair():
    with tcp() as secure:
        log = refused(secure, names=["https"])
        check("named https, which needs tls_certificate and tls_key" in log, log)


def test_several_loops_share_it():
    """All are asked until each has answered: an id of a request says which loop made it."""
    with tcp() as t, unix() as u, Remote("[server]", "workers = 3") as r, Daemon(config=r.config, **passing(t, u)) as d:
        for s in (t, u):
            loops = set()

            def all_asked():
                cs = [connection_to(s) for _ in range(60)]
                for c in cs:
                    ask(c, d.token)
                for c in cs:
                    answer = c.getresponse()
                    equal(answer.status, 200)
                    loops.add(answer.getheader("X-Request-Id").split("-")[1])
                    answer.read()
                    c.close()
                return len(loops) == 3

            wait_for("all three loops", all_asked)


def test_who_comes_while_no_daemon_is_there_is_answered_by_the_next():
    with tcp() as t, unix() as u:
        cs = [connection_to(s) for s in (t, u) for _ in range(20)]
        for c in cs:
            c.request("GET", "/version", headers={"Host": "localhost"})
        with Daemon(**passing(t, u)):
            for c in cs:
                equal(c.getresponse().status, 200)
                c.close()


def is_listened_at(s, pid):
    """Whether one of the process's epoll sets has it; false also where the process has ended."""
    want = "socket:[%d]" % os.fstat(s.fileno()).st_ino
    with contextlib.suppress(OSError):
        for n in os.listdir("/proc/%d/fdinfo" % pid):
            with contextlib.suppress(OSError), open("/proc/%d/fdinfo/%s" % (pid, n)) as f:
                for watched in re.findall(r"^tfd: *(\d+)", f.read(), re.M):
                    if os.readlink("/proc/%d/fd/%s" % (pid, watched)) == want:
                        return True
    return False


def test_a_stop_answers_what_is_under_way_and_leaves_who_comes_meanwhile_to_the_next():
    with tcp() as t, unix() as u:
        state = tempfile.mkdtemp()
        with Daemon(state=state, **passing(t, u)) as d:
            wait_for("who accepts", lambda: is_listened_at(t, d.process.pid) and is_listened_at(u, d.process.pid))
            d.fault(type="delay", method="phone.createGroupCall", ms=1500)
            slow = connection_to(t)
            ask(slow, d.token, "POST", "/v1/calls", '{"peer":"@sandbox_group"}')
            wait_for("the create", lambda: not any(f.get("count") for f in d.sandbox("GET", "/state")["faults"]))
            d.process.terminate()
            wait_for("that it accepts nobody", lambda: not (is_listened_at(t, d.process.pid) or is_listened_at(u, d.process.pid)))
            late = [connection_to(s) for s in (t, u)]
            for c in late:
                ask(c, d.token)
            equal(slow.getresponse().status, 201)
            slow.close()
            equal(d.ended(), 0)
        with Daemon(state=state, **passing(t, u)):
            for c in late:
                equal(c.getresponse().status, 200)
                c.close()


class Asker(threading.Thread):
    """Asks until there were REQUESTS of all, by a connection for each, or by one that is kept while it may be."""

    def __init__(self, s, token, counter, kept):
        super().__init__()
        self.s, self.token, self.counter, self.kept = s, token, counter, kept
        self.told_to_retry, self.idle, self.lost = 0, 0, []

    def run(self):
        c, begun = None, 0.0
        while self.counter.more():
            fresh = c is None
            c = c or connection_to(self.s)
            before, begun, sent = begun, time.monotonic(), None
            try:
                ask(c, self.token)
                sent = time.monotonic()
                answer = c.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as e:
                # A connection on which nothing comes for long is idle, and may be closed: then it is asked anew. A new one by TCP
                # is not even accepted before. When the answer before came to a kept one only the kernel knows.
                waited = (sent or time.monotonic()) - (begun if fresh else before)
                allowed = DEFER_S / 2 if fresh and self.s.family != socket.AF_UNIX else 0.1
                if isinstance(e, ConnectionRefusedError) or waited < allowed:
                    self.lost.append((fresh, repr(e)))
                self.idle += 1
                c.close()
                c = None
                continue
            if answer.status == 503 and answer.getheader("Retry-After"):
                self.told_to_retry += 1
            elif answer.status != 200:
                self.lost.append((answer.status, answer.headers.as_string()))
            self.counter.done()
            if not self.kept or answer.getheader("Connection", "").lower() == "close":
                c.close()
                c = None
        if c:
            c.close()


class Counter:
    def __init__(self):
        self.lock, self.n = threading.Lock(), 0

    def done(self):
        with self.lock:
            self.n += 1

    def more(self):
        return self.n < REQUESTS


def test_no_connection_is_refused_and_no_request_lost_over_restarts():
    with tcp() as t, unix() as u, Remote() as r:
        r.daemon.login("main", "+15550001")
        r.daemon.end_cleanly()
        counter, times = Counter(), []
        askers = [Asker((t, t, t, u)[i % 4], r.daemon.token, counter, kept=i >= ASKERS * 3 // 4) for i in range(ASKERS)]
        for a in askers:
            a.start()
        for restart in range(RESTARTS + 1):
            d = Daemon(config=r.config, state=r.daemon.state, **passing(t, u))
            up = REQUESTS * (restart + 1) // (RESTARTS + 1)
            wait_for("%d answers" % up, lambda: counter.n >= up or any(a.lost for a in askers), PATIENCE * 10)
            begun = time.monotonic()
            d.end_cleanly()
            times.append(time.monotonic() - begun)
            d.forget()
        # Who asked once more than was counted waits at the socket.
        with Daemon(config=r.config, state=r.daemon.state, **passing(t, u)):
            for a in askers:
                a.join(PATIENCE)
        equal([x for a in askers for x in a.lost], [])
        print("# %d requests over %d restarts: %d told to ask again, %d idle connections closed, the longest stop %.2f s"
              % (counter.n, RESTARTS, sum(a.told_to_retry for a in askers), sum(a.idle for a in askers), max(times)))


def test_systemds_own_tool_passes_it_what_it_takes():
    tool = shutil.which("systemd-socket-activate")
    if not tool:
        return "systemd-socket-activate is not installed"
    path, state = os.path.join(tempfile.mkdtemp(), "s"), tempfile.mkdtemp()
    errors = os.path.join(state, "log")
    with open(errors, "w") as f:
        p = start_other(tool, "-E", "TGCALLD_DATADIR", "--listen", path, "--fdname", "api", TGCALLD, "--sandbox", "--listen",
                        "127.0.0.1:0", "--state-dir", state, stderr=f, stdout=subprocess.DEVNULL)
        wait_for("its socket", lambda: os.path.exists(path))
        c = UnixConnection(path, PATIENCE)
        # It binds first and listens then.
        wait_for("its word", lambda: "Listening on" in open(errors).read())
        c.request("GET", "/version")
        answer = c.getresponse()
        equal(answer.status, 200)
        answer.read()
        c.close()
        p.terminate()
        equal(p.wait(PATIENCE), 0)
    check(os.path.exists(path), "its socket's file is gone")
    return None


if __name__ == "__main__":
    needs_one_process()
    run(globals())
