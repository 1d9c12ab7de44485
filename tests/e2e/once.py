"""Exactly once: what is asked for under an Idempotency-Key is done once, however often it is asked, whatever answer was lost and
whenever the daemon was killed; and what goes on as a job without its client."""
import contextlib
import os
import subprocess
import tempfile
import threading
import time
import uuid

from lib import at_once, check, equal, expect, run, sanitized, wait_for
from remote import Remote
from restart import is_on, kill, start
from store import NODES, ONE_PROCESS, change

GROUP, CHANNEL = "@sandbox_group", "@sandbox_channel"
RING = "phone.inviteConferenceCallParticipant"
PATIENCE_S = 4 if sanitized() else 2
LATE_MS = 2500 * PATIENCE_S


def keyed(d, peer=GROUP, key=None, prefer=None, path="/v1/calls", token=True, **members):
    headers = {"Idempotency-Key": key} if key else {}
    if prefer:
        headers["Prefer"] = prefer
    body = {"peer": peer, **members} if path == "/v1/calls" else members
    return d.request("POST", path, body, headers, token=token)


def new_key():
    return str(uuid.uuid4())


@contextlib.contextmanager
def impatient(*more, sandbox=()):
    """A daemon that does not wait long for an answer, with Alice logged in."""
    with Remote("[server]", "request_timeout = %ds" % PATIENCE_S, *more, sandbox=sandbox) as r:
        r.daemon.login("alice", "+15550001")
        yield r


def restarted(r, name="alice"):
    start(r, kill(r))
    wait_for(name, lambda: is_on(r.daemon, name))
    return r.daemon


def job(d, id_):
    return expect(d.get("/v1/jobs/" + id_), 200).json


def came_to(d, id_, *states):
    return wait_for("job %s to be %s" % (id_, "/".join(states)), lambda: (j := job(d, id_))["state"] in states and j)


def made(d, title):
    return [c["id"] for c in d.sandbox_calls(title)]


def is_replayed(a):
    return a.headers.get("idempotency-replayed") == "true"


def test_a_repeat_gets_the_first_answer_and_makes_no_second_call(d):
    key, counted = new_key(), d.counting()
    first = expect(keyed(d, key=key, title="one", account="sandbox", if_exists="replace"), 201)
    check(not is_replayed(first))
    again = expect(keyed(d, key=key, account="sandbox", if_exists="replace", title="one"), 201)
    check(is_replayed(again), again.headers)
    equal((again.json, again.headers["location"]), (first.json, first.headers["location"]))
    quoted = expect(keyed(d, key='"%s"' % key, title="one", account="sandbox", if_exists="replace"), 201)
    equal(quoted.json, first.json)
    equal((counted("phone.createGroupCall"), len(made(d, "one"))), (1, 1))


def test_a_key_is_one_requests_own(d):
    key = new_key()
    first = expect(keyed(d, key=key, title="mine", account="sandbox", if_exists="replace"), 201).json["call"]["id"]
    expect(keyed(d, key=key, title="other", account="sandbox", if_exists="replace"), 422, "idempotency-mismatch")
    # The path, and who asks, are a part of it.
    expect(keyed(d, key=key, path="/v1/calls/%s/invite-link?account=sandbox" % first), 200)
    other = expect(d.post("/v1/tokens", {"name": "other", "scopes": ["calls", "read"]}), 201).json["token"]
    second = expect(keyed(d, key=key, title="mine", account="sandbox", if_exists="replace", token=other), 201)
    check(second.json["call"]["id"] != first)
    expect(d.request("DELETE", "/v1/tokens/other"), 204)
    # Nor are they those of whoever gets its name.
    other = expect(d.post("/v1/tokens", {"name": "other", "scopes": ["calls", "read"]}), 201).json["token"]
    third = expect(keyed(d, key=key, title="mine", account="sandbox", if_exists="replace", token=other), 201)
    check(third.json["call"]["id"] != second.json["call"]["id"])
    expect(d.request("DELETE", "/v1/tokens/other"), 204)


def test_what_is_no_key_is_refused_and_what_is_no_post_has_none(d):
    for key in ("", "x" * 256, '"open', '""'):
        expect(d.request("POST", "/v1/calls", {"peer": GROUP}, {"Idempotency-Key": key}), 422, "invalid-request")
    a = expect(keyed(d, key="k", account="sandbox", random_id=5), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/random_id")
    expect(d.request("GET", "/v1/calls", headers={"Idempotency-Key": "k", "Prefer": "respond-async"}), 200)


def test_who_repeats_while_the_first_waits_is_told_to_wait(d):
    key, answers = new_key(), []
    d.fault(type="delay", method="phone.createGroupCall", ms=4000)
    first = threading.Thread(target=lambda: answers.append(keyed(d, key=key, title="slow", account="sandbox", if_exists="replace")))
    counted = d.counting()
    first.start()
    wait_for("the create", lambda: counted("phone.createGroupCall"))
    a = expect(keyed(d, key=key, title="slow", account="sandbox", if_exists="replace"), 409, "idempotency-in-progress")
    check(int(a.headers["retry-after"]) >= 1)
    first.join()
    again = expect(keyed(d, key=key, title="slow", account="sandbox", if_exists="replace"), 201)
    equal((is_replayed(again), again.json["call"]["id"]), (True, expect(answers[0], 201).json["call"]["id"]))


def test_a_refusal_of_telegrams_is_kept_and_no_other(d):
    key = new_key()
    for code, message, status in ((400, "CHAT_NOT_MODIFIED", 400), (403, "CHAT_WRITE_FORBIDDEN", 403), (406, "CHAT_ODD", 409)):
        key = new_key()
        d.fault(type="rpc_error", method="phone.createGroupCall", code=code, message=message)
        first = expect(keyed(d, key=key, account="sandbox", if_exists="replace"), status, "telegram-refused")
        again = expect(keyed(d, key=key, account="sandbox", if_exists="replace"), status, "telegram-refused")
        equal((is_replayed(again), again.json["telegram"], again.json["remedy"]), (True, first.json["telegram"], first.json["remedy"]))
    for code, message, status in ((500, "ODD", 502), (420, "FLOOD_WAIT_60", 429)):
        key = new_key()
        d.fault(type="rpc_error", method="phone.inviteToGroupCall", code=code, message=message)
        call = expect(d.create(GROUP, account="sandbox", if_exists="replace"), 201).json["call"]["id"]
        path = "/v1/calls/%s/invitations?account=sandbox" % call
        expect(keyed(d, key=key, path=path, users=["@bobby"]), status)
        if status == 502:
            a = expect(keyed(d, key=key, path=path, users=["@bobby"]), 502)
            equal((is_replayed(a), a.json["sent"]), (True, True))
        d.clear()
    # It was not the client's: the next one with the key is asked anew.
    key = new_key()
    expect(keyed(d, key=key, account="nobody"), 404, "not-found")
    expect(keyed(d, key=key, account="nobody"), 404, "not-found")


def test_other_requests_are_done_once_too(d):
    key = new_key()
    expect(keyed(d, key=key, path="/v1/accounts", name="early"), 201)
    equal(is_replayed(expect(keyed(d, key=key, path="/v1/accounts", name="early"), 201)), True)
    expect(d.post("/v1/accounts", {"name": "early"}), 409, "exists")
    expect(d.request("DELETE", "/v1/accounts/early"), 200)
    token = expect(keyed(d, key=key, path="/v1/tokens", name="twice", scopes=["read"]), 201).json["token"]
    equal(expect(keyed(d, key=key, path="/v1/tokens", name="twice", scopes=["read"]), 201).json["token"], token)
    expect(d.request("DELETE", "/v1/tokens/twice"), 204)
    counted = d.counting()
    path = "/v1/methods/phone.createConferenceCall?account=sandbox"
    other = expect(keyed(d, path=path), 200)
    first = expect(keyed(d, key=key, path=path), 200)
    again = expect(keyed(d, key=key, path=path), 200)
    equal((is_replayed(again), again.json), (True, first.json))
    check(first.json != other.json)
    equal(counted("phone.createConferenceCall"), 2)


def test_a_create_goes_on_after_its_504_and_the_repeat_gets_its_call():
    for silence in ("no_answer", "delay"):
        with impatient() as r:
            d, key = r.daemon, new_key()
            d.fault(type=silence, method="phone.createGroupCall", **({"ms": LATE_MS} if silence == "delay" else {}))
            late = expect(keyed(d, key=key, title="late"), 504, "telegram-timeout", sent=True)
            came_to(d, late.json["job"], "done")
            a = expect(keyed(d, key=key, title="late"), 201)
            equal(made(d, "late"), [a.json["call"]["id"]])
            told = job(d, late.json["job"])
            equal((told["status"], told["answer"]), (201, a.json))


def test_a_create_that_was_sent_is_the_same_after_a_kill():
    for silence in ("no_answer", "drop_after", "drop_before"):
        with Remote() as r:
            d, key = r.daemon, new_key()
            d.login("alice", "+15550001")
            d.fault(type=silence, method="phone.createGroupCall", count=100)
            asked = threading.Thread(target=swallow, args=(keyed, d), kwargs={"key": key, "title": "killed"})
            asked.start()
            if silence == "drop_before":
                wait_for("the create", lambda: d.sandbox("GET", "/state")["faults"][0]["count"] < 100)
            else:
                wait_for("the create", lambda: made(d, "killed"))
            before = made(d, "killed")
            state = kill(r)
            asked.join()
            d.sandbox("POST", "/clear", {})
            start(r, state)
            d = r.daemon
            wait_for("alice", lambda: is_on(d, "alice"))
            a = expect(keyed(d, key=key, title="killed"), 201)
            check(not is_replayed(a))
            equal(made(d, "killed"), before or [a.json["call"]["id"]])
            equal(made(d, "killed"), [a.json["call"]["id"]])
            d = restarted(r)
            again = expect(keyed(d, key=key, title="killed"), 201)
            equal((is_replayed(again), again.json), (True, a.json))


def swallow(function, *args, **more):
    with contextlib.suppress(Exception):
        function(*args, **more)


def test_what_was_not_sent_ends_no_call_after_a_kill():
    with Remote() as r:
        d, key = r.daemon, new_key()
        d.login("alice", "+15550001")
        running = expect(d.create(GROUP, title="running"), 201).json["call"]["id"]
        a = expect(keyed(d, key=key, title="mine"), 200, existing=True)
        d = restarted(r)
        again = expect(keyed(d, key=key, title="mine"), 200, existing=True)
        equal((a.json["call"]["id"], again.json["call"]["id"], made(d, "mine")), (running, running, []))


def test_a_conference_is_made_once_too():
    with impatient() as r:
        d, key = r.daemon, new_key()

        def ask():
            return d.request("POST", "/v1/calls", {"conference": True}, {"Idempotency-Key": key})

        d.fault(type="no_answer", method="phone.createConferenceCall")
        late = expect(ask(), 504, "telegram-timeout", sent=True)
        d = restarted(r)
        done = came_to(d, late.json["job"], "done")
        equal(expect(ask(), 201).json["call"]["id"], done["answer"]["call"]["id"])
        equal(len(d.sandbox_calls()), 1)


def test_a_job_is_told_of_at_once_and_survives_a_kill():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.fault(type="delay", method="phone.createGroupCall", ms=3000)
        a = expect(keyed(d, prefer="respond-async", title="job"), 202)
        equal((a.headers["location"], a.headers["preference-applied"]), ("/v1/jobs/" + a.json["id"], "respond-async"))
        d = restarted(r)
        told = came_to(d, a.json["id"], "done")
        equal((told["status"], [told["answer"]["call"]["id"]]), (201, made(d, "job")))
        d = restarted(r)
        equal(job(d, a.json["id"]), told)
        listed = expect(d.get("/v1/jobs?state=done"), 200).json["jobs"]
        equal([(j["id"], j["request"]) for j in listed], [(a.json["id"], "call_create")])
        equal(expect(d.get("/v1/jobs?state=failed"), 200).json["jobs"], [])
        b = expect(keyed(d, prefer="respond-async", title="later"), 202)
        first = expect(d.get("/v1/jobs?limit=1"), 200).json
        rest = expect(d.get("/v1/jobs?limit=1&cursor=" + first["next_cursor"]), 200).json
        equal([[j["id"] for j in page["jobs"]] for page in (first, rest)], [[b.json["id"]], [a.json["id"]]])
        check("next_cursor" not in rest, rest)
        expect(d.get("/v1/jobs?cursor=7"), 422, "invalid-request")
        a = expect(d.request("DELETE", "/v1/jobs/" + a.json["id"]), 409, "job-already-sent")
        expect(d.get("/v1/jobs/1"), 404, "not-found")


def test_each_change_of_a_job_is_an_event(d):
    after = expect(d.get("/v1/events?wait=0"), 200).json["next"]
    id_ = expect(keyed(d, prefer="respond-async", title="told", account="sandbox", if_exists="replace"), 202).json["id"]
    came_to(d, id_, "done")
    events = []
    while not events or events[-1]["data"]["job"]["state"] != "done":
        page = expect(d.get("/v1/events?wait=30&types=job&after=%s" % after), 200).json
        events, after = events + page["events"], page["next"]
    equal([(e["data"]["account"], e["data"]["job"]["id"], e["data"]["job"]["state"]) for e in events],
          [("sandbox", id_, state) for state in ("queued", "running", "done")])


def test_a_wait_is_bounded(d):
    a = expect(keyed(d, prefer="wait=20", title="soon", account="sandbox", if_exists="replace"), 201)
    equal(made(d, "soon"), [a.json["call"]["id"]])
    d.fault(type="delay", method="phone.createGroupCall", ms=2500)
    a = expect(keyed(d, prefer='respond-async, Wait="0"', key=new_key(), title="later", account="sandbox", if_exists="replace"), 202)
    equal(a.headers["preference-applied"], "respond-async, wait=0")
    equal([came_to(d, a.json["id"], "done")["answer"]["call"]["id"]], made(d, "later"))


def test_a_job_waits_out_what_telegram_asks_and_keeps_its_place():
    with Remote("flood_wait_max = 1 s") as r:
        d = r.daemon
        d.login("alice", "+15550001")
        # Long enough for two more to come, and for the next process.
        d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_%d" % (5 * PATIENCE_S))
        first = expect(keyed(d, GROUP, prefer="respond-async", title="first", if_exists="replace"), 202).json["id"]
        waits = came_to(d, first, "waiting")
        second = expect(keyed(d, GROUP, prefer="respond-async", title="second", if_exists="replace"), 202).json["id"]
        came_to(d, second, "waiting")
        third = expect(keyed(d, GROUP, prefer="respond-async", title="third", if_exists="replace"), 202).json["id"]
        came_to(d, third, "waiting")
        # Who does not take a job for an answer is told.
        expect(keyed(d, GROUP, key=new_key(), title="nobody", if_exists="replace"), 429, "flood-wait")
        start(r, kill(r))
        d = r.daemon
        again = job(d, first)
        check(again["state"] in ("waiting", "running", "done"), again)
        if again["state"] == "waiting":
            equal(again["until"], waits["until"])
        equal(expect(d.request("DELETE", "/v1/jobs/" + third), 200).json["problem"]["type"], "tag:tgcalld,2026:cancelled")
        equal(job(d, third)["state"], "failed")
        for id_ in (first, second):
            came_to(d, id_, "done")
        calls = {c["title"]: int(c["id"]) for c in d.sandbox_calls() if c.get("title")}
        equal(sorted(calls), ["first", "second"])
        # The second replaced the first one: that came before.
        equal([c["title"] for c in d.sandbox_calls() if c["state"] != "discarded"], ["second"])


def test_jobs_whose_wait_ended_while_no_daemon_ran_go_on_in_their_order():
    with Remote("flood_wait_max = 1 s") as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_%d" % (3 * PATIENCE_S))
        jobs = []
        for title in ("first", "second", "third"):
            jobs.append(expect(keyed(d, prefer="respond-async", title=title, if_exists="replace"), 202).json["id"])
            until = came_to(d, jobs[-1], "waiting")["until"]
        state = kill(r)
        wait_for("the end of the wait", lambda: time.time() > until + 1)
        start(r, state)
        for id_ in jobs:
            came_to(r.daemon, id_, "done")
        equal([c["title"] for c in r.daemon.sandbox_calls() if c["state"] != "discarded"], ["third"])


# In front of the C library's: the wall clock, so many seconds beside the machine's as a file says.
CLOCK = """
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
    int beside = 0;
    FILE *f = id == CLOCK_REALTIME ? fopen(getenv("BESIDE"), "r") : NULL;
    if (f && fscanf(f, "%d", &beside) != 1)
        beside = 0;
    if (f)
        fclose(f);
    int err = (int)syscall(SYS_clock_gettime, id, t);
    t->tv_sec += beside;
    return err;
}
"""


def test_a_clock_that_is_set_back_makes_no_job_wait_longer():
    if sanitized():
        return "a sanitizer's library has to be the first"
    with Remote("flood_wait_max = 0 s") as r, tempfile.TemporaryDirectory() as folder:
        clock, beside = os.path.join(folder, "clock.so"), os.path.join(folder, "beside")
        built = subprocess.run(["cc", "-x", "c", "-shared", "-fPIC", "-o", clock, "-"], input=CLOCK, text=True)
        equal(built.returncode, 0)
        os.environ.update(LD_PRELOAD=clock, BESIDE=beside)
        try:
            start(r, kill(r))
        finally:
            del os.environ["LD_PRELOAD"]
        d = r.daemon
        d.login("alice", "+15550001")
        d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_3")
        id_ = expect(keyed(d, prefer="respond-async", title="set back"), 202).json["id"]
        came_to(d, id_, "waiting")
        with open(beside, "w") as f:
            f.write("-3600")
        came_to(d, id_, "done")
    return None


def test_what_was_not_sent_is_cancelled():
    with impatient() as r:
        d = r.daemon
        d.fault(type="drop_before", method="phone.createGroupCall", count=0)
        expect(d.create(CHANNEL), 504)
        r.kill_sandbox()
        wait_for("the connection's end", lambda: d.get("/v1/accounts/alice").json["connection"]["state"] != "ready")
        id_ = expect(keyed(d, prefer="respond-async", title="never"), 202).json["id"]
        cancelled = expect(d.request("DELETE", "/v1/jobs/" + id_), 200).json
        equal((cancelled["state"], cancelled["problem"]["type"]), ("failed", "tag:tgcalld,2026:cancelled"))
        equal(expect(d.request("DELETE", "/v1/jobs/" + id_), 200).json, cancelled)


def test_a_job_is_its_accounts_and_a_secret_is_for_who_may_have_it(d):
    call = expect(d.create(GROUP, account="sandbox", if_exists="replace"), 201).json["call"]["id"]
    expect(d.post("/v1/accounts", {"name": "other"}), 201)
    mine = expect(d.post("/v1/tokens", {"name": "mine", "scopes": ["read", "calls"], "accounts": ["sandbox"]}), 201).json["token"]
    theirs = expect(d.post("/v1/tokens", {"name": "theirs", "scopes": ["read", "calls"], "accounts": ["other"]}), 201).json["token"]
    id_ = expect(keyed(d, prefer="respond-async", path="/v1/calls/%s/invite-link" % call), 202).json["id"]
    came_to(d, id_, "done")
    expect(d.get("/v1/jobs/" + id_, token=theirs), 404, "not-found")
    expect(d.request("DELETE", "/v1/jobs/" + id_, token=theirs), 404, "not-found")
    equal(expect(d.get("/v1/jobs", token=theirs), 200).json["jobs"], [])
    check("link" in expect(d.get("/v1/jobs/" + id_, token=mine), 200).json["answer"])
    check(id_ in [j["id"] for j in expect(d.get("/v1/jobs", token=mine), 200).json["jobs"]])
    secret = asked(d, "/v1/peers/%s/rtmp?account=sandbox" % CHANNEL)
    check("key" in secret["answer"])
    check("answer" not in expect(d.get("/v1/jobs/" + secret["id"], token=mine), 200).json)
    for name in ("mine", "theirs"):
        expect(d.request("DELETE", "/v1/tokens/" + name), 204)
    expect(d.request("DELETE", "/v1/accounts/other"), 200)


def asked(d, path, **members):
    """The job of a request, which came to its answer."""
    id_ = expect(keyed(d, prefer="respond-async", path=path, **members), 202).json["id"]
    return check("answer" in (told := came_to(d, id_, "done")) and told, told)


def test_an_answer_is_for_who_could_ask_for_it(d):
    call = expect(d.create(GROUP, account="sandbox", if_exists="replace"), 201).json["call"]["id"]
    tokens = {name: expect(d.post("/v1/tokens", {"name": name, "scopes": scopes}), 201).json["token"] for name, scopes in
              (("reader", ["read"]), ("caller", ["read", "calls"]), ("methodist", ["read", "methods", "secrets"]))}
    for path, members, who in (("/v1/calls/%s/invite-link?account=sandbox" % call, {}, "caller"),
                               ("/v1/methods/help.getConfig?account=sandbox", {}, "methodist"),
                               ("/v1/methods/auth.exportAuthorization?account=sandbox", {"dc_id": 2}, None)):
        told = asked(d, path, **members)
        for name, token in tokens.items():
            heard = expect(d.get("/v1/jobs/" + told["id"], token=token), 200).json
            equal((name, heard), (name, told if name == who else {m: v for m, v in told.items() if m != "answer"}))
    # Nor may others end it.
    secret = asked(d, "/v1/methods/auth.exportAuthorization?account=sandbox", dc_id=2)["id"]
    a = expect(d.request("DELETE", "/v1/jobs/" + secret, token=tokens["caller"]), 403, "forbidden")
    check("methods" in a.json["remedy"], a)
    # A problem too.
    id_ = expect(keyed(d, prefer="respond-async", path="/v1/methods/auth.bindTempAuthKey"), 202).json["id"]
    came_to(d, id_, "failed")
    check("problem" in job(d, id_))
    check("problem" not in expect(d.get("/v1/jobs/" + id_, token=tokens["reader"]), 200).json)
    for name in tokens:
        expect(d.request("DELETE", "/v1/tokens/" + name), 204)


def test_a_title_with_any_character_survives_a_kill():
    with Remote() as r:
        d, key = r.daemon, new_key()
        d.login("alice", "+15550001")
        d.fault(type="no_answer", method="phone.createGroupCall", count=100)
        asker = threading.Thread(target=swallow, args=(keyed, d), kwargs={"key": key, "title": "a\0b"})
        asker.start()
        first, = wait_for("the create", d.sandbox_calls)
        state = kill(r)
        asker.join()
        r.daemon.control = None
        start(r, state)
        d = r.daemon
        d.sandbox("POST", "/clear", {})
        wait_for("alice", lambda: is_on(d, "alice"))
        a = expect(keyed(d, key=key, title="a\0b"), 201)
        equal((a.json["call"]["id"], [c["id"] for c in d.sandbox_calls()]), (first["id"], [first["id"]]))


def invited_job(d):
    """A conference, and the job of inviting two users to it."""
    call = expect(d.post("/v1/calls", {"conference": True}), 201).json["call"]["id"]
    return lambda **more: keyed(d, path="/v1/calls/%s/invitations" % call, users=["@bobby", "@carol"], **more)


def test_who_was_rung_is_not_rung_again_when_the_next_has_to_wait():
    with Remote("flood_wait_max = 1 s") as r:
        d = r.daemon
        d.login("alice", "+15550001")
        invite, counted = invited_job(d), d.counting()
        d.fault(type="delay", method=RING, ms=LATE_MS)
        id_ = expect(invite(prefer="respond-async"), 202).json["id"]
        wait_for("the first ring", lambda: counted(RING))
        d.fault(type="rpc_error", method=RING, code=420, message="FLOOD_WAIT_3")
        told = came_to(d, id_, "done", "failed")
        equal((told["state"], told["status"], told["problem"]["invited"], told["problem"]["user"]), ("failed", 429, ["@bobby"], "@carol"))
        equal(counted(RING), 1)  # what a fault answers is not counted


def test_what_telegram_has_seen_is_done_and_not_asked_again():
    for method, path, members in (("phone.createConferenceCall", "/v1/calls", {"peer": None, "conference": True}),
                                  ("phone.createConferenceCall", "/v1/methods/phone.createConferenceCall", {})):
        with impatient() as r:
            d, key = r.daemon, new_key()
            d.fault(type="no_answer", method=method)
            d.fault(type="rpc_error", method=method, code=500, message="RANDOM_ID_DUPLICATE", count=2)
            late = expect(keyed(d, key=key, path=path, **members), 504, "telegram-timeout", sent=True)
            told = came_to(d, late.json["job"], "failed")["problem"]
            equal((told["executed"], told["telegram"]["message"]), (True, "RANDOM_ID_DUPLICATE"))
            again = keyed(d, key=key, path=path, **members)
            equal((is_replayed(again), again.json["executed"]), (True, True))


def test_who_was_not_rung_is_rung_without_those_who_were():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        invite, counted = invited_job(d), d.counting()
        d.fault(type="delay", method=RING, ms=LATE_MS)
        asked = threading.Thread(target=lambda: answers.append(invite()))
        answers = []
        asked.start()
        wait_for("the first ring", lambda: counted(RING))
        d.fault(type="rpc_error", method=RING, code=420, message="FLOOD_WAIT_60")
        asked.join()
        a = expect(answers[0], 429, "flood-wait", invited=["@bobby"], user="@carol")
        check(a.json["remedy"].startswith("After 60 seconds, not before, invite again only"), a)


def test_the_words_that_wait_are_bounded():
    # Each attempt of each is work, and none comes to anything: there are to be few.
    with Remote("[server]", "request_timeout = 300 s") as r:
        d = r.daemon
        d.login("alice", "+15550001")
        r.kill_sandbox()
        wait_for("the connection's end", lambda: d.get("/v1/accounts/alice").json["connection"]["state"] != "ready")
        answers = []
        while not answers or answers[-1].status == 202:
            check(len(answers) < 100, "no end of them")
            answers.append(d.request("POST", "/v1/methods/messages.sendMessage", {"peer": "me", "message": "x" * 900000},
                                     {"Prefer": "respond-async"}))
        expect(answers[-1], 503, "queue-full")
        check(int(answers[-1].headers["retry-after"]) >= 1)
        check(len(answers) > 30, len(answers))


def test_an_answer_that_is_too_long_to_be_kept_says_so(d):
    key = new_key()
    call = expect(d.create(GROUP, account="sandbox", if_exists="replace"), 201).json["call"]["id"]
    path = "/v1/methods/phone.createConferenceCall?account=sandbox"
    d.fault(type="large", method="phone.createConferenceCall", n=20000)
    first = expect(keyed(d, key=key, path=path, prefer="wait=60"), 200)
    check(len(first.raw) > 600000, len(first.raw))
    expect(keyed(d, key=key, path=path), 409, "answer-lost", executed=True)
    told = job(d, expect(d.get("/v1/jobs?limit=1"), 200).json["jobs"][0]["id"])
    equal((told["state"], told["problem"]["type"], "answer" in told), ("done", "tag:tgcalld,2026:answer-lost", False))


def test_what_was_asked_of_an_account_goes_with_it():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        id_ = expect(keyed(d, prefer="respond-async", title="gone"), 202).json["id"]
        came_to(d, id_, "done")
        expect(d.request("DELETE", "/v1/accounts/alice"), 200)
        expect(d.get("/v1/jobs/" + id_), 404, "not-found")
        equal(expect(d.get("/v1/jobs"), 200).json["jobs"], [])
        state = kill(r)
        equal(change(state, "SELECT count(*) FROM intents"), [(0,)])
        start(r, state)


def test_what_was_asked_for_is_not_done_as_another_user():
    with Remote("flood_wait_max = 0 s") as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_%d" % (6 * PATIENCE_S))
        id_ = expect(keyed(d, key="mine", prefer="respond-async", title="as alice", account="alice"), 202).json["id"]
        came_to(d, id_, "waiting")
        expect(d.post("/v1/accounts/alice/logout"), 200)
        expect(d.post("/v1/accounts/alice/login", {"phone": "+15550003"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/alice/login/code", {"code": "12345"}), 200, state="ready")
        counted = d.counting()
        problem = came_to(d, id_, "failed")["problem"]
        check("another user" in problem["detail"], problem)
        expect(keyed(d, key="mine", title="as alice", account="alice"), 409, "account-not-ready")
        equal(counted("phone.createGroupCall"), 0)


def test_a_journal_that_cannot_be_read_is_told_of_and_nothing_is_done_twice():
    if NODES > 1:
        return ONE_PROCESS  # one that stands by starts, and ends when it takes over
    for column, when, is_fatal in (("order_sealed", 0, True), ("key_hash", 0, True), ("order_sealed", 25 * 3600, False)):
        with Remote() as r:
            d = r.daemon
            d.login("alice", "+15550001")
            expect(keyed(d, key="k", title="once"), 201)
            state = kill(r)
            (row,), = change(state, "SELECT id FROM intents")
            change(state, "UPDATE intents SET %s = ?, created_us = created_us - %d" % (column, when * 1000000), b"\0")
            if is_fatal:
                try:
                    start(r, state)
                    raise SystemError("it started")
                except AssertionError as e:
                    check("put a backup" in str(e) and "DELETE FROM intents WHERE id = %d" % row in str(e), e)
                equal(change(state, "DELETE FROM intents WHERE id = %d RETURNING id" % row), [(row,)])
            start(r, state)
            wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_of_two_requests_with_one_key_the_newer_one_is_remembered():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        expect(keyed(d, key="a", title="a"), 201)
        newer = expect(keyed(d, key="b", title="b", if_exists="replace"), 201)
        state = kill(r)
        # What a disk did not forget when it was told to.
        change(state, "UPDATE intents SET key_hash = (SELECT key_hash FROM intents ORDER BY created_us DESC LIMIT 1)")
        start(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        again = expect(keyed(r.daemon, key="b", title="b", if_exists="replace"), 201)
        check(is_replayed(again), again)
        equal(again.json["call"]["id"], newer.json["call"]["id"])
        check(not is_replayed(expect(keyed(r.daemon, key="a", title="a", if_exists="replace"), 201)))


def test_two_who_ask_at_once_on_two_workers_make_one_call():
    with Remote("[server]", "workers = 3") as r:
        d = r.daemon
        d.login("alice", "+15550001")
        for n in range(5):
            key = new_key()
            answers = at_once(6, lambda i: until_answered(d, key, "twin%d" % n))
            equal(len({a.json["call"]["id"] for a in answers}), 1)
            equal([is_replayed(a) for a in answers].count(False), 1)
            equal(len(made(d, "twin%d" % n)), 1)
        id_ = expect(keyed(d, prefer="respond-async", title="any", if_exists="replace"), 202).json["id"]
        came_to(d, id_, "done")
        equal([j["id"] for j in expect(d.get("/v1/jobs"), 200).json["jobs"]], [id_])


def until_answered(d, key, title):
    while True:
        a = keyed(d, key=key, title=title, if_exists="replace")
        if a.status != 409:
            return expect(a, 201)
        time.sleep(0.01)


if __name__ == "__main__":
    run(globals())
