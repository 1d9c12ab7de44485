"""Perfect forward secrecy: all is said under temporary keys, and what becomes of one costs no login."""
import threading
import time

from lib import at_once, check, equal, expect, run, wait_for
from remote import Remote
from restart import account, is_on, kill, logins, start

LIFE_S = 20


def keys(d):
    """How many keys were made: permanent ones, temporary ones."""
    made = [e["temporary"] for e in d.sandbox("GET", "/log")["events"] if e["event"] == "key"]
    return made.count(False), made.count(True)


def test_a_login_makes_a_key_of_each_kind_and_a_restart_a_temporary_one():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        equal(keys(r.daemon), (1, 1))
        counted = r.daemon.counting()
        made = expect(r.daemon.create("@sandbox_group", title="Hall"), 201).json["call"]
        start(r, kill(r))
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        equal(keys(r.daemon), (1, 2))
        equal(logins(r.daemon), 1)
        equal(counted("auth.sendCode") + counted("auth.signIn"), 0)
        again = expect(r.daemon.create("@sandbox_group", title="Hall"), 200, existing=True)
        equal(again.json["call"]["id"], made["id"])


def test_without_it_the_permanent_key_speaks():
    with Remote("pfs = no") as r:
        r.daemon.login("alice", "+15550001")
        start(r, kill(r))
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        expect(r.daemon.create("@sandbox_group"), 201)
        equal(keys(r.daemon), (1, 0))
        equal(r.daemon.counts().get("auth.bindTempAuthKey", 0), 0)


def test_each_data_centre_has_its_own_keys():
    with Remote() as r:
        r.daemon.login("carol", "+15550003")
        equal(keys(r.daemon), (2, 2))
        equal(r.daemon.counts()["auth.bindTempAuthKey"], 2)


def test_keys_follow_each_other_under_traffic_and_no_request_feels_it():
    with Remote("pfs_key_life = %d s" % LIFE_S) as r:
        r.daemon.login("alice", "+15550001")
        equal(keys(r.daemon), (1, 1))
        since = account(r.daemon, "alice")["connection"]["since"]
        until, lock, asked = time.monotonic() + 2.5 * LIFE_S, threading.Lock(), [0]

        def ask(_):
            while time.monotonic() < until:
                expect(r.daemon.method("help.getNearestDc", "?account=alice"), 200)
                with lock:
                    asked[0] += 1
        at_once(4, ask)
        check(3 <= r.daemon.counts()["auth.bindTempAuthKey"] <= 5, r.daemon.counts())
        equal(logins(r.daemon), 1)
        equal(account(r.daemon, "alice")["connection"], {"state": "ready", "since": since})
        equal(r.daemon.counts()["help.getNearestDc"], asked[0])


def test_an_idle_account_still_hears_what_happens_under_a_later_key():
    with Remote("pfs_key_life = %d s" % LIFE_S) as r:
        d = r.daemon
        d.login("bob", "+15550002", password="correct horse")
        wait_for("a later key", lambda: d.counts()["auth.bindTempAuthKey"] >= 2)
        wait_for("its session", lambda: d.counts().get("updates.getDifference", 0) >= 1)
        d.login("alice", "+15550001")
        call = expect(d.create("@sandbox_group", account="alice"), 201).json["call"]["id"]
        wait_for("word of the call", lambda: call in [c["id"] for c in d.get("/v1/calls?account=bob").json["calls"]])


def test_a_temporary_key_that_telegram_forgot_costs_a_moment():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        for n in range(2):
            r.daemon.fault(type="forget_key")
            expect(r.daemon.create("@sandbox_group", title="Hall", if_exists="replace"), 201)
            equal(keys(r.daemon), (1, 2 + n))
        equal(account(r.daemon, "alice")["state"], "ready")


def test_a_binding_that_is_refused_ends_no_login():
    with Remote() as r:
        r.daemon.fault(type="rpc_error", method="auth.bindTempAuthKey", code=400, message="ENCRYPTED_MESSAGE_INVALID")
        r.daemon.login("alice", "+15550001")
        r.daemon.fault(type="rpc_error", method="auth.bindTempAuthKey", code=500, message="RPC_CALL_FAIL")
        r.daemon.login("bob", "+15550002", password="correct horse")
        equal(keys(r.daemon), (2, 4))


def test_where_no_binding_is_taken_the_account_says_what_to_do():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        r.daemon.fault(type="rpc_error", method="auth.bindTempAuthKey", code=400, message="TEMP_AUTH_KEY_EMPTY", count=0)
        start(r, kill(r))
        c = wait_for("the refusal", lambda: (lambda c: "remedy" in c and c)(account(r.daemon, "alice")["connection"]))
        check("refuses to bind our temporary key: 400 TEMP_AUTH_KEY_EMPTY" in c["reason"], c)
        check("pfs = no in [telegram]" in c["remedy"], c)
        equal(account(r.daemon, "alice")["state"], "ready")
        r.daemon.clear()
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        check(not {"reason", "remedy"} & set(account(r.daemon, "alice")["connection"]))


def test_only_the_permanent_key_ends_a_login():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        r.daemon.fault(type="forget_key", permanent=True)
        r.daemon.method("help.getNearestDc", "?account=alice")
        a = wait_for("the word", lambda: (lambda a: a["state"] == "revoked" and a)(account(r.daemon, "alice")))
        check("no longer knows" in a["reason"], a)
        equal(logins(r.daemon), 0)


def test_a_logout_has_both_keys_destroyed():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        start(r, kill(r))  # its salt is an old one then
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        before = r.daemon.sandbox("GET", "/state")
        expect(r.daemon.post("/v1/accounts/alice/logout"), 200, logout_confirmed=True)
        wait_for("the keys' end", lambda: r.daemon.sandbox("GET", "/state")["keys"] == before["keys"] - 2)
        equal(r.daemon.sandbox("GET", "/state")["temporary_keys"], before["temporary_keys"] - 1)


if __name__ == "__main__":
    run(globals())
