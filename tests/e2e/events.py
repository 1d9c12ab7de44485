"""GET /v1/events: what is told, to whom, and that nothing is lost or told twice, whatever becomes of readers and daemon."""
import http.client
import json
import os
import signal
import socket
import tempfile
import threading

from described import Description
from lib import PATIENCE, Daemon, at_once, check, equal, expect, run
from remote import Remote

def text_of(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "api", name)) as f:
        return f.read()


# One document, where the validator needs one.
described = Description({**json.loads(text_of("asyncapi.json").replace('"openapi.json#/', '"#/openapi.json/')),
                         "openapi.json": json.loads(text_of("openapi.json").replace('"#/', '"#/openapi.json/'))})


class Event:
    def __init__(self, id, kind, data):
        self.id, self.kind, self.data = id, kind, data
        found = list(described.faults(data, described.document["components"]["schemas"][self.message()]))
        check(not found, "%r: %s" % (self, "; ".join(found)))

    def message(self):
        return "update" if self.kind.startswith("update") else self.kind

    def __repr__(self):
        return "%d %s %s" % (self.id, self.kind, json.dumps(self.data)[:300])

    def __eq__(self, other):
        return other is not None and (self.id, self.kind, self.data) == (other.id, other.kind, other.data)


class Reader:
    """A client as EventSource is one, which keeps the last id it was told."""

    def __init__(self, d, query="", after=None, token=None, window=None):
        self.connection = http.client.HTTPConnection(d.host, int(d.port), timeout=PATIENCE)
        if window:
            self.connection.sock = socket.socket()
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            self.connection.sock.settimeout(PATIENCE)
            self.connection.sock.connect((d.host, int(d.port)))
        headers = {"Authorization": "Bearer " + (token or d.token), "Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        self.connection.request("GET", "/v1/events" + query, None, headers)
        self.answer = self.connection.getresponse()
        check(self.answer.status == 200, self.answer.status)
        equal(self.answer.headers["Content-Type"], "text/event-stream")
        self.last = after
        self.block()

    def block(self):
        """The next one's fields; None where the stream has come to its end in order."""
        fields = {}
        while True:
            line = self.answer.readline()
            if line in (b"", b"\n"):
                break
            name, _, value = line.decode().rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        if "id" in fields:
            self.last = int(fields["id"])
        return fields or None

    def next(self):
        """The next event; None at the end."""
        while True:
            fields = self.block()
            if fields is None:
                return None
            if "data" in fields:
                return Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))

    def until(self, condition):
        """The events up to the first that meets it."""
        events = []
        while not events or not condition(events[-1]):
            events.append(check(self.next(), "the stream ended"))
        return events

    def close(self):
        self.connection.close()
        self.answer.close()


def is_call(what, call=None):
    return lambda e: e.kind == "call" and e.data["what"] == what and (call is None or e.data["call"]["id"] == call)


def rename(d, call, title):
    expect(d.request("PATCH", "/v1/calls/" + call, {"title": title}), 200)


def new_call(d, peer="@sandbox_group"):
    return expect(d.create(peer, account="sandbox", if_exists="replace"), 201).json["call"]["id"]


def titles(events):
    return [e.data["call"]["title"] for e in events if is_call("changed")(e) and "title" in e.data["changed"]]


def has_title(title):
    return lambda e: bool(titles([e])) and e.data["call"]["title"] == title


def check_order(events, after):
    """One after another; what is missing is a gap, which says so."""
    for e in events:
        if e.kind == "gap":
            equal(e.data["after"], after)
            equal(e.data["resumes_after"], e.id)
        check(e.id > after, "%r after %d" % (e, after))
        after = e.id


def test_what_is_done_to_a_call_is_told(d):
    r = Reader(d)
    call = new_call(d)
    rename(d, call, "Told")
    expect(d.request("DELETE", "/v1/calls/" + call), 200)
    made = r.until(is_call("made", call))[-1].data
    equal((made["account"], made["call"]["state"], made["call"]["peer"]["_"]), ("sandbox", "active", "peerChannel"))
    changed = r.until(has_title("Told"))[-1].data
    equal(changed["changed"]["title"]["new"], "Told")
    ended = r.until(is_call("ended", call))[-1].data
    equal(ended["changed"]["state"], {"old": "active", "new": "discarded"})
    r.close()


def test_updates_are_told_as_they_came(d):
    r = Reader(d, "?types=updateGroupCall")
    call = new_call(d)
    e = r.until(lambda e: e.data["update"]["call"]["id"] == call)[-1]
    equal((e.kind, e.data["update"]["_"], e.data["account"]), ("updateGroupCall", "updateGroupCall", "sandbox"))
    # Of who came along, those whom it names.
    equal([chat["id"] for chat in e.data["chats"]], [e.data["update"]["peer"]["channel_id"]])
    check("users" not in e.data, e)
    r.close()


def test_an_account_is_told_of(d):
    r = Reader(d, "?types=account")
    d.login("walker", "+15550003")
    events = r.until(lambda e: e.data.get("state") == "ready")
    equal((events[0].data["what"], events[-1].data["changed"]["state"]["new"]), ("made", "ready"))
    r.close()
    r = Reader(d, "?types=account")
    expect(d.request("DELETE", "/v1/accounts/walker"), 200)
    equal(r.until(lambda e: e.data["what"] == "forgotten")[-1].data["account"], "walker")
    r.close()


def test_who_is_cut_off_and_comes_back_gets_each_event_once(d):
    call, n = new_call(d), 40
    steady, after = Reader(d), None
    after = steady.last
    cut, threads = [], []

    def fickle():
        last, got = after, []
        while not (got and has_title("n%d" % (n - 1))(got[-1])):
            r = Reader(d, after=last)
            for _ in range(3):
                got.append(check(r.next()))
                last = r.last
                if has_title("n%d" % (n - 1))(got[-1]):
                    break
            r.close()
        cut.append(got)

    for _ in range(3):
        threads.append(threading.Thread(target=fickle))
        threads[-1].start()
    for i in range(n):
        rename(d, call, "n%d" % i)
    whole = steady.until(has_title("n%d" % (n - 1)))
    for t in threads:
        t.join(PATIENCE)
    equal(len(cut), 3)
    for got in cut:
        equal(got, whole)
    equal(titles(whole), ["n%d" % i for i in range(n)])
    check_order(whole, after)
    steady.close()


def test_nothing_is_lost_over_a_restart_and_a_kill():
    state = tempfile.mkdtemp()
    seen, last = [], 0
    for signum in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
        with Daemon(state=state) as d:
            r = Reader(d, after=last)
            call = new_call(d)
            for i in range(5):
                rename(d, call, "%d-%d" % (last, i))
            seen += r.until(has_title("%d-4" % last))
            last = r.last
            if signum == signal.SIGKILL:
                d.process.kill()
                d.process.wait()
                os.unlink(os.path.join(state, "listen"))
                d.process.returncode = 0
            else:
                d.end_cleanly()
                check_order([e for e in iter(r.next, None)], last)
            r.close()
    check_order(seen, 0)
    with Daemon(state=state) as d:
        # A new process reads from the disk what the ones before it told.
        again = {e.id: e for e in Reader(d, after=0).until(lambda e: e.id >= last)}
        for e in seen:
            check(e.kind == "gap" or again.get(e.id) == e, "%r became %r" % (e, again.get(e.id)))
        # After an end in order there is no gap.
        page = expect(d.get("/v1/events?wait=0&after=%d" % last), 200).json
        check(all(e["event"] != "gap" for e in page["events"]), page)


def test_who_does_not_read_is_told_what_he_missed(d):
    call = new_call(d)
    slow, quick = Reader(d, window=4096), Reader(d)
    begun, n = (slow.last, quick.last), 30

    def work(i):
        for k in range(n):
            rename(d, call, "slow %d %d" % (i, k))

    at_once(8, work)
    rename(d, call, "slow is over")
    told = quick.until(has_title("slow is over"))
    late = slow.until(has_title("slow is over"))
    check_order(late, begun[0])
    check_order(told, begun[1])
    if all(e.kind != "gap" for e in late + told):
        equal([e for e in late if e.id > begun[1]], told)
    slow.close()
    quick.close()


def test_a_bound_token_hears_of_its_accounts(d):
    d.login("other", "+15550003")
    t = expect(d.post("/v1/tokens", {"name": "bound", "scopes": ["read"], "accounts": ["other"]}), 201).json["token"]
    bound, named = Reader(d, token=t), Reader(d, "?account=other")
    call = new_call(d)
    rename(d, call, "Not for other")
    expect(d.request("DELETE", "/v1/accounts/other"), 200)
    for r in (bound, named):
        events = r.until(lambda e: e.kind == "account" and e.data["what"] == "forgotten")
        equal({e.data.get("account") for e in events}, {"other"})
        r.close()


def test_a_token_that_is_revoked_ends_its_stream(d):
    t = expect(d.post("/v1/tokens", {"name": "short", "scopes": ["read"]}), 201).json["token"]
    r = Reader(d, "?types=job", token=t)
    expect(d.request("DELETE", "/v1/tokens/short"), 204)
    equal(r.next(), None)
    r.close()


def test_the_same_by_long_poll(d):
    call = new_call(d)
    after = expect(d.get("/v1/events?wait=0"), 200).json["next"]
    r = Reader(d, "?types=call", after=after)
    got, n = [], 10

    def poll():
        at = after
        while not (got and has_title("p%d" % (n - 1))(got[-1])):
            page = expect(d.get("/v1/events?types=call&wait=60&after=%d" % at), 200).json
            got.extend(Event(e["id"], e["event"], e["data"]) for e in page["events"])
            at = page["next"]

    t = threading.Thread(target=poll)
    t.start()
    for i in range(n):
        rename(d, call, "p%d" % i)
    whole = r.until(has_title("p%d" % (n - 1)))
    t.join(PATIENCE)
    equal(got, whole)
    r.close()


def test_the_unix_socket_follows_too(d):
    c = socket.socket(socket.AF_UNIX)
    c.settimeout(PATIENCE)
    c.connect(d.unix)
    c.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    got = b""
    call = new_call(d)
    while call.encode() not in got:
        got += check(c.recv(65536))
    c.close()


def test_a_stop_ends_a_hundred_streams_in_order():
    with Remote("[server]", "workers = 2") as remote:
        d = remote.daemon
        readers = [Reader(d, "?types=job") for _ in range(100)]
        poll = http.client.HTTPConnection(d.host, int(d.port), timeout=PATIENCE)
        poll.request("GET", "/healthz")
        poll.getresponse().read()
        poll.request("GET", "/v1/events?types=job&wait=60", None, {"Authorization": "Bearer " + d.token})
        d.end_cleanly()
        for r in readers:
            equal(r.next(), None)
        answer = poll.getresponse()
        body = json.loads(answer.read())
        # It came before the stop, or in it.
        check((answer.status, body.get("events")) == (200, []) or answer.status == 503, body)


def test_what_is_wrong_is_said(d):
    for query in ("types=calls", "after=x", "wait=61", "account=No", "since=1"):
        expect(d.get("/v1/events?" + query), 422, "invalid-request")
    wrong = expect(d.get("/v1/events?types=call,account,bogus,job,live"), 422).json["errors"]
    check(len(wrong) == 1 and wrong[0]["pointer"] == "/types" and '"bogus"' in wrong[0]["detail"], wrong)
    check(len(expect(d.get("/v1/events?types=" + "%C3%BC" * 300), 422).json["detail"]) < 400, "it is as long as the question")
    expect(d.get("/v1/events?account=nobody"), 404, "not-found")
    expect(d.get("/v1/events", token=False), 401, "unauthorized")
    equal(expect(d.get("/asyncapi.json", token=False), 200).json, json.loads(text_of("asyncapi.json")))


if __name__ == "__main__":
    run(globals())
