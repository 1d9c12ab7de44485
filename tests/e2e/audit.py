"""The audit: each write and each refusal, by whom and from where, and nothing else; it outlives the daemon."""
import os
import socket
import time
from urllib.parse import quote

from lib import Daemon, at_once, check, equal, expect, run, wait_for
from remote import Remote
from store import NODES, ONE_PROCESS, stored


def records(d, query="", **more):
    return expect(d.get("/v1/audit" + query, **more), 200).json["records"]


def of(d, request_id):
    """The records of one request."""
    return [r for r in records(d, "?limit=1000") if r.get("request_id") == request_id]


def one(d, answer):
    if NODES > 1:  # what another node has not written yet is there when it has
        wait_for("the record", lambda: of(d, answer.headers["x-request-id"]))
    found = of(d, answer.headers["x-request-id"])
    equal(len(found), 1)
    return found[0]


def make(d, name, *scopes, **more):
    return expect(d.post("/v1/tokens", {"name": name, "scopes": list(scopes), **more}), 201).json["token"]


def admin(d):
    """The name of the first token."""
    return expect(d.get("/v1/tokens"), 200).json["tokens"][0]["name"]


def test_a_write_is_recorded_with_who_and_from_where(d):
    before = time.time()
    a = expect(d.create("@sandbox_group", title="told to nobody"), 201)
    r = one(d, a)
    check(before - 2 < r.pop("at") < time.time() + 2, r)
    equal(r, {"request_id": a.headers["x-request-id"], "who": admin(d), "peer": "127.0.0.1", "method": "POST", "path": "/v1/calls",
              "account": "sandbox", "status": 201})
    end = expect(d.request("DELETE", "/v1/calls/%s?account=sandbox" % a.json["call"]["id"]), 200)
    r = one(d, end)
    equal((r["method"], r["path"], r["account"]), ("DELETE", "/v1/calls/" + a.json["call"]["id"], "sandbox"))


def test_a_read_is_not(d):
    for path in ("/v1/calls", "/v1/accounts", "/v1/audit", "/healthz", "/v1/jobs/77", "/nowhere"):
        equal(of(d, d.get(path).headers["x-request-id"]), [])
    equal(of(d, d.request("HEAD", "/v1/calls").headers["x-request-id"]), [])


def test_what_was_wrong_with_a_write_is_too(d):
    for a, status in ((d.create(""), 422), (d.post("/v1/calls", b"{"), 400), (d.post("/v1/nowhere"), 404),
                      (d.request("PUT", "/v1/calls", {}), 405), (d.post("/v1/calls", b"x" * (2 << 20)), 413)):
        equal((a.status, one(d, a)["status"]), (status, status))


def test_telegrams_refusal_is_named(d):
    r = one(d, expect(d.create("@sandbox_readonly"), 400, "telegram-refused"))
    equal((r["status"], r["account"], r["telegram"]), (400, "sandbox", {"code": 400, "message": "CHAT_ADMIN_REQUIRED"}))
    # A read that Telegram refuses is no refusal of who asks.
    a = d.get("/v1/peers/%40sandbox_stranger/join-as")
    check(a.status >= 400, a)
    equal(of(d, a.headers["x-request-id"]), [])


def test_a_path_is_as_it_came_and_a_query_is_not_there(d):
    name = quote("t.me/+no/such one", safe="")
    r = one(d, d.request("PUT", "/v1/peers/%s/join-as?account=sandbox" % name, {"join_as": "me"}))
    equal(r["path"], "/v1/peers/%s/join-as" % name)
    long = "x" * 1000
    r = one(d, expect(d.post("/v1/methods/%s?account=sandbox" % long), 404))
    equal(r["path"], "/v1/methods/" + "x" * (256 - len("v1/methods/")))
    check("%zz" not in str(of(d, d.post("/v1/%zz").headers["x-request-id"])))


def test_who_lacks_a_scope_is_named(d):
    token = make(d, "reads", "read")
    asked = {"Authorization": "Bearer " + token}
    write = expect(d.request("POST", "/v1/calls", {"peer": "@sandbox_group"}, asked, token=False), 403, "forbidden")
    read = expect(d.request("GET", "/v1/audit", None, asked, token=False), 403, "forbidden")
    for a, method in ((write, "POST"), (read, "GET")):
        r = one(d, a)
        equal((r["who"], r["status"], r["method"]), ("reads", 403, method))
    equal({r["who"] for r in records(d, "?token=reads")}, {"reads"})
    equal(len(records(d, "?token=reads")), 2)
    equal(records(d, "?token=nobody"), [])


def test_the_unix_socket_says_which_uid(d):
    r = one(d, expect(d.post("/v1/tokens", {"name": "by-uid", "scopes": ["read"]}, unix=True), 201))
    equal((r["who"], r["peer"]), ("uid %d" % os.geteuid(), "unix"))
    check(of(d, r["request_id"]) and records(d, "?token=" + quote(r["who"])))


def strangers(d):
    return [r for r in records(d, "?limit=1000") if "who" not in r]


def test_strangers_are_counted_not_listed():
    if NODES > 1:
        return ONE_PROCESS  # each counts its own
    with Daemon() as d:
        first = expect(d.get("/v1/calls?phone=%2B15550001", token=False), 401)
        for i in range(40):
            last = expect(d.post("/v1/wherever/%d" % i, token=False), 401)
        expect(d.get("/v1/calls", headers={"Host": "evil.example"}), 403)
        told = strangers(d)  # which ends their minute
        by = {r["request_id"]: r for r in told}
        check("count" not in by[first.headers["x-request-id"]], by)
        equal(by[first.headers["x-request-id"]]["path"], "/v1/calls")
        equal({k: v for k, v in by[last.headers["x-request-id"]].items() if k in ("path", "peer", "status", "method")},
              {"path": "/v1/wherever/39", "peer": "127.0.0.1", "status": 401, "method": "POST"})
        # On a slow machine it may have been several minutes.
        equal(sum(r.get("count", 1) for r in told if r["status"] == 401), 41)
        check(len(told) < 20, told)
        equal([r["status"] for r in told].count(403), 1)
        equal(strangers(d), told)


def test_a_flood_of_strangers_pushes_nothing_out():
    if NODES > 1:
        return ONE_PROCESS
    with Remote("[events]\nkeep = 20") as r:
        d = r.daemon
        made = expect(d.post("/v1/accounts", {"name": "mine"}), 201)
        for i in range(30):
            expect(d.get("/v1/calls", token=False), 401)
            records(d)  # ends their minute: each is a record of its own
        check(one(d, made)["path"] == "/v1/accounts")
        check(len(strangers(d)) <= 2, strangers(d))
        for i in range(30):
            last = expect(d.request("DELETE", "/v1/accounts/nobody"), 404)
            records(d)
        known = [x for x in records(d) if "who" in x]
        equal(len(known), 20)
        equal(known[0]["request_id"], last.headers["x-request-id"])
        check(strangers(d))


def test_pages_go_on_where_the_last_one_ended(d):
    for i in range(25):
        d.request("DELETE", "/v1/tokens/no-such-%d" % i)
    whole = records(d, "?limit=1000")
    if NODES > 1:  # each node's are in their order
        wait_for("all records", lambda: sum("no-such-" in r.get("path", "") for r in records(d, "?limit=1000")) == 25)
        whole = records(d, "?limit=1000")
        equal({r["path"] for r in whole if "no-such-" in r.get("path", "")}, {"/v1/tokens/no-such-%d" % i for i in range(25)})
    else:
        equal([r["path"] for r in whole[:25]], ["/v1/tokens/no-such-%d" % i for i in reversed(range(25))])
    pages, cursor = [], ""
    while cursor is not None:
        a = expect(d.get("/v1/audit?limit=7" + cursor), 200).json
        check(len(a["records"]) == 7 or "next_cursor" not in a, a)
        pages += a["records"]
        cursor = "&cursor=" + a["next_cursor"] if "next_cursor" in a else None
        # What comes meanwhile is of no page that is yet to be read.
        d.request("DELETE", "/v1/tokens/meanwhile")
    equal(pages, whole)
    expect(d.get("/v1/audit?cursor=xyz"), 422, "invalid-request")
    expect(d.get("/v1/audit?cursor=" + "f" * 24), 422, "invalid-request")


def test_since_leaves_out_what_was_before(d):
    expect(d.request("DELETE", "/v1/tokens/nobody"), 404)
    at = records(d, "?limit=1")[0]["at"]
    check(all(r["at"] >= at for r in records(d, "?since=%d" % at)) and records(d, "?since=%d" % at))
    equal(records(d, "?since=%d" % (at + 3600)), [])
    equal(records(d, "?limit=5&since=" + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at - 86400))), records(d, "?limit=5"))
    expect(d.get("/v1/audit?since=yesterday"), 422, "invalid-request")


def test_who_is_bound_to_accounts_sees_theirs_alone(d):
    expect(d.post("/v1/accounts", {"name": "other"}), 201)
    expect(d.post("/v1/accounts/other/logout"), 409)
    token = make(d, "bound", "admin", accounts=["other"])

    def theirs():
        return expect(d.request("GET", "/v1/audit", None, {"Authorization": "Bearer " + token}, token=False), 200).json["records"]

    if NODES > 1:
        wait_for("a record", theirs)
    seen = theirs()
    check(seen and {r.get("account") for r in seen} == {"other"}, seen)


def test_a_write_whose_client_left_is_recorded(d):
    d.fault(type="delay", method="phone.createGroupCall", ms=700, count=1)
    body = b'{"peer": "@sandbox_group", "if_exists": "replace"}'
    with socket.create_connection((d.host, int(d.port)), 60) as s:
        s.sendall(b"POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nX-Request-Id: left-early\r\n"
                  b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (d.token.encode(), len(body), body))
        wait_for("the request at the data centre", lambda: d.counts().get("phone.createGroupCall", 0) or
                 not [f for f in d.sandbox("GET", "/state")["faults"] if f.get("count", 1)])
    found = wait_for("its record", lambda: of(d, "left-early"))
    equal([r["status"] for r in found], [201])


def test_it_outlives_the_daemon_and_the_last_answers_are_in_it():
    with Remote() as r:
        d = r.daemon
        answers = at_once(8, lambda i: d.request("DELETE", "/v1/tokens/x%d" % i))
        last = d.request("DELETE", "/v1/tokens/last")
        expect(d.get("/v1/calls", token=False), 401)
        expect(d.get("/v1/calls", token=False), 401)
        whole = {a.headers["x-request-id"] for a in answers + [last]}
        d.end_cleanly()
        state = d.state
        d.forget()
        r.daemon = Daemon(config=r.config, state=state)
        r.daemon.control = r.ready["control"]
        found = {x["request_id"]: x for x in records(r.daemon)}
        check(whole <= set(found), (whole, found))
        equal([x["status"] for x in found.values() if "who" not in x], [401, 401])
        data = stored(state)
        check(b"/v1/tokens" not in data and last.headers["x-request-id"].encode() not in data, "it is not sealed")


if __name__ == "__main__":
    run(globals())
