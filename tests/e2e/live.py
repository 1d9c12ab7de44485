"""Chats that are kept live: a call is made, found, made anew when it was ended, so often an hour and no more; by whom it was ended;
what becomes of a wish over a kill, a lost right, a removed account. What is waited for is an event of the daemon's own."""
import contextlib
import json
import re

from lib import PATIENCE, check, equal, expect, run, wait_for
from remote import Remote
from restart import kill, start, stop

GROUP, CHANNEL, BASIC = "@sandbox_group", "@sandbox_channel", "-5001"


def wish(d, peer, account="sandbox", **members):
    return d.request("PUT", "/v1/peers/%s/live?account=%s" % (peer, account), members)


def look(d, peer, account="sandbox"):
    return expect(d.get("/v1/peers/%s/live?account=%s" % (peer, account)), 200).json


def end(d, peer, account="sandbox"):
    return d.request("DELETE", "/v1/peers/%s/live?account=%s" % (peer, account))


def newest(d):
    return expect(d.get("/v1/events?wait=0"), 200).json["next"]


class Told:
    """What is told of a chat that is kept live, from the moment on when somebody wished so."""

    def __init__(self, d, types="live"):
        self.d, self.next, self.types, self.waiting, self.chat = d, newest(d), types, [], None

    def event(self):
        while not self.waiting:
            a = expect(self.d.get("/v1/events?wait=60&types=%s&after=%d" % (self.types, self.next), timeout=PATIENCE + 60), 200).json
            self.next = a["next"]
            self.waiting = [e["data"] for e in a["events"]]
        return self.waiting.pop(0)

    def until(self, what):
        """The first one of which that is so."""
        while True:
            event = self.event()
            if "live" not in event or self.chat in (None, event["live"]["wish"]["peer"]):
                if what(event):
                    return event

    def begun(self, chat):
        self.chat = chat
        self.until(lambda e: e.get("what") == "made")
        return self

    def state(self, state):
        return self.until(lambda e: e["live"]["state"] == state)["live"]

    def recreated(self):
        return self.until(lambda e: e.get("what") == "recreated")["live"]


def begin(d, peer, account="sandbox", types="live", **members):
    told = Told(d, types)
    return told.begun(expect(wish(d, peer, account, **members), 201).json["wish"]["peer"])


def discard(d, call, account="sandbox"):
    return expect(d.request("DELETE", "/v1/calls/%s?account=%s" % (call, account)), 200)


def running(d, peer, account="sandbox", **members):
    """A wish that is fulfilled, and how that is told."""
    told = begin(d, peer, account, **members)
    return told, told.state("running")


def test_a_wish_makes_the_call_and_tells_what_it_is(d):
    told = Told(d)
    a = expect(wish(d, GROUP, title="Always on"), 201).json
    equal(a["wish"], {"account": "sandbox", "peer": {"_": "peerChannel", "channel_id": "6002"}, "title": "Always on",
                      "rtmp_stream": False, "max_per_hour": 6, "rotate_key": False, "since": a["wish"]["since"]})
    told.begun(a["wish"]["peer"])
    equal(told.until(lambda e: e["live"]["state"] == "running")["previous"], "recreating")
    now = look(d, GROUP)
    equal((now["state"], now["call"]["title"], now["call"]["state"]), ("running", "Always on", "active"))
    equal(now["recreations"], {"last_hour": 0, "total": 0})
    equal([w["wish"]["peer"] for w in expect(d.get("/v1/live"), 200).json["live"]], [now["wish"]["peer"]])
    equal(expect(d.get("/v1/live?account=sandbox"), 200).json["live"], [now])
    equal(expect(wish(d, "-1000000006002", max_per_hour=60), 200).json["wish"]["max_per_hour"], 60)
    equal(expect(end(d, GROUP), 204).raw, b"")
    equal(told.until(lambda e: e["what"] == "ended")["live"]["state"], "running")
    expect(d.get("/v1/peers/%s/live" % GROUP), 404, "not-found")
    expect(end(d, GROUP), 404, "not-found")
    equal(expect(d.get("/v1/calls/%s" % now["call"]["id"]), 200).json["call"]["state"], "active")
    discard(d, now["call"]["id"])


def test_a_call_that_is_there_fulfils_the_wish(d):
    call = expect(d.create(GROUP, account="sandbox", if_exists="replace"), 201).json["call"]["id"]
    _, now = running(d, GROUP, title="Another")
    equal((now["call"]["id"], now["recreations"]["total"]), (call, 0))
    expect(end(d, GROUP), 204)


def test_who_ended_it_is_told_apart(d):
    told, now = running(d, BASIC, max_per_hour=60)
    discard(d, now["call"]["id"])
    event = told.recreated()
    check(event["call"]["id"] != now["call"]["id"], event)
    equal((event["last_end"]["how"], "by" in event["last_end"]), ("api", False))
    equal(event["recreations"], {"last_hour": 1, "total": 1})
    # The same person on another device: an admin of the chat as any other.
    d.login("other", "+15550001")
    expect(d.create(BASIC, account="other"), 200)
    discard(d, event["call"]["id"], "other")
    event = told.recreated()
    equal((event["last_end"]["how"], event["last_end"]["by"]), ("admin", {"_": "peerUser", "user_id": "1001"}))
    made = expect(d.create(BASIC, account="other", if_exists="replace"), 201).json["call"]["id"]
    wait_for("the one in its place", lambda: look(d, BASIC)["call"]["id"] == made)
    now = look(d, BASIC)
    equal((now["state"], now["last_end"]["how"], now["recreations"]["total"]), ("running", "replaced", 2))
    expect(end(d, BASIC), 204)
    expect(d.request("DELETE", "/v1/accounts/other"), 200)


def test_an_hour_has_as_many_as_are_wished_for(d):
    told, now = running(d, CHANNEL, max_per_hour=2)
    for n in (1, 2):
        discard(d, now["call"]["id"])
        now = told.recreated()
        equal(now["recreations"]["last_hour"], n)
    counted = d.counting()
    discard(d, now["call"]["id"])
    paused = told.state("paused")
    check("2 calls" in paused["reason"] and 0 < paused["retry_at"] - paused["last_end"]["at"] <= 3600, paused)
    check("call" not in paused, paused)
    equal(look(d, CHANNEL)["state"], "paused")
    equal(counted("phone.createGroupCall"), 0)
    expect(wish(d, CHANNEL, max_per_hour=3), 200)
    equal(told.recreated()["recreations"], {"last_hour": 3, "total": 3})
    expect(end(d, CHANNEL), 204)


def test_a_hundred_ends_make_no_storm(d):
    told, now = running(d, GROUP, max_per_hour=60)
    for _ in range(60):
        discard(d, now["call"]["id"])
        now = told.recreated()
    discard(d, now["call"]["id"])
    told.state("paused")
    made = d.counts()["phone.createGroupCall"]
    for _ in range(40):
        # Others' calls fulfil the wish, and their ends are no reason to make more.
        other = expect(d.create(GROUP, account="sandbox"), 201).json["call"]["id"]
        told.state("running")
        discard(d, other)
        told.state("paused")
    equal(d.counts()["phone.createGroupCall"], made + 40)
    equal(look(d, GROUP)["recreations"], {"last_hour": 60, "total": 60})
    expect(end(d, GROUP), 204)


def test_what_telegram_refuses_is_not_tried_again_by_itself(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=400, message="CHAT_ADMIN_REQUIRED")
    told = begin(d, GROUP)
    paused = told.state("paused")
    check("CHAT_ADMIN_REQUIRED" in paused["reason"] and paused["remedy"] and paused["retry_at"], paused)
    counted = d.counting()
    equal(look(d, GROUP)["state"], "paused")
    equal(counted("phone.createGroupCall"), 0)
    expect(wish(d, GROUP), 200)
    told.state("running")
    d.fault(type="rpc_error", method="phone.createGroupCall", code=406, message="CHANNEL_PRIVATE")
    discard(d, look(d, GROUP)["call"]["id"])
    paused = told.state("paused")
    check("CHANNEL_PRIVATE" in paused["reason"], paused)
    equal(paused["recreations"], {"last_hour": 0, "total": 0})
    expect(wish(d, GROUP), 200)
    told.recreated()
    expect(end(d, GROUP), 204)


def test_a_right_that_is_lacking_is_said_and_nothing_is_made(d):
    for peer, right in (("@sandbox_noright", "Alice in Sandbox noright"), ("@sandbox_readonly", "Manage video chats")):
        counted = d.counting()
        told = begin(d, peer)
        paused = told.state("paused")
        check("CHAT_ADMIN_REQUIRED" in paused["reason"], paused)
        equal(counted("phone.createGroupCall"), 1)
        # Asked again it reads, and says what is missing.
        expect(wish(d, peer), 200)
        wait_for("the look", lambda: right in look(d, peer).get("remedy", ""))
        equal(counted("phone.createGroupCall"), 1)
        expect(end(d, peer), 204)


def may(d, manage_call):
    d.sandbox("POST", "/rights", {"user": 1001, "chat": 6004, "manage_call": manage_call})


def test_a_right_that_was_lost_ends_the_trying_until_it_is_back(d):
    chat = "@sandbox_noright"
    may(d, True)
    told, now = running(d, chat)
    may(d, False)
    counted = d.counting()
    d.sandbox("POST", "/calls/%s/end" % now["call"]["id"], {})
    paused = told.state("paused")
    check("CHAT_ADMIN_REQUIRED" in paused["reason"] and paused["retry_at"], paused)
    equal((paused["last_end"]["how"], "by" in paused["last_end"]), ("ended", False))
    equal(counted("phone.createGroupCall"), 1)
    may(d, True)
    equal(told.recreated()["recreations"], {"last_hour": 1, "total": 1})
    equal(counted("phone.createGroupCall"), 2)
    expect(end(d, chat), 204)
    may(d, False)


def test_a_scheduled_call_is_left_alone(d):
    call = expect(d.create(GROUP, account="sandbox", if_exists="replace", schedule_date=d.sandbox("GET", "/state")["now"] + 3600),
                  201).json["call"]["id"]
    told = begin(d, GROUP)
    check("scheduled" in told.state("paused")["reason"])
    expect(d.post("/v1/calls/%s/start?account=sandbox" % call), 200)
    equal(told.state("running")["call"]["id"], call)
    expect(end(d, GROUP), 204)
    discard(d, call)


def test_the_key_of_a_stream_is_another_one_before_each_new_call(d):
    keys = begin(d, CHANNEL, types="stream_key,live", rtmp_stream=True, rotate_key=True)
    now = keys.state("running")
    discard(d, now["call"]["id"])
    first = keys.until(lambda e: "rotated_by" in e or e["what"] == "recreated")
    equal((first["rotated_by"], first["peer"]), ("live", {"_": "peerChannel", "channel_id": "6001"}))
    event = keys.until(lambda e: e.get("what") == "recreated")
    equal(event["live"]["call"]["rtmp_stream"], True)
    expect(wish(d, CHANNEL, rotate_key=True), 422, "invalid-request")
    expect(end(d, CHANNEL), 204)


def test_tokens_and_chats_are_judged(d):
    made = expect(d.post("/v1/tokens", {"name": "bound", "scopes": ["read", "calls"], "accounts": ["nobody"]}), 201).json["token"]
    expect(wish(d, GROUP), 201)
    for verb in ("GET", "PUT", "DELETE"):
        expect(d.request(verb, "/v1/peers/%s/live?account=sandbox" % GROUP, {} if verb == "PUT" else None, token=made), 404, "not-found")
    equal(expect(d.request("GET", "/v1/live", token=made), 200).json, {"live": []})
    reader = expect(d.post("/v1/tokens", {"name": "reader", "scopes": ["read"]}), 201).json["token"]
    expect(d.request("GET", "/v1/peers/%s/live" % GROUP, token=reader), 200)
    for verb in ("PUT", "DELETE"):
        expect(d.request(verb, "/v1/peers/%s/live" % GROUP, {} if verb == "PUT" else None, token=reader), 403, "forbidden")
    caller = expect(d.post("/v1/tokens", {"name": "caller", "scopes": ["read", "calls"]}), 201).json["token"]
    for members, problem in (({"rtmp_stream": True}, None), ({"rtmp_stream": True, "rotate_key": False}, None),
                             ({"rtmp_stream": True, "rotate_key": True}, "forbidden")):
        expect(d.request("PUT", "/v1/peers/%s/live" % GROUP, members, token=caller), 403 if problem else 200, problem)
    equal(look(d, GROUP)["wish"]["rotate_key"], False)
    expect(wish(d, "@bobby"), 422, "invalid-request")
    expect(wish(d, "@nobody_has_this_name"), 422, "peer-unknown")
    expect(wish(d, "no%20name"), 422, "invalid-request")
    for bad in ({"max_per_hour": 0}, {"max_per_hour": 61}, {"title": "x" * 65}, {"forever": True}):
        expect(wish(d, GROUP, **bad), 422, "invalid-request")
    expect(end(d, GROUP), 204)


@contextlib.contextmanager
def alice():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        yield r


def alive(r, chat="6002"):
    return [c for c in r.daemon.sandbox_calls() if str(c.get("chat")) == chat and c["state"] == "active"]


def test_two_wishes_go_on_over_a_kill_and_go_with_their_account():
    with alice() as r:
        running(r.daemon, GROUP, "alice", title="A")
        _, now = running(r.daemon, CHANNEL, "alice", max_per_hour=3)
        before = expect(r.daemon.get("/v1/live"), 200).json["live"]
        equal(sorted(w["wish"]["peer"]["channel_id"] for w in before), ["6001", "6002"])
        state = kill(r)
        start(r, state)
        wait_for("both", lambda: [w["state"] for w in expect(r.daemon.get("/v1/live"), 200).json["live"]] == ["running"] * 2)
        told = Told(r.daemon)
        told.chat = now["wish"]["peer"]
        discard(r.daemon, now["call"]["id"], "alice")
        equal(told.recreated()["recreations"], {"last_hour": 1, "total": 1})
        equal({w["wish"]["title"] for w in expect(r.daemon.get("/v1/live"), 200).json["live"] if "title" in w["wish"]}, {"A"})
        expect(r.daemon.request("DELETE", "/v1/accounts/alice"), 200)
        r.daemon.login("alice", "+15550001")
        equal(expect(r.daemon.get("/v1/live"), 200).json, {"live": []})


def test_a_kill_while_a_call_is_made_makes_no_second_one():
    """Killed while Telegram's answer is still to come: it was carried out, and nobody here knows."""
    with alice() as r:
        _, now = running(r.daemon, GROUP, "alice")
        calls = len(r.daemon.sandbox_calls())
        for n in range(1, 4):
            r.daemon.fault(type="no_answer", method="phone.createGroupCall")
            discard(r.daemon, now["call"]["id"], "alice")
            wait_for("the create", lambda: len(r.daemon.sandbox_calls()) == calls + n)
            state = kill(r)
            start(r, state)
            wait_for("the call", lambda: look(r.daemon, GROUP, "alice")["state"] == "running")
            now = look(r.daemon, GROUP, "alice")
            equal(now["recreations"], {"last_hour": n, "total": n})
            equal(len(r.daemon.sandbox_calls()), calls + n)


def test_a_wait_that_is_waited_out_is_told():
    with alice() as r:
        r.daemon.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_9", count=1)
        expect(wish(r.daemon, GROUP, "alice"), 201)
        wait_for("the wait", lambda: "retry_at" in look(r.daemon, GROUP, "alice"))
        now, until = look(r.daemon, GROUP, "alice"), expect(r.daemon.get("/v1/accounts/alice"), 200).json["flood_waits"][0]["until"]
        equal((now["state"], now["remedy"]), ("recreating", "It goes on by itself at retry_at"))
        check(re.fullmatch("Telegram asks to wait [1-9] s", now["reason"]), now)
        # Telegram's clock, and this one.
        check(abs(now["retry_at"] - until) <= 2, "%s %s" % (now, until))
        expect(end(r.daemon, GROUP, "alice"), 204)


def test_what_was_not_sent_when_the_wish_was_ended_is_never_sent():
    """Telegram has the create wait, and who asks behind it makes the call."""
    with alice() as r:
        r.daemon.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_2", count=1)
        equal(expect(wish(r.daemon, GROUP, "alice", title="W"), 201).json["state"], "recreating")
        wait_for("the wait", lambda: expect(r.daemon.get("/v1/accounts/alice"), 200).json.get("flood_waits"))
        expect(end(r.daemon, GROUP, "alice"), 204)
        expect(r.daemon.create(GROUP, account="alice", title="C", if_exists="return"), 201)
        equal([c["title"] for c in r.daemon.sandbox_calls()], ["C"])
        equal(expect(r.daemon.get("/v1/jobs"), 200).json["jobs"], [])


def test_a_kill_after_its_end_is_known_takes_the_record_of_it_for_no_call():
    """The create is lost with its connection before Telegram has it, and the record says that the old call runs."""
    with alice() as r:
        _, now = running(r.daemon, GROUP, "alice", max_per_hour=1)
        # Who ends in peace has its record on the disk.
        start(r, stop(r))
        told = Told(r.daemon)
        r.daemon.fault(type="drop_before", method="phone.createGroupCall", count=0)
        discard(r.daemon, now["call"]["id"], "alice")
        told.until(lambda e: e.get("live", {}).get("state") == "recreating")
        state = kill(r)
        r.daemon.clear()
        start(r, state)
        told.d = r.daemon
        live = told.recreated()
        equal([c["state"] for c in r.daemon.sandbox_calls()], ["discarded", "active"])
        equal((live["state"], live["recreations"]), ("running", {"last_hour": 1, "total": 1}))


if __name__ == "__main__":
    run(globals())
