"""Webhooks over time: a daemon that is killed or stopped, a log that was shortened, an account that goes, addresses that a
name turns out to have."""
import threading
import time

from events import new_call, rename
from lib import Daemon, check, equal, expect, run, wait_for
from receiver import Receiver
from remote import Remote, next_daemon
from restart import kill, start
from store import change, look
from webhooks import forget, make, view
from webhooks_sent import log, newest, numbered, titled, tries

KILLS = 6
TRIES = 200000  # as many as are kept of one


def ready(d):
    wait_for("the account", lambda: d.get("/readyz").status == 200)
    return d


def killed(remote):
    """The next daemon, of the state of the one that is killed now."""
    start(remote, kill(remote))
    return ready(remote.daemon)


class Busy(threading.Thread):
    """Renames a call until nobody answers."""

    def __init__(self, d, call):
        super().__init__()
        self.d, self.call = d, call
        self.start()

    def run(self):
        try:
            for i in range(100000):
                rename(self.d, self.call, "busy %d" % i)
        except (OSError, AssertionError, ValueError, EOFError):
            pass
        except Exception as e:
            # http.client has errors of its own for a connection that was cut.
            check(type(e).__module__ == "http.client", e)


def test_a_killed_daemon_loses_nothing_and_repeats_by_the_same_id():
    with Remote() as remote, Receiver() as r:
        d = remote.daemon
        d.login("sandbox", "+15550001")
        secret = make(d, r, "lasting", types=["call"])["secret"]
        after = newest(d)
        for _ in range(KILLS):
            busy, n = Busy(d, new_call(d)), len(r.got)
            r.until(lambda got, n=n: len(got) >= n + 5)
            d = killed(remote)
            busy.join()
        call = new_call(d)
        rename(d, call, "after all")
        got = r.until(titled("after all"))
        told = {g.id: g for g in numbered(got)}
        for g in got:
            equal((g.is_signed_by(secret), g.data), (True, told[g.id].data))
        events = [e for e in log(d, after, "&types=call") if e["event"] == "call" and e["id"] <= int(got[-1].id)]
        equal([e["id"] for e in events if str(e["id"]) not in told], [])
        forget(d, "lasting")


def test_a_stopped_daemon_goes_on_where_it_was():
    with Remote() as remote, Receiver() as r:
        d = remote.daemon
        d.login("sandbox", "+15550001")
        make(d, r, "stopped", types=["call"])
        call = new_call(d)
        rename(d, call, "before the stop")
        n = len(r.until(titled("before the stop")))
        wait_for("the end of what waits", lambda: view(d, "stopped")["pending"] == 0)
        was = view(d, "stopped")
        d = ready(next_daemon(remote, d.state))
        equal({**view(d, "stopped"), "pending": 0}, was)
        rename(d, call, "after the stop")
        got = r.until(titled("after the stop"))
        ids = [g.id for g in got]
        equal(len(ids), len(set(ids)))
        check(len(got) > n, got)
        forget(d, "stopped")


def rows(state, hook):
    """How many tries and what else the store has of a webhook."""
    found = look(state, "SELECT (SELECT count(*) FROM hook_deliveries WHERE hook_id = ?) + (SELECT count(*) FROM hooks WHERE id = ?)",
                 hook, hook)
    return found and found[0][0]


def test_a_webhook_with_200000_tries_is_forgotten_at_once_and_over_a_kill():
    with Remote() as remote, Receiver() as r:
        d = remote.daemon
        d.login("sandbox", "+15550001")
        make(d, r, "long", types=["call"])
        state = kill(remote)
        (hook,), = change(state, "SELECT id FROM hooks")
        change(state, "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) INSERT INTO hook_deliveries"
                      " SELECT CAST(? AS BIGINT), n, n, 1, 1790000000000000, 1, 500, 1, 'no' FROM c", TRIES, hook)
        start(remote, state)
        d = ready(remote.daemon)
        equal(len(tries(d, "long")), 100)
        begun = time.monotonic()
        forget(d, "long")
        deleted = time.monotonic()
        expect(d.get("/v1/webhooks/long"), 404, "not-found")
        equal(expect(d.get("/v1/webhooks"), 200).json["webhooks"], [])
        # Another one of that name has none of it.
        make(d, r, "long", types=["call"])
        made = time.monotonic()
        equal(tries(d, "long"), [])
        d = killed(remote)
        print("# deleted in %.0f ms, the next made in %.0f ms" % (1000 * (deleted - begun), 1000 * (made - deleted)))
        equal([h["name"] for h in expect(d.get("/v1/webhooks"), 200).json["webhooks"]], ["long"])
        # But for the gap that a kill leaves in the numbers, which it may have been told of by now.
        equal([t for t in tries(d, "long") if t["status"] != 204], [])
        rename(d, new_call(d), "of the new one")
        r.until(titled("of the new one"))
        wait_for("the end of what it left", lambda: rows(state, hook) == 0)
        forget(d, "long")


def test_what_the_log_has_no_more_is_a_gap():
    with Remote("[events]\nkeep = 20") as remote, Receiver() as r:
        d = remote.daemon
        d.login("sandbox", "+15550001")
        make(d, r, "late")
        call = new_call(d)
        rename(d, call, "seen in time")
        last = int(r.until(titled("seen in time"))[-1].id)
        expect(d.request("PATCH", "/v1/webhooks/late", {"paused": True}), 200)

        for i in range(60):
            rename(d, call, "goes by %d" % i)
        # What memory had, too, is gone with the process.
        d = ready(next_daemon(remote, d.state))
        rename(d, call, "the last of them")
        equal(log(d, last)[0]["event"], "gap")
        n = len(r.got)
        expect(d.request("PATCH", "/v1/webhooks/late", {"paused": False}), 200)
        got = r.until(titled("the last of them"))[n:]
        gaps = [g for g in got if g.type == "gap"]
        check(gaps, "no gap: %r" % got)
        equal((gaps[0].data["resumes_after"], gaps[0].id), (int(gaps[0].id), str(gaps[0].data["resumes_after"])))
        numbered(got)
        forget(d, "late")


def test_of_an_account_that_was_deleted_nothing_more_is_sent():
    with Daemon() as d, Receiver() as r:
        make(d, r, "whole")
        r.until(lambda _: True)
        expect(d.request("PATCH", "/v1/webhooks/whole", {"paused": True}), 200)
        d.login("other", "+15550003")
        last = newest(d)
        expect(d.request("DELETE", "/v1/accounts/other"), 200)
        expect(d.request("PATCH", "/v1/webhooks/whole", {"paused": False}), 200)
        call = new_call(d)
        rename(d, call, "of another")
        got = r.until(titled("of another"))
        equal([g for g in got if g.data.get("account") == "other" and int(g.id) <= last], [])
        forget(d, "whole")


def test_what_a_name_turns_out_to_be_is_judged_at_each_try():
    with Remote("[webhooks]\nallow = public") as remote, Receiver() as r:
        d = remote.daemon
        expect(d.post("/v1/webhooks", {"name": "named", "url": r.url}), 422, "invalid-request")
        expect(d.post("/v1/webhooks", {"name": "named", "url": "http://localhost:%d/" % r.port}), 201)
        expect(d.post("/v1/webhooks/named/test"), 202)
        row = wait_for("the try", lambda: tries(d, "named"))[-1]
        equal((row["state"], "status" in row), ("failed", False))
        check("allow" in row["error"], row)
        equal(r.got, [])
        forget(d, "named")


if __name__ == "__main__":
    run(globals())
