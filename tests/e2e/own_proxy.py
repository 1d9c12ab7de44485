"""A proxy of an account's own: no connection of the account goes by another way, from the first one on, over a change and over a
restart; and what befalls it is that account's alone. Gates stand before the sandbox's data centres; each proxy goes on from a
loopback address of its own, so that the gates see who came by which way."""
import contextlib
import shutil
import socket
import threading

from faults import PATIENCE_S, once
from lib import Daemon, check, control, equal, expect, run, sanitized, wait_for
from proxies import microsocks
from proxy_servers import Connect, Gate, MtProxy
from remote import Remote
from restart import account, is_on, kill, logins, start
from store import change

DIRECTLY, BY_SOCKS, BY_MTPROXY, BY_CONNECT = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"


class Gated(Remote):
    """Its data centres are reached through gates only."""

    def __init__(self, *more):
        super().__init__(*more)
        self.gates = []
        with open(self.config) as f:
            text = f.read()
        for name in ("dc1", "dc2"):
            gate = Gate(self.ready[name])
            self.gates.append(gate)
            # Whom help.getConfig is asked by learns no way around.
            told = {"dc": int(name[2]), "address": "127.0.0.1:%d" % gate.port, "told": True}
            equal(control(self.ready["control"], "POST", "/move", told)["address"], told["address"])
            text = text.replace("address = " + self.ready[name], "address = 127.0.0.1:%d" % gate.port)
        with open(self.config, "w") as f:
            f.write(text)

    def centres(self):
        return {n: "127.0.0.1:%d" % gate.port for n, gate in enumerate(self.gates, 1)}

    def came(self):
        """Who has come since this was asked last."""
        all_ = {who for gate in self.gates for who in gate.came}
        for gate in self.gates:
            gate.came.clear()
        return all_

    def __exit__(self, *failure):
        try:
            super().__exit__(*failure)
        finally:
            for gate in self.gates:
                gate.__exit__()


@contextlib.contextmanager
def ways(r):
    """An MTProxy of the look of TLS, and CONNECT with a login."""
    with MtProxy("ee", BY_MTPROXY) as mtproxy, Connect("me:word", source=BY_CONNECT) as connect:
        mtproxy.centres = r.centres()
        yield {BY_MTPROXY: mtproxy.url(), BY_CONNECT: "http://me:word@127.0.0.1:%d" % connect.port, DIRECTLY: "none"}
        equal((mtproxy.faults, connect.faults), ([], []))


def log_in(d, name, phone, **members):
    expect(d.post("/v1/accounts", {"name": name, **members}), 201)
    expect(d.post("/v1/accounts/%s/login" % name, {"phone": phone}), 200, state="wait_code")
    return expect(d.post("/v1/accounts/%s/login/code" % name, {"code": "12345"}), 200, state="ready")


def move(d, name, proxy, status=200):
    return expect(d.request("PATCH", "/v1/accounts/" + name, {"proxy": proxy}), status)


def comes_back(d, name):
    wait_for(name + " is connected", lambda: is_on(d, name))


def comes_anew(r, name):
    """Who comes until it is connected: for a moment it may be so still by the way that it had."""
    came = set()
    wait_for(name + " is connected anew", lambda: came.update(r.came()) or (came and is_on(r.daemon, name)))
    return came


def restart(r, by=None):
    if by:
        by(r)
    else:
        state = r.daemon.state
        r.daemon.end_cleanly()
        r.daemon.forget()
        start(r, state)


def killed(r):
    start(r, kill(r))


def test_no_connection_goes_by_another_way_than_its_accounts():
    if not shutil.which("microsocks"):
        return "there is no microsocks"
    with Gated() as r, ways(r) as by, microsocks("-u", "me", "-P", "w@rd", "-b", BY_SOCKS) as port:
        d = r.daemon
        by[BY_SOCKS] = "socks5://me:w%%40rd@127.0.0.1:%d" % port
        a = log_in(d, "alice", "+15550001", proxy=by[BY_SOCKS]).json
        equal(a["proxy"], "socks5://127.0.0.1:" + by[BY_SOCKS].rsplit(":", 1)[1])
        once(d, "by SOCKS5", account="alice")
        equal(r.came(), {BY_SOCKS})
        # Her home is the other data centre: both connections, and both keys, by the one way.
        a = log_in(d, "carol", "+15550003", proxy=by[BY_MTPROXY]).json
        equal((a["proxy"], a["dc"]), (by[BY_MTPROXY].partition("?")[0], 2))
        equal(r.came(), {BY_MTPROXY})
        # The gates do see who comes directly.
        log_in(d, "dora", "+15550001")
        equal(r.came(), {DIRECTLY})
        check("proxy" not in account(d, "dora"))
        equal(move(d, "alice", by[BY_CONNECT]).json["proxy"], by[BY_CONNECT].replace("me:word@", ""))
        came = comes_anew(r, "alice")
        once(d, "by CONNECT", account="alice")
        equal(came | r.came(), {BY_CONNECT})
        had = logins(d)
        for how in (None, killed):
            restart(r, how)
            for name in ("alice", "carol", "dora"):
                comes_back(r.daemon, name)
            once(r.daemon, "again, " + str(how), account="alice")
            equal(r.came(), {BY_CONNECT, BY_MTPROXY, DIRECTLY})
        equal(logins(r.daemon), had)
        for proxy, way in ((by[DIRECTLY], DIRECTLY), (by[BY_SOCKS], BY_SOCKS), (None, DIRECTLY)):
            move(r.daemon, "carol", proxy)
            equal(comes_anew(r, "carol"), {way})
        check("proxy" not in account(r.daemon, "carol"))
        equal(logins(r.daemon), had)


def test_an_accounts_own_way_comes_before_the_daemons():
    with Connect("me:word", source=BY_CONNECT) as daemons, \
            Gated("proxy = http://me:word@127.0.0.1:%d" % daemons.port) as r, ways(r) as by:
        log_in(r.daemon, "alice", "+15550001", proxy="none")
        log_in(r.daemon, "carol", "+15550003", proxy=by[BY_MTPROXY])
        equal((r.came(), daemons.came), ({DIRECTLY, BY_MTPROXY}, []))
        # null is as if it were not said.
        log_in(r.daemon, "dora", "+15550001", proxy=None)
        equal((r.came(), set(daemons.came)), ({BY_CONNECT}, {DIRECTLY}))


def test_what_was_answered_outlives_a_kill():
    with Gated() as r, ways(r) as by:
        log_in(r.daemon, "alice", "+15550001")
        for _ in range(3):
            for way in (BY_MTPROXY, BY_CONNECT, DIRECTLY):
                move(r.daemon, "alice", by[way])
                state = kill(r)
                r.came()
                start(r, state)
                comes_back(r.daemon, "alice")
                equal(r.came(), {way})


def test_a_login_under_way_goes_on_by_another_way():
    with Gated() as r, ways(r) as by:
        d = r.daemon
        expect(d.post("/v1/accounts", {"name": "alice", "proxy": by[BY_MTPROXY]}), 201)
        expect(d.post("/v1/accounts/alice/login", {"phone": "+15550001"}), 200, state="wait_code")
        equal(r.came(), {BY_MTPROXY})
        move(d, "alice", by[BY_CONNECT])
        expect(d.post("/v1/accounts/alice/login/code", {"code": "12345"}), 200, state="ready")
        equal((r.came(), logins(d)), ({BY_CONNECT}, 1))


def test_a_request_under_way_is_answered_by_the_new_way():
    with Gated() as r, ways(r) as by:
        d = r.daemon
        log_in(d, "alice", "+15550001", proxy=by[BY_MTPROXY])
        d.fault(type="no_answer", method="help.getNearestDc")
        counted = d.counting()
        answers = []
        t = threading.Thread(target=lambda: answers.append(d.method("help.getNearestDc", "?account=alice")))
        t.start()
        wait_for("the question", lambda: not d.sandbox("GET", "/state")["faults"] or counted("help.getNearestDc"))
        move(d, "alice", by[BY_CONNECT])
        t.join()
        expect(answers[0], 200)


def test_a_session_is_imported_by_the_way_that_was_told():
    with Gated() as r, ways(r) as by:
        log_in(r.daemon, "alice", "+15550001")
        text = expect(r.daemon.post("/v1/accounts/alice/session", {"format": "telethon"}), 200).json["text"]
        r.daemon.end_cleanly()
        r.daemon.forget()
        r.daemon = Daemon(config=r.config)
        r.daemon.control = r.ready["control"]
        r.came()
        a = expect(r.daemon.post("/v1/accounts", {"name": "moved", "proxy": by[BY_MTPROXY],
                                                  "session": {"format": "telethon", "text": text}}), 201, state="ready")
        equal(a.json["proxy"], by[BY_MTPROXY].partition("?")[0])
        once(r.daemon, "moved", account="moved")
        equal(r.came(), {BY_MTPROXY})


def test_a_dead_proxy_is_its_accounts_alone():
    # Bound, so that nobody else gets the port, and not listening.
    with socket.socket() as s, Gated("[server]", "request_timeout = %d s" % PATIENCE_S) as r, ways(r) as by:
        s.bind(("127.0.0.1", 0))
        dead = "127.0.0.1:%d" % s.getsockname()[1]
        d = r.daemon
        expect(d.post("/v1/accounts", {"name": "x", "proxy": "socks5://me:hunter2@" + dead}), 201)
        p = d.post("/v1/accounts/x/login", {"phone": "+15550001"})
        equal(p.status, 504)
        check(dead in p.json["detail"], p)
        log_in(d, "alice", "+15550001", proxy=by[BY_MTPROXY])
        once(d, "beside a dead proxy", account="alice")
        equal(r.came(), {BY_MTPROXY})
        connection = account(d, "x")["connection"]
        check(dead in connection["reason"] and "socks5://" + dead in connection["remedy"], connection)
        check("PATCH /v1/accounts/x" in connection["remedy"], connection)
        check("reason" not in account(d, "alice")["connection"])
        check("hunter2" not in d.log() + str(account(d, "x")) + str(p.json), "a password is told")
        move(d, "x", by[BY_CONNECT])
        expect(d.post("/v1/accounts/x/login", {"phone": "+15550001"}), 200, state="wait_code")
        equal(r.came(), {BY_CONNECT})


def test_an_account_whose_proxy_cannot_be_read_goes_by_no_way():
    with Gated("[server]", "request_timeout = %d s" % PATIENCE_S) as r, ways(r) as by:
        log_in(r.daemon, "alice", "+15550001", proxy=by[BY_MTPROXY])
        log_in(r.daemon, "dora", "+15550001")
        state = r.daemon.state
        r.daemon.end_cleanly()
        r.daemon.forget()
        change(state, "UPDATE accounts SET proxy_sealed = ? WHERE name = 'alice'", bytes(80))
        r.came()
        start(r, state)
        comes_back(r.daemon, "dora")
        equal(account(r.daemon, "alice")["proxy"], "unknown")
        p = expect(r.daemon.post("/v1/accounts/alice/login", {"phone": "+15550001"}), 504)
        check("its proxy cannot be read from the store" in p.json["detail"], p)
        expect(r.daemon.request("PATCH", "/v1/accounts/alice", {"proxy": "none"}), 409, "account-not-ready")
        equal({g.came[-1] for g in r.gates if g.came}, {DIRECTLY})
        equal(sum(len(g.came) for g in r.gates), 1)  # dora's
        expect(r.daemon.request("DELETE", "/v1/accounts/alice"), 200)
        r.came()
        log_in(r.daemon, "alice", "+15550001", proxy=by[BY_MTPROXY])
        equal(r.came(), {BY_MTPROXY})


def test_what_is_no_proxy_is_refused_and_nothing_changes():
    with Gated("transport = intermediate") as r, ways(r) as by:
        d = r.daemon
        log_in(d, "alice", "+15550001", proxy=by[BY_CONNECT])
        r.came()
        cases = (("socks5://me:hunter2@h", "HOST:PORT"), ("hunter2", "mtproxy://HOST:PORT?secret=SECRET"),
                 ("", "\"none\""), (5, "socks5://"), (by[BY_MTPROXY], "transport = padded"))
        for proxy, words in cases:
            for answer in (move(d, "alice", proxy, 422), expect(d.post("/v1/accounts", {"name": "b", "proxy": proxy}), 422)):
                equal((answer.problem(), [e["pointer"] for e in answer.json["errors"]]), ("invalid-request", ["/proxy"]))
                check(words in answer.json["errors"][0]["detail"] and answer.json["remedy"], answer)
                check(b"hunter2" not in answer.raw, answer)
        expect(d.request("PATCH", "/v1/accounts/alice", {}), 422)
        expect(d.request("PATCH", "/v1/accounts/nobody", {"proxy": "none"}), 404)
        expect(d.get("/v1/accounts/b"), 404)
        equal(account(d, "alice")["proxy"], by[BY_CONNECT].replace("me:word@", ""))
        check(is_on(d, "alice"))
        equal(r.came(), set())


if __name__ == "__main__":
    run(globals())
