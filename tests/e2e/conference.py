"""Conferences: calls without a chat, of whoever has the link; made, looked at, changed, invited to and ended over REST."""
import re

from fate import LATE_MS, delete, impatient, unanswered
from lib import Daemon, check, equal, expect, run, wait_for
from remote import Remote
from restart import is_on, kill, start
from store import stored


def confer(d, **members):
    return d.post("/v1/calls", {"conference": True, **members})


def conference(d, **members):
    return expect(confer(d, **members), 201).json["call"]


def path(call, what="", account="sandbox"):
    return "/v1/calls/%s%s?account=%s" % (call["id"], what, account)


def invite(d, call, *users):
    return d.post(path(call, "/invitations"), {"users": list(users)})


def test_a_conference_is_a_call_with_a_link_and_no_chat(d):
    a = expect(confer(d), 201)
    call = a.json["call"]
    equal((call["kind"], call["state"], "peer" in call), ("conference", "active", False))
    check(call["invite_link"].startswith("https://t.me/call/"), call)
    equal(a.headers["location"], "/v1/calls/" + call["id"])
    shown, = [u["call"] for u in a.json["updates"]["updates"] if u["_"] == "updateGroupCall"]
    equal((shown["id"], shown["conference"], shown["invite_link"]), (call["id"], True, call["invite_link"]))
    read = expect(d.get(path(call)), 200).json
    equal((read["call"], read["group_call"]["conference"], read["chats"]), (call, True, []))
    check(call["id"] in [c["id"] for c in d.get("/v1/calls").json["calls"]])
    equal(expect(d.create("@sandbox_group", if_exists="replace"), 201).json["call"]["kind"], "group")


def test_each_create_makes_another_but_for_its_random_id(d):
    first, second = conference(d), conference(d, random_id=4711)
    check(first["invite_link"] != second["invite_link"])
    equal(conference(d, random_id="4711")["id"], second["id"])
    expect(delete(d, second["id"]), 200)
    a = expect(confer(d, random_id=4711), 409, "telegram-refused")
    check("random_id" in a.json["remedy"], a)


def test_what_belongs_to_a_chat_goes_with_no_conference(d):
    for member, value in (("peer", "@sandbox_group"), ("title", "x"), ("schedule_date", 2000000000), ("rtmp_stream", True),
                          ("if_exists", "fail"), ("auto_start", True)):
        a = expect(confer(d, **{member: value}), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], ["/" + member])
    for nothing in ({}, {"conference": False}, {"conference": None}):
        a = expect(d.post("/v1/calls", nothing), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], ["/peer"])
    expect(confer(d, conference=1), 422, "invalid-request")
    expect(d.create("@sandbox_group", conference=False, if_exists="replace"), 201)


def test_a_conference_is_changed_and_ended(d):
    call = conference(d)
    a = expect(d.request("PATCH", path(call), {"join_muted": True, "title": "Standup"}), 200)
    equal((a.json["call"]["join_muted"], a.json["call"]["title"], len(a.json["updates"])), (True, "Standup", 2))
    equal(a.json["call"]["invite_link"], call["invite_link"])
    equal(expect(d.post(path(call, "/invite-link")), 200).json, {"link": call["invite_link"]})
    equal(expect(d.get(path(call, "/participants")), 200).json["participants"], [])
    ended = expect(d.request("DELETE", path(call)), 200).json["call"]
    equal((ended["state"], ended["kind"], ended["invite_link"]), ("discarded", "conference", call["invite_link"]))
    equal(expect(d.get(path(call)), 200).json["group_call"]["_"], "groupCallDiscarded")
    expect(invite(d, call, "@bobby"), 404, "not-found")
    expect(d.post(path(call, "/invite-link")), 404, "not-found")


def test_users_are_invited_one_by_one(d):
    call = conference(d)
    a = expect(invite(d, call, "@bobby", "@carol"), 200)
    equal([[u["_"] for u in updates["updates"]] for updates in a.json["updates"]], [["updateNewMessage"]] * 2)
    equal([u["updates"][0]["message"]["peer_id"]["user_id"] for u in a.json["updates"]], ["1002", "1003"])
    # Nobody hears of it where one of them is not known.
    count = d.counting()
    expect(invite(d, call, "@bobby", "@nobody_has_this_name"), 422, "peer-unknown")
    a = expect(invite(d, call, "@bobby", "no name"), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/users/1")
    equal(count("phone.inviteConferenceCallParticipant"), 0)


def test_who_was_invited_before_one_could_not_be_is_told(d):
    call = conference(d)
    count = d.counting()
    # Nobody is invited to where he is himself.
    a = expect(invite(d, call, 1002, "me", "@carol"), 400, "telegram-refused", invited=[1002], user="me")
    equal(a.json["telegram"]["message"], "USER_ID_INVALID")
    equal(count("phone.inviteConferenceCallParticipant"), 2)
    check("not sandbox itself" in a.json["remedy"], a)
    d.fault(type="rpc_error", method="phone.inviteConferenceCallParticipant", code=403, message="USER_PRIVACY_RESTRICTED")
    a = expect(invite(d, call, "@bobby"), 403, "telegram-refused", invited=[], user="@bobby")
    check(path(call, "/invite-link") in a.json["remedy"], a)


def test_a_conference_that_is_gone_is_over(d):
    call = conference(d)
    d.fault(type="rpc_error", method="phone.editGroupCallTitle", code=400, message="GROUPCALL_INVALID")
    d.fault(type="rpc_error", method="phone.getGroupCall", code=400, message="GROUPCALL_INVALID")
    a = expect(d.request("PATCH", path(call), {"title": "x"}), 404, "not-found")
    check("has ended" in a.json["detail"], a)
    equal(expect(d.get(path(call)), 200).json["call"]["state"], "discarded")
    # Who may not manage it is no proof that it is gone.
    call = conference(d)
    d.fault(type="rpc_error", method="phone.editGroupCallTitle", code=403, message="GROUPCALL_FORBIDDEN", count=2)
    expect(d.request("PATCH", path(call), {"title": "x"}), 403, "telegram-refused")
    equal(expect(d.get(path(call)), 200).json["call"]["state"], "active")


def test_a_create_whose_answer_is_late_is_the_same_conference_by_its_random_id():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            d.fault(type=silence, method="phone.createConferenceCall", **({"ms": LATE_MS} if silence == "delay" else {}))
            a = expect(confer(d), 504, "telegram-timeout", sent=True)
            named = check(re.search(r'"random_id": (-?\d+)', a.json["remedy"]), a)
            made = conference(d, random_id=int(named[1]))
            equal([c["id"] for c in d.sandbox_calls()], [made["id"]])


def test_the_late_answer_itself_is_learnt():
    with impatient() as d:
        unanswered(d, "phone.createConferenceCall", "delay", lambda: confer(d))
        call, = wait_for("the late answer", lambda: d.get("/v1/calls").json["calls"])
        equal((call["kind"], [c["id"] for c in d.sandbox_calls()]), ("conference", [call["id"]]))


def test_a_late_answer_to_a_discard_is_believed():
    for silence in ("no_answer", "delay"):
        with impatient() as d:
            call = conference(d)
            unanswered(d, "phone.discardGroupCall", silence, lambda: delete(d, call["id"]))
            equal([c["state"] for c in d.get("/v1/calls").json["calls"]], ["discarded"])


def test_an_invitation_that_was_not_answered_says_whom_it_was_for():
    with impatient() as d:
        call = conference(d)
        d.fault(type="no_answer", method="phone.inviteConferenceCallParticipant")
        a = expect(d.post(path(call, "/invitations", "alice"), {"users": ["@bobby", "@carol"]}), 504, "telegram-timeout",
                   sent=True, invited=[], user="@bobby")
        check("ring" in a.json["remedy"], a)


def test_a_conference_outlives_the_process():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        call = conference(r.daemon)
        call = expect(r.daemon.request("PATCH", path(call, account="alice"), {"title": "Board meeting"}), 200).json["call"]
        wait_for("the call's record", lambda: b"Board meeting" in stored(r.daemon.state))
        check(call["invite_link"].encode() not in stored(r.daemon.state), "the link is in the store as it is")
        start(r, kill(r))
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        equal(expect(r.daemon.get("/v1/calls"), 200).json["calls"], [call])
        equal(expect(r.daemon.post(path(call, "/invite-link", "alice")), 200).json, {"link": call["invite_link"]})
        # Of one that is gone meanwhile the end is learnt, too; also where this process asks once more before it is killed.
        r.daemon.fault(type="rpc_error", method="phone.getGroupCall", code=400, message="GROUPCALL_INVALID", count=100)
        start(r, kill(r))
        wait_for("its end", lambda: [c["state"] for c in r.daemon.get("/v1/calls").json["calls"]] == ["discarded"])
        r.daemon.clear()


def test_an_old_layer_has_no_conferences():
    with Daemon("--layer", "138") as old:
        a = expect(confer(old), 501, "not-in-layer")
        equal(a.json["layer_needed"], 229)


if __name__ == "__main__":
    run(globals())
