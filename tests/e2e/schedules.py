"""Schedules: calls that are there at their dates, by a process that came after the one that was asked, too; and what becomes of
dates that nobody could keep. The dates are near, and what is waited for is the word of them."""
import datetime
import os
import shutil
import tempfile
import time
import zoneinfo

from lib import PATIENCE, check, control, equal, expect, run, sanitized, wait_for
from metrics import numbers
from remote import Remote
from restart import is_on, kill, start
from store import look

# Between asking and the date; the sandbox takes none that is nearer than ten seconds for an announcement.
SOON_S = 6 if sanitized() else 3
AHEAD_S = 40 if sanitized() else 20
FAR_S = 5000


def now(d):
    return d.sandbox("GET", "/state")["now"]


def make(d, name, peer="@sandbox_group", status=201, **members):
    return expect(d.post("/v1/schedules", {"name": name, "peer": peer, **members}), status).json


def make_soon(d, name, peer="@sandbox_group", in_s=SOON_S, **members):
    """The same, at a date that is about to come. On a busy machine it may have gone by when it is asked for."""
    for _ in range(5):
        a = d.post("/v1/schedules", {"name": name, "peer": peer, "at": now(d) + in_s, **members})
        if a.status != 422:
            break
    return expect(a, 201).json


def come(d, name, left_s=0):
    """The clocks of Telegram go on to so long before the date of NAME. The account hears of it by what it asks, and who is changed
    is looked at."""
    skew, at = d.sandbox("POST", "/opts", {})["clock_skew_s"], read(d, name)["next_at"]
    d.sandbox("POST", "/opts", {"clock_skew_s": skew + at - left_s - now(d)})
    expect(d.get("/v1/peers/@sandbox_group/preflight"), 200)
    expect(d.request("PATCH", "/v1/schedules/" + name, {"late_max": 3000}), 200)


def read(d, name):
    return expect(d.get("/v1/schedules/" + name), 200).json


def words(d, name, until):
    """What is told of the schedule, in order, up to the word UNTIL."""
    after, told, end = 0, [], time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page = expect(d.get("/v1/events?types=schedule&wait=5&after=%d" % after), 200).json
        after = page["next"]
        for e in page["events"]:
            # After a kill there is a gap.
            if e["event"] == "schedule" and e["data"]["schedule"]["name"] == name:
                told.append(e["data"])
                if e["data"]["what"] == until:
                    return told
    raise AssertionError("never came: %s of %s; %r" % (until, name, told))


def whats(told):
    return [t["what"] for t in told]


def truth(d, title):
    return d.sandbox_calls(title)


def alice(*more):
    return Remote(*more, sandbox=("--chats", "8"))


def test_a_call_is_made_at_its_date_and_ended(d):
    made = make_soon(d, "short", title="at its date", end_after=1)
    at = made["at"]
    equal((made["state"], made["next_at"], made["upcoming"], made["account"]), ("waiting", at, [at], "sandbox"))
    equal(made["peer"]["_"], "peerChannel")
    told = words(d, "short", "ended")
    equal(whats(told), ["created", "started", "ended"])
    check(told[1]["at"] == at and told[1]["received_at"] >= at, told[1])
    calls = truth(d, "at its date")
    equal([c["state"] for c in calls], ["discarded"])
    s = read(d, "short")
    equal((s["state"], s["last"]["outcome"], s["last"]["at"], s["last"]["call"], s["upcoming"]), ("done", "started", at, calls[0]["id"], []))
    check(s["last"]["ended_at"] >= at + 1, s)
    expect(d.request("DELETE", "/v1/schedules/short"), 204)
    expect(d.get("/v1/schedules/short"), 404, "not-found")


def test_a_call_is_announced_and_started(d):
    at = now(d) + AHEAD_S
    make(d, "told", "@sandbox_channel", title="announced", at=at, announce=3600)
    told = words(d, "told", "announced")
    call = truth(d, "announced")[0]
    equal((call["state"], call["schedule_date"]), ("scheduled", at))
    equal((told[-1]["schedule"]["call"], read(d, "told")["state"]), (call["id"], "announced"))
    told = words(d, "told", "started")
    equal(whats(told), ["created", "announced", "started"])
    equal([c["state"] for c in truth(d, "announced")], ["active"])
    expect(d.request("DELETE", "/v1/calls/" + call["id"]), 200)
    expect(d.request("DELETE", "/v1/schedules/told"), 204)


def test_a_call_that_is_there_already_is_left_as_it_is(d):
    call = expect(d.create("@sandbox_group", title="mine", if_exists="replace"), 201).json["call"]
    make_soon(d, "second", title="another", end_after=1)
    told = words(d, "second", "existing")
    equal((told[-1]["schedule"]["last"]["call"], told[-1]["schedule"]["state"]), (call["id"], "done"))
    equal(([c["state"] for c in truth(d, "mine")], truth(d, "another")), (["active"], []))
    expect(d.request("DELETE", "/v1/calls/" + call["id"]), 200)
    expect(d.request("DELETE", "/v1/schedules/second"), 204)


def test_the_next_occurrence_is_left_out_and_its_announced_call_ended(d):
    at = now(d) + FAR_S
    make(d, "skipped", title="skipped", at=at, announce=FAR_S)
    words(d, "skipped", "announced")
    s = expect(d.post("/v1/schedules/skipped/skip", {}), 200).json
    equal((s["state"], s["skipped"], s["upcoming"]), ("done", at, []))
    equal([c["state"] for c in truth(d, "skipped")], ["discarded"])
    expect(d.post("/v1/schedules/skipped/skip", {}), 404, "not-found")
    equal(whats(words(d, "skipped", "skipped")), ["created", "announced", "skipped"])
    expect(d.request("DELETE", "/v1/schedules/skipped"), 204)


def test_what_is_changed_is_announced_anew(d):
    at = now(d) + FAR_S
    make(d, "moved", title="before", at=at, announce=FAR_S)
    words(d, "moved", "announced")
    expect(d.request("PATCH", "/v1/schedules/moved", {"end_after": 60}), 200, end_after=60, state="announced")
    s = expect(d.request("PATCH", "/v1/schedules/moved", {"title": "after", "at": at - 60}), 200).json
    equal((s["title"], s["at"], s["next_at"], s["state"], s["end_after"]), ("after", at - 60, at - 60, "waiting", 60))
    equal([c["state"] for c in truth(d, "before")], ["discarded"])
    wait_for("the second announcement", lambda: read(d, "moved")["state"] == "announced" or None)
    equal([(c["state"], c["schedule_date"]) for c in truth(d, "after")], [("scheduled", at - 60)])
    s = expect(d.request("PATCH", "/v1/schedules/moved", {"end_after": None}), 200).json
    check("end_after" not in s and s["state"] == "announced", s)
    # The call goes with it only where that is asked for.
    expect(d.request("DELETE", "/v1/schedules/moved?end=true"), 204)
    equal([c["state"] for c in truth(d, "after")], ["discarded"])


def test_a_schedule_that_is_forgotten_leaves_its_call(d):
    make(d, "left", title="left", at=now(d) + FAR_S, announce=FAR_S)
    words(d, "left", "announced")
    expect(d.request("DELETE", "/v1/schedules/left"), 204)
    equal([c["state"] for c in truth(d, "left")], ["scheduled"])
    expect(d.request("DELETE", "/v1/calls/" + truth(d, "left")[0]["id"]), 200)


def test_a_call_that_somebody_ended_before_is_not_made_again(d):
    make(d, "gone", "@sandbox_channel", title="gone", at=now(d) + FAR_S, announce=FAR_S)
    words(d, "gone", "announced")
    expect(d.request("DELETE", "/v1/calls/" + truth(d, "gone")[0]["id"]), 200)
    come(d, "gone")
    told = words(d, "gone", "ended_early")
    equal(whats(told), ["created", "announced", "changed", "ended_early"])
    equal([c["state"] for c in truth(d, "gone")], ["discarded"])
    expect(d.request("DELETE", "/v1/schedules/gone"), 204)


def test_what_telegram_refuses_is_told_and_what_it_does_not_answer_is_tried_again(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=403, message="CHAT_ADMIN_REQUIRED", count=1)
    make_soon(d, "refused", title="refused")
    last = words(d, "refused", "refused")[-1]["schedule"]["last"]
    equal((last["outcome"], last["problem"]["telegram"]["message"]), ("refused", "CHAT_ADMIN_REQUIRED"))
    d.all_struck()
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_1", count=1)
    make_soon(d, "patient", title="patient", end_after=1)
    equal(whats(words(d, "patient", "ended")), ["created", "started", "ended"])
    equal(len(truth(d, "patient")), 1)
    for name in ("refused", "patient"):
        expect(d.request("DELETE", "/v1/schedules/" + name), 204)


def test_what_could_not_be_announced_is_made_at_its_time(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=400, message="CREATE_CALL_FAILED", count=2)
    make(d, "moody", title="made", at=now(d) + FAR_S, announce=FAR_S)
    s = words(d, "moody", "changed")[-1]["schedule"]
    check(s["state"] == "waiting" and "CREATE_CALL_FAILED" in s["reason"], s)
    d.all_struck()
    come(d, "moody")
    told = words(d, "moody", "started")
    equal(whats(told)[:2] + whats(told)[-1:], ["created", "changed", "started"])
    s = read(d, "moody")
    check("reason" not in s and s["last"]["outcome"] == "started", s)
    equal([(c["state"], c.get("schedule_date")) for c in truth(d, "made")], [("active", None)])
    expect(d.request("DELETE", "/v1/calls/" + s["last"]["call"]), 200)
    # A right that is lacking is told while there is time to give it.
    d.fault(type="rpc_error", method="phone.createGroupCall", code=400, message="CHAT_ADMIN_REQUIRED", count=1)
    expect(d.request("PATCH", "/v1/schedules/moody", {"at": now(d) + FAR_S}), 200)
    equal(words(d, "moody", "refused")[-1]["schedule"]["state"], "done")
    expect(d.request("DELETE", "/v1/schedules/moody"), 204)


def test_a_change_that_cannot_be_ends_no_announced_call(d):
    make(d, "firm", title="firm", at=now(d) + FAR_S, announce=FAR_S)
    words(d, "firm", "announced")
    for change in ({"title": "%Q"}, {"at": 1000}, {"timezone": "No/Where"}):
        expect(d.request("PATCH", "/v1/schedules/firm", change), 422)
    equal(([c["state"] for c in truth(d, "firm")], read(d, "firm")["state"]), (["scheduled"], "announced"))
    expect(d.request("DELETE", "/v1/schedules/firm?end=true"), 204)


def test_an_announcement_waits_for_the_end_of_the_call_that_is_there(d):
    other = expect(d.create("@sandbox_channel", title="other"), 201).json["call"]["id"]
    make(d, "behind", "@sandbox_channel", title="behind", at=now(d) + 6 * 3600, announce=7 * 3600)
    # One that was made later is announced, so that this one has seen the call.
    make(d, "later", title="later", at=now(d) + 6 * 3600, announce=7 * 3600)
    words(d, "later", "announced")
    equal(truth(d, "behind"), [])
    expect(d.request("DELETE", "/v1/calls/" + other), 200)
    equal(whats(words(d, "behind", "announced")), ["created", "announced"])
    for name in ("behind", "later"):
        expect(d.request("DELETE", "/v1/schedules/%s?end=true" % name), 204)


def test_a_rule_has_its_dates_in_its_zone(d):
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    s = make(d, "weekly", start="2036-03-24T20:00:00", timezone="Europe/Berlin", rrule="FREQ=WEEKLY;BYDAY=MO", title="Week %V")
    dates = [int(datetime.datetime(2036, 3, 24, 20, tzinfo=berlin).timestamp()) + 0]
    for month, day in ((3, 31), (4, 7), (4, 14), (4, 21)):
        dates.append(int(datetime.datetime(2036, month, day, 20, tzinfo=berlin).timestamp()))
    equal((s["upcoming"], s["next_at"], dates[1] - dates[0]), (dates, dates[0], 7 * 86400 - 3600))
    for n in (1, 2):
        s = expect(d.post("/v1/schedules/weekly/skip", {}), 200).json
        equal((s["skipped"], s["upcoming"][:3]), (dates[n - 1], dates[n:n + 3]))
    # What was left out stays so where it is the same date.
    s = expect(d.request("PATCH", "/v1/schedules/weekly", {"timezone": "Europe/Berlin"}), 200).json
    equal((s["skipped"], s["upcoming"][:3]), (dates[1], dates[2:5]))
    s = expect(d.request("PATCH", "/v1/schedules/weekly", {"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=2"}), 200).json
    equal((s["upcoming"], "skipped" in s), ([dates[0] + 86400, dates[1] + 86400], False))
    s = expect(d.request("PATCH", "/v1/schedules/weekly", {"at": dates[4]}), 200).json
    equal((s["upcoming"], s["timezone"], "rrule" in s, "start" in s), ([dates[4]], "Europe/Berlin", False, False))
    expect(d.request("DELETE", "/v1/schedules/weekly"), 204)


def test_each_occurrence_has_its_title_and_the_next_one_waits(d):
    for _ in range(5):
        at = now(d) + SOON_S
        start = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        make(d, "daily", title="Day %j at %H:%M", start=start, timezone="UTC", rrule="FREQ=DAILY", end_after=1)
        if read(d, "daily")["next_at"] == at:
            break
        expect(d.request("DELETE", "/v1/schedules/daily"), 204)
    told = words(d, "daily", "ended")
    equal(whats(told)[-3:], ["created", "started", "ended"])
    s = read(d, "daily")
    equal((s["state"], s["next_at"], s["last"]["at"]), ("waiting", at + 86400, at))
    title = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("Day %j at %H:%M")
    equal(len(truth(d, title)), 1)
    expect(d.request("DELETE", "/v1/schedules/daily"), 204)


def test_what_cannot_be_is_said_at_once(d):
    for members, pointer in (({}, "/at"), ({"at": now(d) + 60, "title": "%Q"}, "/title"), ({"at": now(d) + 60, "timezone": "Mars/Base"}, "/timezone"),
                             ({"start": "2036-01-01T20:00:00", "rrule": "FREQ=DAILY"}, "/timezone"),
                             ({"start": "2036-01-01T20:00:00", "rrule": "FREQ=DAILY", "timezone": "Nowhere"}, "/timezone"),
                             ({"start": "2036-13-01T20:00:00", "rrule": "FREQ=DAILY", "timezone": "UTC"}, "/start"),
                             ({"start": "2036-01-01T20:00:00", "rrule": "FREQ=SECONDLY", "timezone": "UTC"}, "/rrule"),
                             ({"start": "2016-01-01T20:00:00", "rrule": "FREQ=DAILY;COUNT=3", "timezone": "UTC"}, "/rrule"),
                             ({"start": "2036-01-01T20:00:00", "rrule": "FREQ=DAILY", "timezone": "UTC", "at": now(d) + 60}, "/start"),
                             ({"at": 1000}, "/at"), ({"at": now(d) + 60, "announce": 5}, "/announce"),
                             ({"at": now(d) + 60, "end_after": 0}, "/end_after"), ({"at": now(d) + 60, "peer": "me"}, "/peer"),
                             ({"at": now(d) + 60, "name": "No"}, "/name"), ({"at": now(d) + 60, "often": True}, "/often")):
        a = expect(d.post("/v1/schedules", {"name": "wrong", "peer": "@sandbox_group", **members}), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], [pointer])
    expect(d.post("/v1/schedules", {"name": "wrong", "peer": "@nobody_there", "at": now(d) + 60}), 422, "peer-unknown")
    expect(d.get("/v1/schedules/wrong"), 404, "not-found")
    make(d, "once", at=now(d) + FAR_S)
    a = expect(d.post("/v1/schedules", {"name": "once", "peer": "@sandbox_group", "at": now(d) + 60}), 409, "exists")
    check("/v1/schedules/once" in a.json["remedy"], a)
    expect(d.request("PATCH", "/v1/schedules/once", {"at": 1000}), 422, "invalid-request")
    expect(d.request("PATCH", "/v1/schedules/once", {"peer": "me"}), 422, "invalid-request")
    expect(d.request("PATCH", "/v1/schedules/once", {}), 422, "invalid-request")
    expect(d.request("DELETE", "/v1/schedules/once"), 204)


def test_a_key_makes_one_schedule_of_two_requests(d):
    body, key = {"name": "keyed", "peer": "@sandbox_group", "at": now(d) + FAR_S}, {"Idempotency-Key": "one-schedule"}
    first = expect(d.post("/v1/schedules", body, headers=key), 201)
    again = expect(d.post("/v1/schedules", body, headers=key), 201)
    equal((again.json, again.headers["idempotency-replayed"], first.headers["location"]), (first.json, "true", "/v1/schedules/keyed"))
    expect(d.request("DELETE", "/v1/schedules/keyed"), 204)


def test_what_asks_telegram_may_be_a_job(d):
    """Its chat is looked up, and an announced call ended."""
    members = {"name": "async", "peer": "@sandbox_group", "title": "async", "at": now(d) + FAR_S, "announce": FAR_S}
    for path, body, status in (("/v1/schedules", members, 201), ("/v1/schedules/async/skip", {}, 200)):
        a = expect(d.request("POST", path, body, {"Prefer": "respond-async"}), 202)
        equal((a.headers["preference-applied"], a.headers["location"]), ("respond-async", "/v1/jobs/" + a.json["id"]))
        job = wait_for("the job", lambda a=a: (lambda j: j if j["state"] == "done" else None)(expect(d.get("/v1/jobs/" + a.json["id"]), 200).json))
        equal((job["status"], job["answer"]["name"]), (status, "async"))
        if path == "/v1/schedules":
            words(d, "async", "announced")
    equal([c["state"] for c in truth(d, "async")], ["discarded"])
    expect(d.request("POST", "/v1/schedules", dict(members, name="waited"), {"Prefer": "wait=30"}), 201)
    for name in ("async", "waited"):
        expect(d.request("DELETE", "/v1/schedules/%s?end=true" % name), 204)


def test_a_list_has_pages_and_a_bound_token_sees_its_own(d):
    at = now(d) + FAR_S
    for i in range(5):
        make(d, "page-%d" % i, at=at)
    seen, cursor = [], ""
    while cursor is not None:
        page = expect(d.get("/v1/schedules?limit=2" + cursor), 200).json
        seen.append([s["name"] for s in page["schedules"]])
        cursor = "&cursor=" + page["next_cursor"] if "next_cursor" in page else None
    equal(seen, [["page-0", "page-1"], ["page-2", "page-3"], ["page-4"]])
    equal(len(expect(d.get("/v1/schedules?account=sandbox"), 200).json["schedules"]), 5)
    token = expect(d.post("/v1/tokens", {"name": "stranger", "scopes": ["read", "calls"], "accounts": ["elsewhere"]}), 201).json["token"]

    def asked(method, path, body=None):
        return d.request(method, path, body, {"Authorization": "Bearer " + token}, token=False)
    equal(expect(asked("GET", "/v1/schedules"), 200).json, {"schedules": []})
    for method, path, body in (("GET", "page-0", None), ("PATCH", "page-0", {"title": "x"}), ("DELETE", "page-0", None), ("POST", "page-0/skip", {})):
        expect(asked(method, "/v1/schedules/" + path, body), 404, "not-found")
    for i in range(5):
        expect(d.request("DELETE", "/v1/schedules/page-%d" % i), 204)


def test_a_daemon_that_was_killed_leaves_its_dates_to_the_next():
    with alice() as r:
        r.daemon.login("alice", "+15550001")
        at = now(r.daemon) + FAR_S
        make(r.daemon, "made", title="made once", at=at, end_after=1)
        make(r.daemon, "announced", "@sandbox_channel", title="announced once", at=at, announce=FAR_S)
        words(r.daemon, "announced", "announced")
        state = kill(r)
        control(r.ready["control"], "POST", "/opts", {"clock_skew_s": FAR_S - 3})
        start(r, state)
        told = words(r.daemon, "made", "ended")
        equal(whats(told), ["created", "started", "ended"])
        equal(whats(words(r.daemon, "announced", "started")), ["created", "announced", "started"])
        equal([c["state"] for c in truth(r.daemon, "made once")], ["discarded"])
        equal([c["state"] for c in truth(r.daemon, "announced once")], ["active"])
        # It goes with its account.
        expect(r.daemon.request("DELETE", "/v1/accounts/alice"), 200)
        equal(expect(r.daemon.get("/v1/schedules"), 200).json, {"schedules": []})


def test_dates_that_went_by_meanwhile_are_missed_or_held_late():
    with alice() as r:
        r.daemon.login("alice", "+15550001")
        at = now(r.daemon) + FAR_S
        make(r.daemon, "late", title="held late", at=at)
        make(r.daemon, "missed", "@sandbox_channel", title="never", at=at, late_max=10)
        state = kill(r)
        control(r.ready["control"], "POST", "/opts", {"clock_skew_s": FAR_S + 60})
        start(r, state)
        equal(words(r.daemon, "late", "started")[-1]["at"], at)
        told = words(r.daemon, "missed", "missed")
        equal((told[-1]["at"], told[-1]["schedule"]["state"]), (at, "done"))
        equal((len(truth(r.daemon, "held late")), truth(r.daemon, "never")), (1, []))


def test_a_call_that_was_announced_and_not_started_in_time_does_not_stay():
    with alice() as r:
        r.daemon.login("alice", "+15550001")
        at = now(r.daemon) + FAR_S
        make(r.daemon, "stale", title="stale", at=at, announce=FAR_S, late_max=10)
        words(r.daemon, "stale", "announced")
        state = kill(r)
        control(r.ready["control"], "POST", "/opts", {"clock_skew_s": FAR_S + 60})
        start(r, state)
        equal(words(r.daemon, "stale", "missed")[-1]["at"], at)
        wait_for("its end", lambda: truth(r.daemon, "stale")[0]["state"] == "discarded" or None)


def test_an_announced_call_that_cannot_be_ended_is_told_of(d):
    at = now(d) + FAR_S
    make(d, "stuck", "@sandbox_channel", title="stuck", at=at, announce=FAR_S)
    words(d, "stuck", "announced")
    d.fault(type="rpc_error", method="phone.startScheduledGroupCall", code=403, message="CHAT_ADMIN_REQUIRED", count=1)
    d.fault(type="rpc_error", method="phone.discardGroupCall", code=403, message="CHAT_ADMIN_REQUIRED", count=1)
    come(d, "stuck")
    equal(whats(words(d, "stuck", "left"))[-2:], ["refused", "left"])
    last = read(d, "stuck")["last"]
    equal((last["at"], last["outcome"], last["left"]["telegram"]["message"]), (at, "refused", "CHAT_ADMIN_REQUIRED"))
    d.all_struck()
    call = truth(d, "stuck")[0]
    equal((call["state"], call["id"]), ("scheduled", last["call"]))
    expect(d.request("DELETE", "/v1/calls/" + call["id"]), 200)
    expect(d.request("DELETE", "/v1/schedules/stuck"), 204)


def test_a_call_that_cannot_be_ended_at_its_end_is_told_of(d):
    make(d, "long", "@sandbox_channel", title="long", at=now(d) + FAR_S, end_after=1)
    d.fault(type="rpc_error", method="phone.discardGroupCall", code=403, message="CHAT_ADMIN_REQUIRED", count=1)
    come(d, "long")
    equal(whats(words(d, "long", "left")), ["created", "changed", "started", "left"])
    last = read(d, "long")["last"]
    equal((last["outcome"], last["left"]["telegram"]["message"], "ended_at" in last, "problem" in last), ("started", "CHAT_ADMIN_REQUIRED", False, False))
    d.all_struck()
    equal([c["state"] for c in truth(d, "long")], ["active"])
    expect(d.request("DELETE", "/v1/calls/" + last["call"]), 200)
    expect(d.request("DELETE", "/v1/schedules/long"), 204)


def test_what_may_have_been_announced_is_taken_back_after_a_kill_too():
    changes = {"@sandbox_group": lambda d, path: expect(d.post(path + "/skip", {}), 200, state="done"),
               "@sandbox_channel": lambda d, path: expect(d.request("DELETE", path), 204)}
    for peer, change in changes.items():
        with alice("[server]", "request_timeout = %ds" % (8 if sanitized() else 3)) as r:
            r.daemon.login("alice", "+15550001")
            r.daemon.fault(type="no_answer", method="phone.createGroupCall", count=0)
            make(r.daemon, "doubt", peer, title="in doubt", at=now(r.daemon) + FAR_S, announce=FAR_S)
            wait_for("the call", lambda r=r: truth(r.daemon, "in doubt") or None)
            state = kill(r)
            start(r, state)
            change(r.daemon, "/v1/schedules/doubt")
            state = kill(r)
            start(r, state)
            wait_for("its end", lambda r=r: [c["state"] for c in truth(r.daemon, "in doubt")] == ["discarded"] or None)
            r.daemon.clear()
            if peer == "@sandbox_channel":
                expect(r.daemon.get("/v1/schedules/doubt"), 404, "not-found")
                make(r.daemon, "doubt", peer, title="anew", at=now(r.daemon) + FAR_S, announce=FAR_S)
                words(r.daemon, "doubt", "announced")
                equal([s["name"] for s in expect(r.daemon.get("/v1/schedules"), 200).json["schedules"]], ["doubt"])


def test_a_schedule_is_not_held_as_another_user():
    with alice() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        at = now(d) + FAR_S
        make(d, "mine", title="as alice", at=at, announce=FAR_S - 60, end_after=60)
        expect(d.post("/v1/accounts/alice/logout"), 200)
        expect(d.post("/v1/accounts/alice/login", {"phone": "+15550003"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/alice/login/code", {"code": "12345"}), 200, state="ready")
        told = words(d, "mine", "changed")[-1]["schedule"]
        equal((told["state"], told["upcoming"]), ("paused", [at]))
        check("another user" in told["reason"] and "PATCH" in told["remedy"], told)
        equal(numbers(d)['tgcalld_schedules{state="paused"}'], 1)
        # Whoever changes it takes it over.
        s = expect(d.request("PATCH", "/v1/schedules/mine", {"peer": "@sandbox_group", "title": "as carol", "announce": FAR_S}), 200, state="waiting").json
        check("reason" not in s, s)
        # She may not hold calls there, which is to say that it is she who asks.
        last = words(d, "mine", "refused")[-1]["schedule"]["last"]
        equal((last["problem"]["telegram"]["message"], truth(d, "as alice")), ("CHAT_ADMIN_REQUIRED", []))


def test_what_another_user_left_to_be_taken_back_is_forgotten():
    with alice("[server]", "request_timeout = %ds" % (8 if sanitized() else 3)) as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.fault(type="no_answer", method="phone.createGroupCall", count=0)
        make(d, "gone", title="hers", at=now(d) + FAR_S, announce=FAR_S)
        wait_for("the call", lambda: truth(d, "hers") or None)
        d.fault(type="no_answer", method="channels.getFullChannel", count=0)
        expect(d.request("DELETE", "/v1/schedules/gone"), 204)
        wait_for("what stays", lambda: look(d.state, "SELECT count(*) FROM schedules") == [(1,)] or None)
        expect(d.post("/v1/accounts/alice/logout"), 200)
        expect(d.post("/v1/accounts/alice/login", {"phone": "+15550003"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/alice/login/code", {"code": "12345"}), 200, state="ready")
        wait_for("its end", lambda: look(d.state, "SELECT count(*) FROM schedules") == [(0,)] or None)
        d.clear()
        equal([c["state"] for c in truth(d, "hers")], ["scheduled"])


def test_a_name_that_is_taken_tells_a_stranger_nothing_else():
    with alice() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.login("carol", "+15550003")
        made = make(d, "taken", account="alice", at=now(d) + FAR_S)
        token = expect(d.post("/v1/tokens", {"name": "carol", "scopes": ["read", "calls"], "accounts": ["carol"]}), 201).json["token"]
        for bearer, word in ((token, "does not see"), (None, "PATCH /v1/schedules/taken")):
            a = expect(d.request("POST", "/v1/schedules", {"name": "taken", "account": "carol", "peer": "@sandbox_group", "at": made["at"]},
                                 **({"token": bearer} if bearer else {})), 409, "exists")
            check(word in a.json["remedy"] and "alice" not in a.raw.decode(), a)


def test_nothing_is_missed_by_a_clock_that_is_ahead_before_telegram_told_the_time():
    with alice() as r:
        r.daemon.login("alice", "+15550001")
        state = kill(r)
        # As where this machine is ahead by days.
        control(r.ready["control"], "POST", "/opts", {"clock_skew_s": -3 * 86400})
        at = int(time.time()) - 3 * 86400 + FAR_S
        start(r, state)
        wait_for("Telegram's time", lambda: r.daemon.post("/v1/schedules", {"name": "kept", "peer": "@sandbox_group", "at": at}).status == 201 or None)
        make(r.daemon, "next", "@sandbox_channel", at=at)
        for _ in range(2):
            state = kill(r)
            start(r, state)
        expect(r.daemon.post("/v1/schedules/next/skip", {}), 200)
        words(r.daemon, "next", "skipped")
        wait_for("the account", lambda: is_on(r.daemon, "alice") or None)
        s = read(r.daemon, "kept")
        equal((s["state"], s["upcoming"], s.get("last")), ("waiting", [at], None))


def test_an_account_has_at_most_a_thousand():
    with alice() as r:
        r.daemon.login("alice", "+15550001")
        at = now(r.daemon) + FAR_S
        for i in range(1000):
            make(r.daemon, "s%d" % i, at=at)
        a = expect(r.daemon.post("/v1/schedules", {"name": "more", "peer": "@sandbox_group", "at": at}), 503, "queue-full")
        check("1000" in a.json["detail"] and "DELETE" in a.json["remedy"], a)
        expect(r.daemon.get("/v1/schedules/more"), 404, "not-found")
        expect(r.daemon.request("DELETE", "/v1/schedules/s7"), 204)
        make(r.daemon, "more", at=at)


def test_a_zone_that_is_gone_keeps_no_daemon_from_starting():
    # As where a name moves to another package.
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + "/US")
        shutil.copy("/usr/share/zoneinfo/Europe/Berlin", folder + "/US/Eastern")
        os.environ["TZDIR"] = folder
        try:
            with alice() as r:
                r.daemon.login("alice", "+15550001")
                make(r.daemon, "moved", start="2036-01-01T00:00:00", timezone="US/Eastern", rrule="FREQ=DAILY")
                state = kill(r)
                os.unlink(folder + "/US/Eastern")
                start(r, state)
                equal(read(r.daemon, "moved")["timezone"], "US/Eastern")
                wait_for("what it says", lambda: "the schedule moved waits" in r.daemon.log())
                s = read(r.daemon, "moved")
                equal((s["state"], s["upcoming"], "US/Eastern" in s["reason"]), ("paused", [], True))
                expect(r.daemon.request("PATCH", "/v1/schedules/moved", {"timezone": "Europe/Berlin"}), 422, "invalid-request")
                shutil.copy("/usr/share/zoneinfo/Europe/Berlin", folder + "/Berlin")
                expect(r.daemon.request("PATCH", "/v1/schedules/moved", {"timezone": "Berlin"}), 200, next_at=2082754800)
        finally:
            del os.environ["TZDIR"]


if __name__ == "__main__":
    run(globals())
