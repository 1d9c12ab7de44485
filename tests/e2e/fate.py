"""Sent, and not answered in time: it may have happened. What is told afterwards, and what the next request does, is true all
the same: the client that repeats its request makes no second call and ends none."""
import contextlib
import re
import time

from remote import Remote
from lib import check, equal, expect, run, sanitized, wait_for

PEER = "@sandbox_group"
PATIENCE_S = 4 if sanitized() else 2
LATE_MS = 2500 * PATIENCE_S


@contextlib.contextmanager
def impatient(patience_s=PATIENCE_S):
    """A daemon that does not wait long for an answer, and the sandbox that it talks to."""
    with Remote("[server]", "request_timeout = %ds" % patience_s) as r:
        r.daemon.login("alice", "+15550001")
        yield r.daemon


def alive(d):
    """The calls that run, as the data centre has them."""
    return [c["id"] for c in d.sandbox_calls() if c["state"] != "discarded"]


def told(d, state=None):
    """The same as the daemon tells it."""
    return [c["id"] for c in expect(d.get("/v1/calls?limit=500"), 200).json["calls"] if c["state"] == (state or "active")]


def unanswered(d, method, silence, request):
    """A request that ends in 504 because of METHOD's answer."""
    d.fault(type=silence, method=method, **({"ms": LATE_MS} if silence == "delay" else {}))
    a = expect(request(), 504, "telegram-timeout")
    equal(a.json["sent"], True)
    check(a.json["remedy"])


def delete(d, call):
    return d.request("DELETE", "/v1/calls/" + call)


def test_a_create_whose_answer_is_late_is_repeated_without_a_second_call():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            unanswered(d, "phone.createGroupCall", silence, lambda: d.create(PEER, title="once"))
            first, = alive(d)
            a = expect(d.create(PEER, title="once"), 200, existing=True)
            equal(a.json["call"]["id"], first)
            equal((alive(d), told(d)), ([first], [first]))
            equal(expect(d.create(PEER, title="once", if_exists="fail"), 409, "call-exists").json["call"]["id"], first)
            equal((alive(d), told(d)), ([first], [first]))


def test_a_create_that_never_ran_is_made_by_its_repeat_once():
    with impatient() as d:
        d.fault(type="drop_before", method="phone.createGroupCall", count=0)
        a = expect(d.create(PEER, title="once"), 504, "telegram-timeout")
        # It goes out again and again; the server's word that the last one never came may be there in time, or not.
        equal("It may have happened" in a.json.get("remedy", ""), a.json["sent"])
        equal(d.sandbox_calls("once"), [])
        d.clear()
        a = d.create(PEER, title="once")
        check(a.status in (200, 201), a)
        equal(alive(d), [a.json["call"]["id"]])
        equal(told(d), alive(d))
        equal(len(d.sandbox_calls("once")), 1)


def test_what_was_not_sent_is_known_not_to_have_happened():
    with Remote("[server]", "request_timeout = %ds" % PATIENCE_S) as r:
        r.daemon.login("alice", "+15550001")
        expect(r.daemon.create(PEER), 201)
        r.kill_sandbox()
        a = r.daemon.create("@sandbox_channel", if_exists="replace")
        # The connection's end may not have been seen yet when the first is sent.
        if a.json["sent"]:
            a = r.daemon.create("@sandbox_channel", if_exists="replace")
        expect(a, 504, "telegram-timeout", sent=False)


def test_a_logout_that_reaches_nobody_says_so():
    for last in (lambda d: d.post("/v1/accounts/alice/logout"), lambda d: d.request("DELETE", "/v1/accounts/alice")):
        with Remote("[server]", "request_timeout = %ds" % PATIENCE_S) as r:
            r.daemon.login("alice", "+15550001")
            r.kill_sandbox()
            a = expect(last(r.daemon), 200, state="logged_out", logout_confirmed=False)
            check("auth.logOut" in a.json["reason"] and "Devices" in a.json["remedy"], a)
    with impatient() as d:
        d.fault(type="no_answer", method="auth.logOut")
        expect(d.post("/v1/accounts/alice/logout"), 200, state="logged_out", logout_confirmed=False)
        equal(d.get("/v1/accounts/alice").json["logout_confirmed"], False)


def test_a_method_that_was_not_answered_says_whether_it_may_have_happened():
    with impatient() as d:
        unanswered(d, "phone.createGroupCall", "no_answer", lambda: d.method("phone.createGroupCall", peer=PEER, random_id=77))
        d.fault(type="no_answer", method="phone.createGroupCall")
        a = expect(d.method("phone.createGroupCall", peer=PEER), 504, "telegram-timeout", sent=True)
        # What the daemon drew is told: with it the repeat is the same request.
        drawn = int(a.json["remedy"].split('"random_id": ')[1].split()[0])
        again = expect(d.method("phone.createGroupCall", peer=PEER, random_id=drawn), 200).json
        equal([u["call"]["id"] for u in again["updates"] if u["_"] == "updateGroupCall" and u["call"]["_"] == "groupCall"],
              alive(d))
        # A read changes nothing, whatever became of it.
        d.fault(type="no_answer", method="help.getNearestDc")
        a = expect(d.method("help.getNearestDc"), 504, "telegram-timeout")
        check("sent" not in a.json, a)


def test_a_step_of_a_login_that_was_not_answered_says_whether_it_may_have_happened():
    # A key's exchange and what is derived from a password are to be done in time.
    with impatient(3 * PATIENCE_S) as d:
        expect(d.post("/v1/accounts", {"name": "bob"}), 201)
        unanswered(d, "auth.sendCode", "no_answer", lambda: d.post("/v1/accounts/bob/login", {"phone": "+15550002"}))
        expect(d.post("/v1/accounts/bob/login", {"phone": "+15550002"}), 200, state="wait_code")
        unanswered(d, "auth.signIn", "no_answer", lambda: d.post("/v1/accounts/bob/login/code", {"code": "12345"}))
        expect(d.post("/v1/accounts/bob/login/code", {"code": "12345"}), 200, state="wait_password")
        # Of two requests the first only reads.
        d.fault(type="no_answer", method="account.getPassword")
        password = {"password": "correct horse"}
        expect(d.post("/v1/accounts/bob/login/password", password), 504, "telegram-timeout", sent=False)
        unanswered(d, "auth.checkPassword", "no_answer", lambda: d.post("/v1/accounts/bob/login/password", password))
        expect(d.post("/v1/accounts/bob/login/password", password), 200, state="ready")


def test_what_a_method_and_a_login_did_not_send_did_not_happen():
    with Remote("[server]", "request_timeout = %ds" % PATIENCE_S) as r:
        d = r.daemon
        d.login("alice", "+15550001")
        expect(d.post("/v1/accounts", {"name": "bob"}), 201)
        r.kill_sandbox()
        ask = lambda: d.method("phone.createGroupCall", peer=dict(_="inputPeerChat", chat_id="5001"), random_id=1)
        a = ask()
        # The connection's end may not have been seen yet when the first is sent.
        if a.json["sent"]:
            a = ask()
        expect(a, 504, "telegram-timeout", sent=False)
        expect(d.post("/v1/accounts/bob/login", {"phone": "+15550002"}), 504, "telegram-timeout", sent=False)


def test_a_late_answer_to_a_discard_is_believed():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            call = expect(d.create(PEER), 201).json["call"]["id"]
            unanswered(d, "phone.discardGroupCall", silence, lambda: delete(d, call))
            equal((alive(d), told(d)), ([], []))
            equal(expect(d.get("/v1/calls/" + call), 200).json["call"]["state"], "discarded")
            # Nor is the dead call what the chat has.
            second = expect(d.create(PEER), 201).json["call"]["id"]
            equal((alive(d), told(d)), ([second], [second]))


def test_a_late_answer_to_a_replace_is_believed():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            expect(d.create(PEER, title="first"), 201)
            unanswered(d, "phone.createGroupCall", silence, lambda: d.create(PEER, title="second", if_exists="replace"))
            second, = alive(d)
            a = expect(d.create(PEER), 200, existing=True)
            equal((a.json["call"]["id"], a.json["call"]["title"]), (second, "second"))
            equal((alive(d), told(d)), ([second], [second]))


def test_a_replace_that_is_repeated_leaves_one_call():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            expect(d.create(PEER, title="first"), 201)
            unanswered(d, "phone.createGroupCall", silence, lambda: d.create(PEER, if_exists="replace"))
            last = expect(d.create(PEER, title="last", if_exists="replace"), 201).json["call"]["id"]
            equal((alive(d), told(d)), ([last], [last]))


def test_a_late_answer_to_a_start_is_believed():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            call = expect(d.create(PEER, schedule_date=int(time.time()) + 600), 201).json["call"]["id"]
            unanswered(d, "phone.startScheduledGroupCall", silence, lambda: d.post("/v1/calls/%s/start" % call))
            equal((alive(d), told(d), told(d, "scheduled")), ([call], [call], []))
            equal(expect(d.post("/v1/calls/%s/start" % call), 200).json["call"]["state"], "active")


def test_a_late_answer_to_a_title_is_believed():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            call = expect(d.create(PEER, title="old"), 201).json["call"]["id"]
            unanswered(d, "phone.editGroupCallTitle", silence,
                       lambda: d.request("PATCH", "/v1/calls/" + call, {"title": "new"}))
            equal(expect(d.get("/v1/calls"), 200).json["calls"][0]["title"], "new")
            equal(expect(d.request("PATCH", "/v1/calls/" + call, {"title": "new"}), 200).json["call"]["title"], "new")


def test_the_late_answer_itself_is_learnt():
    with impatient() as d:
        unanswered(d, "phone.createGroupCall", "delay", lambda: d.create(PEER))
        count = d.counting()
        call, = alive(d)
        wait_for("the late answer", lambda: told(d) == [call])
        equal(count("phone.createGroupCall"), 0)


def test_a_repeated_discard_keeps_the_duration(d):
    call = expect(d.create(PEER, if_exists="replace"), 201).json["call"]["id"]
    want = expect(delete(d, call), 200).json["call"]["duration"]
    for a in (delete(d, call), d.get("/v1/calls/" + call), delete(d, call)):
        equal(expect(a, 200).json["call"]["duration"], want)
    listed, = [c for c in d.get("/v1/calls?limit=500").json["calls"] if c["id"] == call]
    equal(listed["duration"], want)
    equal(d.get("/v1/calls/" + call).json["group_call"]["duration"], want)


def test_an_existing_call_says_in_what_it_differs(d):
    call = expect(d.create(PEER, title="as it is", if_exists="replace"), 201).json["call"]["id"]
    for members, differs in (({}, []), ({"title": "as it is", "rtmp_stream": False}, []), ({"title": "other"}, ["title"]),
                             ({"title": "other", "schedule_date": int(time.time()) + 600, "rtmp_stream": True},
                              ["title", "schedule_date", "rtmp_stream"])):
        a = expect(d.create(PEER, **members), 200, existing=True)
        equal((a.json["call"]["id"], a.json["differs"]), (call, differs))
    date = int(time.time()) + 600
    expect(d.create(PEER, schedule_date=date, if_exists="replace"), 201)
    equal(expect(d.create(PEER, schedule_date=date), 200).json["differs"], [])
    equal(expect(d.create(PEER, schedule_date=date + 60), 200).json["differs"], ["schedule_date"])
    # What was not asked for is no difference.
    equal(expect(d.create(PEER), 200).json["differs"], [])


def test_a_message_that_may_have_been_said_is_said_once_by_its_random_id():
    with impatient() as d:
        call = expect(d.create(PEER), 201).json["call"]["id"]
        path = "/v1/calls/%s/" % call
        expect(d.post(path + "join", {"params": {"ssrc": 1}}), 200)

        def say(**more):
            return d.post(path + "messages", {"text": "once", **more})

        d.fault(type="no_answer", method="phone.sendGroupCallMessage")
        a = expect(say(), 504, "telegram-timeout", sent=True)
        named = re.search(r'"random_id": "(-?\d+)"', a.json["remedy"])
        check(named, a)
        ids = [expect(say(random_id=random_id), 200).json["updates"]["updates"][0]["message"]["id"]
               for random_id in (named[1], int(named[1]), "77")]
        equal((ids[0], ids[1] != ids[2]), (ids[1], True))
        equal(ids[2] - ids[0], 1)


if __name__ == "__main__":
    run(globals())
