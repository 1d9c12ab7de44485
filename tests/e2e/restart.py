"""A daemon that ends, and the next one: each account goes on, with no new login and no new key."""
import base64
import contextlib
import os
import resource
import signal
import threading

from lib import Daemon, check, control, equal, expect, run, wait_for
from remote import Remote
from store import IS_A_FILE, NODES, ONE_PROCESS, POSTGRESQL, change, stored


def kill(r):
    r.daemon.process.send_signal(signal.SIGKILL)
    r.daemon.process.wait()
    state = r.daemon.state
    r.daemon.forget()
    return state


def stop(r):
    r.daemon.end_cleanly()
    state = r.daemon.state
    r.daemon.forget()
    return state


def start(r, state):
    """The next process; what a killed one left says nothing of where it listens."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(state, "listen"))
    r.daemon = Daemon(config=r.config, state=state)
    r.daemon.control = r.ready["control"]


def account(d, name):
    return expect(d.get("/v1/accounts/" + name), 200).json


def is_on(d, name):
    answer = d.get("/v1/accounts/" + name)
    if NODES > 1 and answer.status == 503:  # no node has the accounts yet
        return False
    a = expect(answer, 200).json
    return a["state"] == "ready" and a["connection"]["state"] == "ready"


def logins(d):
    """How many keys are logged in at the sandbox."""
    return sum(u["keys"] for u in d.sandbox("GET", "/state")["users"])


def test_a_killed_daemon_goes_on_with_its_accounts_and_calls():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.login("carol", "+15550003")
        counted = d.counting()
        made = expect(d.create("@sandbox_group", title="Town Hall", account="alice"), 201).json["call"]
        # The record follows within a moment.
        wait_for("the call's record", lambda: b"Town Hall" in stored(d.state))
        start(r, kill(r))
        d = r.daemon
        for name in ("alice", "carol"):
            wait_for(name, lambda: is_on(d, name))
        equal(logins(d), 2)
        known = expect(d.get("/v1/calls?account=alice"), 200).json["calls"]
        equal([(c["id"], c["title"], c["state"]) for c in known], [(made["id"], "Town Hall", "active")])
        again = expect(d.create("@sandbox_group", title="Town Hall", account="alice"), 200, existing=True)
        equal(again.json["call"]["id"], made["id"])
        equal(counted("auth.sendCode") + counted("auth.signIn"), 0)


def test_a_stopped_daemon_goes_on_too():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        state = r.daemon.state
        r.daemon.end_cleanly()
        check("goes on at the next start" in r.daemon.log(), r.daemon.log())
        r.daemon.forget()
        start(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        expect(r.daemon.request("DELETE", "/v1/accounts/alice"), 200)
        equal(logins(r.daemon), 0)
        start(r, kill(r))
        expect(r.daemon.get("/v1/accounts/alice"), 404, "not-found")


def test_an_account_without_a_login_is_there_again_as_it_was():
    with Remote() as r:
        expect(r.daemon.post("/v1/accounts", {"name": "early"}), 201)
        expect(r.daemon.post("/v1/accounts", {"name": "half"}), 201)
        code = expect(r.daemon.post("/v1/accounts/half/login", {"phone": "+15550003"}), 200, state="wait_code").json["code"]
        expect(r.daemon.post("/v1/accounts", {"name": "shown"}), 201)
        expect(r.daemon.post("/v1/accounts/shown/login", {"qr": True}), 200, state="wait_qr")
        expect(r.daemon.post("/v1/accounts", {"name": "nearly"}), 201)
        expect(r.daemon.post("/v1/accounts/nearly/login", {"phone": "+15550002"}), 200, state="wait_code")
        expect(r.daemon.post("/v1/accounts/nearly/login/code", {"code": "12345"}), 200, state="wait_password")
        wait_for("the records", lambda: stored(r.daemon.state).count(b"wait_password"))
        start(r, kill(r))
        equal(account(r.daemon, "early")["state"], "wait_login")
        shown = account(r.daemon, "shown")
        equal(shown["state"], "wait_login")
        check("in the middle of the login" in shown["reason"], shown)
        equal(account(r.daemon, "half")["code"], code)
        expect(r.daemon.post("/v1/accounts/half/login/code", {"code": "12345"}), 200, state="ready")
        expect(r.daemon.post("/v1/accounts/nearly/login/password", {"password": "correct horse"}), 200, state="ready")


def test_a_login_that_ended_while_the_daemon_was_down_is_told():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        state = kill(r)
        r.kill_sandbox()
        r.start_sandbox(r.ready["dc1"], r.ready["dc2"])  # one that knows no key
        start(r, state)
        a = wait_for("the word", lambda: (lambda a: a["state"] == "revoked" and a)(account(r.daemon, "alice")))
        check("/v1/accounts/alice/login" in a["remedy"], a)
        r.daemon.end_cleanly()


def ends(args, config, state):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(state, "listen"))
    d = None
    try:
        d = Daemon(*args, config=config, state=state)
    except AssertionError as e:
        return str(e)
    finally:
        if d:
            d.forget()
    raise AssertionError("it started")


def test_a_key_that_is_gone_or_another_overwrites_nothing():
    if NODES > 1:
        return ONE_PROCESS
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        state = kill(r)
        key = os.path.join(state, "seal.key")
        os.rename(key, key + ".mine")
        check("seal.key" in ends([], r.config, state))
        check(not os.path.exists(key), "a new seal key was made beside a database")
        with open(key, "w") as f:
            f.write("11" * 32 + "\n")
        os.chmod(key, 0o600)
        check("seal key" in ends([], r.config, state))
        os.rename(key + ".mine", key)
        check("environment" in ends(["--sandbox"], None, state))
        start(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_a_database_that_is_lost_is_not_lost_in_silence():
    """It is made anew, as at the first start, but that had no seal key before. With what a killed process left of it
    nothing is done: that has the last accounts in it."""
    if POSTGRESQL:
        return IS_A_FILE
    with Remote() as r:
        check("seal key" not in r.daemon.log(), r.daemon.log())
        r.daemon.login("alice", "+15550001")
        wait_for("the record", lambda: stored(r.daemon.state).count(b"ready"))
        state = kill(r)
        path, mine = (os.path.join(state, "store.db" + end) for end in ("", ".mine"))
        os.rename(path, mine)
        check("store.db-wal" in ends([], r.config, state))
        os.rename(path + "-wal", mine + "-wal")
        start(r, state)
        check("made anew, without accounts, though there is a seal key" in r.daemon.log(), r.daemon.log())
        kill(r)
        for end in ("", "-wal"):
            os.rename(mine + end, path + end)
        # With the token that it knows.
        os.rename(os.path.join(state, "admin.token.former"), os.path.join(state, "admin.token"))
        start(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_an_account_whose_record_is_damaged_is_told_of_and_comes_back():
    """Nothing of it is changed until somebody removes it, or logs in anew."""
    with Remote() as r:
        for name, phone in (("alice", "+15550001"), ("carol", "+15550003"), ("dora", "+15550003")):
            r.daemon.login(name, phone)
        def ask(name, key="of-%s"):
            return r.daemon.request("POST", "/v1/calls", {"conference": True, "account": name}, {"Idempotency-Key": key % name})

        made = {name: expect(ask(name), 201).json for name in ("carol", "dora")}
        state = r.daemon.state
        r.daemon.end_cleanly()
        r.daemon.forget()
        of = " WHERE account_id = (SELECT id FROM accounts WHERE name = ?)"
        (key,), = change(state, "SELECT key_sealed FROM keys" + of, "carol")
        for name in ("carol", "dora"):
            change(state, "UPDATE keys SET key_sealed = ?" + of, bytes(301), name)
        before = change(state, "SELECT * FROM accounts WHERE name <> 'alice' ORDER BY name")
        start(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        for name in ("carol", "dora"):
            a = account(r.daemon, name)
            equal(a["state"], "revoked")
            check("cannot be read" in a["reason"] and "backup" in a["remedy"] and "/%s/login" % name in a["remedy"], a)
        refused = expect(r.daemon.get("/readyz"), 503, "not-ready")
        equal([x["account"] for x in refused.json["reasons"]], ["carol", "dora"])
        expect(r.daemon.post("/v1/accounts/carol/session", {"format": "telethon"}), 409, "account-not-ready")
        # What was asked of it before is not asked for as if it were new; what is new cannot be.
        for name in ("carol", "dora"):
            equal(expect(ask(name), 201).json, made[name])
        anew = expect(ask("carol", "anew-%s"), 409, "account-not-ready")
        check("backup" in anew.json["remedy"], anew.json)
        r.daemon.end_cleanly()
        r.daemon.forget()
        equal(change(state, "SELECT * FROM accounts WHERE name <> 'alice' ORDER BY name"), before)
        change(state, "UPDATE keys SET key_sealed = ?" + of, key, "carol")
        start(r, state)
        wait_for("carol", lambda: is_on(r.daemon, "carol"))
        # Bob's home is another data centre: what cannot be read is of no account's any more.
        expect(r.daemon.post("/v1/accounts/dora/login", {"phone": "+15550002"}), 200, state="wait_code")
        expect(r.daemon.post("/v1/accounts/dora/login/code", {"code": "12345"}), 200, state="wait_password")
        expect(r.daemon.post("/v1/accounts/dora/login/password", {"password": "correct horse"}), 200, state="ready")
        expect(r.daemon.request("DELETE", "/v1/accounts/carol"), 200)
        start(r, kill(r))
        wait_for("dora", lambda: is_on(r.daemon, "dora"))
        expect(r.daemon.get("/v1/accounts/carol"), 404)
        equal(expect(ask("dora"), 201).json, made["dora"])


def test_what_is_secret_is_nowhere_in_the_state():
    with Remote() as r:
        r.daemon.login("bob", "+15550002", password="correct horse")
        wait_for("the record", lambda: stored(r.daemon.state).count(b"ready"))
        found = []
        for folder, _, names in os.walk(r.daemon.state):
            for name in names:
                path = os.path.join(folder, name)
                if name in ("admin.token", "api.sock", "upkeep.sock"):
                    continue
                with open(path, "rb") as f:
                    data = f.read()
                check(os.stat(path).st_mode & 0o077 == 0, path + " can be read by others")
                for secret in (b"15550002", b"correct horse", b"bobby", r.daemon.token.encode()):
                    forms = (secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"=")[:-1])
                    found += [(name, secret) for form in forms if form in data]
        if POSTGRESQL:
            found += [("the database", s) for s in (b"15550002", b"correct horse", b"bobby", r.daemon.token.encode()) if s in stored(r.daemon.state)]
        equal(found, [])


def test_a_disk_that_takes_no_more_is_told_and_outlived():
    if POSTGRESQL:
        return IS_A_FILE
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        size = max(os.stat(os.path.join(d.state, "store.db-wal")).st_size, os.stat(d.errors.name).st_size + 16384)
        fill(d, size)
        a = expect(d.post("/v1/accounts", {"name": "late"}), 500, "internal")
        check("state directory" in a.json["remedy"], a)
        expect(d.get("/v1/accounts/late"), 404, "not-found")
        # What runs needs no disk.
        expect(d.create("@sandbox_group", title="Full House", account="alice"), 201)
        wait_for("the word", lambda: "cannot be kept" in d.log())
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_for("the other word", lambda: "kept again" in d.log())
        expect(d.post("/v1/accounts", {"name": "late"}), 201)
        wait_for("the call's record", lambda: b"Full House" in stored(d.state))
        start(r, kill(r))
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        equal([c["title"] for c in r.daemon.get("/v1/calls?account=alice").json["calls"]], ["Full House"])
        equal(account(r.daemon, "late")["state"], "wait_login")


def fill(d, size):
    """No file of the daemon's may grow past SIZE, and its database is there."""
    resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    n = 0
    while d.post("/v1/accounts", {"name": "fill%d" % n}).status == 201:
        n += 1


def session_of(r, name):
    return expect(r.daemon.post("/v1/accounts/%s/session" % name, {"format": "telethon"}), 200).json["text"]


def import_is_cut_short(r, session):
    """Killed when the session is kept, and Telegram has not said who is logged in with it."""
    r.daemon.fault(type="no_answer", method="users.getUsers", count=0)
    post = lambda: r.daemon.post("/v1/accounts", {"name": "guest", "session": {"format": "telethon", "text": session}})
    asking = threading.Thread(target=quietly, args=(post,))
    asking.start()
    wait_for("the question", lambda: r.daemon.counts().get("users.getUsers"))
    state = kill(r)
    asking.join()
    control(r.ready["control"], "POST", "/clear", {})
    return state


def import_of_another_is_cut_short(r):
    """A login of another daemon's, which has ended; in the state of one that had nothing before."""
    r.daemon.login("alice", "+15550001")
    session = session_of(r, "alice")
    stop_other(r)
    r.daemon = Daemon(config=r.config)
    r.daemon.control = r.ready["control"]
    return session, import_is_cut_short(r, session)


def quietly(function):
    with contextlib.suppress(Exception):
        function()


def test_an_import_that_was_cut_short_comes_to_its_end():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        session = session_of(r, "alice")
        stop_other(r)
        r.daemon = Daemon(config=r.config)
        r.daemon.control = r.ready["control"]
        start(r, import_is_cut_short(r, session))
        wait_for("guest", lambda: is_on(r.daemon, "guest"))
        equal(account(r.daemon, "guest")["user"]["id"], "1001")
        equal(logins(r.daemon), 1)
        start(r, kill(r))
        wait_for("guest", lambda: is_on(r.daemon, "guest"))


def test_an_import_that_was_cut_short_and_has_no_login_leaves_nothing():
    with Remote() as r:
        session, state = import_of_another_is_cut_short(r)
        r.kill_sandbox()
        r.start_sandbox(r.ready["dc1"], r.ready["dc2"])  # one that knows no key
        start(r, state)
        wait_for("its end", lambda: r.daemon.get("/v1/accounts/guest").status == 404)
        wait_for("the word on it", lambda: "its import was cut short" in r.daemon.log())  # the log has a thread of its own
        start(r, kill(r))
        expect(r.daemon.get("/v1/accounts/guest"), 404)
        r.daemon.end_cleanly()


def test_an_import_that_was_cut_short_before_its_key_was_kept_leaves_nothing():
    with Remote() as r:
        session, state = import_of_another_is_cut_short(r)
        equal(change(state, "SELECT name, state FROM accounts"), [("guest", "importing")])
        change(state, "DELETE FROM keys")
        start(r, state)
        expect(r.daemon.get("/v1/accounts/guest"), 404)
        expect(r.daemon.post("/v1/accounts", {"name": "guest", "session": {"format": "telethon", "text": session}}), 201)


def stop_other(r):
    """The daemon whose session is taken elsewhere ends first."""
    r.daemon.end_cleanly()
    r.daemon.forget()


if __name__ == "__main__":
    run(globals())
