"""Scheduled calls that start by themselves: at their date, by a process that came after the one that promised it, too; and what
becomes of those that could not. The data centre outlives the daemons."""
import contextlib

from lib import at_once, check, equal, expect, run, sanitized, wait_for
from remote import Remote
from restart import is_on, kill, start
from store import change

# The sandbox takes no date that is nearer than ten seconds.
AHEAD_S = 16 if sanitized() else 12
LAYERS = (138, 229)
HOUR_S = 3600


@contextlib.contextmanager
def alice(layer=229, *more):
    with Remote("layer = %d" % layer, *more, sandbox=("--chats", "6")) as r:
        r.daemon.login("alice", "+15550001")
        yield r


def in_each_layer(function):
    """At once: what these tests do is wait for dates."""
    return lambda: at_once(len(LAYERS), lambda n: function(LAYERS[n]))


def now(r):
    return r.daemon.sandbox("GET", "/state")["now"]


def schedule(r, chat, **members):
    for _ in range(5):
        a = r.daemon.create(chat, schedule_date=now(r) + AHEAD_S, **{"auto_start": True, **members})
        # On a busy machine it may come when the date is too near.
        if a.status != 400 or a.json["telegram"]["message"] != "SCHEDULE_DATE_INVALID":
            break
    return expect(a, 201).json["call"]


def truth(r, call):
    return next(c for c in r.daemon.sandbox_calls() if c["id"] == call["id"])


def told(r, call):
    return next(c for c in expect(r.daemon.get("/v1/calls?account=alice"), 200).json["calls"] if c["id"] == call["id"])


def starts(r):
    return r.daemon.counts().get("phone.startScheduledGroupCall", 0)


def wait_for_start(r, *calls):
    """It is not there before the date: a look that shows the call running is one after it."""
    for call in calls:
        def runs():
            state = truth(r, call)["state"]
            check(state == "scheduled" or now(r) >= call["schedule_date"], "started before its date")
            return state == "active"
        wait_for("the start of %s" % call["id"], runs)
        wait_for("the daemon's word of it", lambda: told(r, call)["state"] == "active")
        check("auto_start" not in told(r, call))


def wish_on_disk(state):
    return dict(change(state, "SELECT id, auto_start FROM calls"))


def skew(r, seconds):
    """The data centre's clock goes on from there: daemons that come later meet it."""
    r.daemon.sandbox("POST", "/opts", {"clock_skew_s": seconds})


@in_each_layer
def test_a_call_starts_at_its_date_and_those_that_nobody_wished_for_do_not(layer):
    with alice(layer) as r:
        call = schedule(r, "@sandbox_group", title="at eight")
        check(call["auto_start"] is True and call["state"] == "scheduled")
        other = schedule(r, "@sandbox_channel", auto_start=False)
        check("auto_start" not in other)
        second = schedule(r, "@sandbox_load_1")
        wait_for_start(r, call, second)
        equal(truth(r, other)["state"], "scheduled")
        equal(starts(r), 2)


@in_each_layer
def test_the_wish_is_on_the_disk_before_the_answer_leaves(layer):
    with alice(layer) as r:
        call = schedule(r, "@sandbox_group")
        state = kill(r)  # at once
        equal(wish_on_disk(state)[int(call["id"])], 1)
        start(r, state)
        check(told(r, call)["auto_start"] is True)
        wait_for_start(r, call)
        equal(starts(r), 1)


@in_each_layer
def test_a_date_that_went_by_while_no_daemon_ran_is_made_up_for(layer):
    with alice(layer) as r:
        call = schedule(r, "@sandbox_group")
        state = kill(r)
        r.daemon.control = r.ready["control"]
        skew(r, HOUR_S - 60)
        start(r, state)
        wait_for_start(r, call)
        equal(starts(r), 1)


def test_who_is_there_at_the_date_starts_it_whatever_late_max_is():
    with alice(229, "[scheduler]", "late_max = 0 s") as r:
        wait_for_start(r, schedule(r, "@sandbox_load_1"))


@in_each_layer
def test_what_is_later_than_late_max_is_missed_and_says_so(layer):
    with alice(layer, "[scheduler]", "late_max = 10m") as r:
        call = schedule(r, "@sandbox_group")
        state = kill(r)
        r.daemon.control = r.ready["control"]
        skew(r, HOUR_S)
        start(r, state)
        missed = wait_for("the word of it", lambda: told(r, call).get("auto_start_missed"))
        check(missed["reason"] and missed["at"] >= call["schedule_date"] + 600)
        equal((told(r, call)["auto_start"], told(r, call)["state"]), (False, "scheduled"))
        # It is kept, as the call is; and somebody may start it all the same.
        r.daemon.end_cleanly()
        r.daemon.forget()
        start(r, state)
        equal(told(r, call)["auto_start_missed"], missed)
        wait_for("the account", lambda: is_on(r.daemon, "alice"))
        equal(starts(r), 0)
        a = expect(r.daemon.post("/v1/calls/%s/start" % call["id"]), 200)
        check("auto_start_missed" not in a.json["call"])


def test_a_call_that_was_ended_or_whose_account_is_gone_is_not_started():
    with alice() as r:
        d = r.daemon
        ended, gone = schedule(r, "@sandbox_group"), schedule(r, "@sandbox_channel")
        expect(d.request("DELETE", "/v1/calls/" + ended["id"]), 200)
        check("auto_start" not in told(r, ended))
        expect(d.request("DELETE", "/v1/accounts/alice"), 200)
        d.login("bob", "+15550002", password="correct horse")
        wait_for("the date", lambda: now(r) > gone["schedule_date"] + 2)
        equal(starts(r), 0)
        equal((truth(r, ended)["state"], truth(r, gone)["state"]), ("discarded", "scheduled"))


@in_each_layer
def test_who_asks_for_a_start_of_what_is_there_has_it_at_the_same_date(layer):
    with alice(layer) as r:
        d = r.daemon
        call = schedule(r, "@sandbox_group", auto_start=False)
        date = call["schedule_date"]
        a = expect(d.create("@sandbox_group", schedule_date=date + 60, auto_start=True), 200, existing=True)
        equal(sorted(a.json["differs"]), ["auto_start", "schedule_date"])
        check("auto_start" not in a.json["call"])
        expect(d.create("@sandbox_group", schedule_date=date, auto_start=True, if_exists="fail"), 409, "call-exists")
        check("auto_start" not in told(r, call))
        a = expect(d.create("@sandbox_group", schedule_date=date, auto_start=True), 200, existing=True, differs=[])
        check(a.json["call"]["auto_start"] is True)
        equal(expect(d.create("@sandbox_group", auto_start=False), 200).json["differs"], ["auto_start"])
        wait_for_start(r, call)


@in_each_layer
def test_a_patch_wishes_and_takes_back(layer):
    with alice(layer) as r:
        d = r.daemon
        call, other = schedule(r, "@sandbox_group"), schedule(r, "@sandbox_channel", auto_start=False)
        a = expect(d.request("PATCH", "/v1/calls/" + call["id"], {"title": "not by itself", "auto_start": False}), 200)
        check("auto_start" not in a.json["call"])
        equal((a.json["call"]["title"], len(a.json["updates"])), ("not by itself", 1))
        a = expect(d.request("PATCH", "/v1/calls/" + other["id"], {"auto_start": True}), 200, updates=[])
        check(a.json["call"]["auto_start"] is True)
        wait_for_start(r, other)
        equal((truth(r, call)["state"], starts(r)), ("scheduled", 1))
        # What runs was started.
        check("auto_start" not in expect(d.request("PATCH", "/v1/calls/" + other["id"], {"auto_start": True}), 200)
              .json["call"])


@in_each_layer
def test_a_refused_start_is_told_in_telegrams_words(layer):
    with alice(layer) as r:
        call = schedule(r, "@sandbox_group")
        r.daemon.fault(type="rpc_error", method="phone.startScheduledGroupCall", code=400,
                       message="CHAT_ADMIN_REQUIRED")
        missed = wait_for("the refusal", lambda: told(r, call).get("auto_start_missed"))
        check("CHAT_ADMIN_REQUIRED" in missed["reason"], missed)
        # It is an event, too.
        event = wait_for("the event", lambda: [e["data"] for e in expect(
            r.daemon.get("/v1/events?wait=1&types=call&after=0"), 200).json["events"]
            if "auto_start_missed" in e["data"]["call"]])[0]
        equal(event["changed"]["auto_start"], {"old": True, "new": False})
        equal(event["call"]["auto_start_missed"], missed)
        equal(truth(r, call)["state"], "scheduled")


@in_each_layer
def test_passing_trouble_makes_it_late_and_not_double(layer):
    with alice(layer, "[server]", "request_timeout = %ds" % (8 if sanitized() else 3)) as r:
        call = schedule(r, "@sandbox_group")
        for fault in ({"type": "rpc_error", "code": 500, "message": "INTERNAL", "count": 2}, {"type": "drop_after"},
                      {"type": "rpc_error", "code": 420, "message": "FLOOD_WAIT_1"}):
            r.daemon.fault(method="phone.startScheduledGroupCall", **fault)
        wait_for_start(r, call)
        r.daemon.clear()
        equal(starts(r), 1)


@in_each_layer
def test_a_daemon_that_is_killed_in_the_midst_of_starting_leaves_none_behind(layer):
    with alice(layer) as r:
        calls = [schedule(r, "@sandbox_load_%d" % n) for n in range(1, 7)]
        # Three are to wait; the others are started, and the daemon does not hear of it.
        r.daemon.fault(type="rpc_error", method="phone.startScheduledGroupCall", code=420, message="FLOOD_WAIT_9", count=3)
        r.daemon.fault(type="no_answer", method="phone.startScheduledGroupCall", count=3)
        wait_for("a few starts", lambda: starts(r) >= 3)
        state = kill(r)
        r.daemon.control = r.ready["control"]
        equal(sum(truth(r, c)["state"] == "active" for c in calls), 3)
        r.daemon.clear()
        start(r, state)
        wait_for_start(r, *calls)
        check(not any("auto_start_missed" in told(r, c) for c in calls))


def test_without_a_date_there_is_nothing_to_start():
    with alice() as r:
        a = expect(r.daemon.create("@sandbox_group", auto_start=True), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], ["/auto_start"])
        equal(r.daemon.sandbox_calls(), [])


if __name__ == "__main__":
    run(globals())
