"""Data centres that are elsewhere by Telegram's own word: accounts follow, and the next process goes there at once."""
import contextlib
import http.client
import json

from lib import PATIENCE, check, equal, expect, run, wait_for
from pfs import keys
from remote import Remote
from restart import is_on, kill, logins, start
from store import stored


def is_kept(state, dc, address):
    """Whether the store has that address for the data centre (it keeps the database for itself while it runs)."""
    return b"\n%d %s %s sp -\n" % ((dc,) + tuple(address.encode().split(b":"))) in stored(state)


def drop_link(d, name):
    d.fault(type="drop_before", method="help.getNearestDc")
    expect(d.method("help.getNearestDc", "?account=" + name), 200)


def test_an_account_follows_its_data_centre_and_so_does_the_next_process():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        wait_for("the first addresses", lambda: is_kept(d.state, 2, r.ready["dc2"]))
        moved = d.sandbox("POST", "/move", {"dc": 1})["address"]
        check(moved != r.ready["dc1"], "it moved")
        wait_for("the new address", lambda: is_kept(d.state, 1, moved))
        # Where it was, nobody answers any more: whoever comes back came back there.
        drop_link(d, "alice")
        check(is_on(d, "alice"), "alice")
        equal(keys(d), (1, 1))
        counted = d.counting()
        start(r, kill(r))
        d = r.daemon
        wait_for("alice", lambda: is_on(d, "alice"))
        expect(d.create("@sandbox_group"), 201)
        # By what the store says alone: nothing had to be asked before.
        equal(counted("help.getConfig"), 0)
        equal(keys(d), (1, 2))
        equal(logins(d), 1)


def test_all_accounts_follow_and_one_asks():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.login("carol", "+15550003")
        wait_for("the first addresses", lambda: is_kept(d.state, 2, r.ready["dc2"]))
        equal(d.counts().get("help.getConfig"), 1)
        moved = [d.sandbox("POST", "/move", {"dc": dc})["address"] for dc in (1, 2)]
        wait_for("the new addresses", lambda: is_kept(d.state, 1, moved[0]) and is_kept(d.state, 2, moved[1]))
        for name in ("alice", "carol"):
            drop_link(d, name)
            check(is_on(d, name), name)
        # An update says where; whether that is all is asked once, not by each account for each update.
        check(d.counts()["help.getConfig"] <= 2, "it was asked once more at most")


def refusal(address, body):
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("POST", "/move", json.dumps(body))
        return connection.getresponse().status


def test_a_move_that_cannot_be_is_refused():
    with Remote() as r:
        for body in ({}, {"dc": 3}, {"dc": 1, "address": "192.0.2.1:1"}, {"dc": 1, "address": "x"}, {"dc": 1, "port": 5}):
            equal(refusal(r.ready["control"], body), 422)
        r.daemon.login("alice", "+15550001")


if __name__ == "__main__":
    run(globals())
