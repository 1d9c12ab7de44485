"""What Telegram says of a call that is not so: GROUPCALL_INVALID and _FORBIDDEN are believed after one more look only, what is so
already is a success, and of a change that went half through it is told which half. Each route, in both layers."""
from call_acts import call_in, join
from lib import Daemon, check, equal, expect, run

LAYERS = (138, 229)
GROUP = "@sandbox_group"
SCHEDULED = {"schedule_date": 1}  # an hour ahead
IN_IT = {"joins": True}

# method, how it is asked for, the call that it needs, which layers have it
ROUTES = (
    ("phone.getGroupCall", "GET", "", None, {}, LAYERS),
    ("phone.editGroupCallTitle", "PATCH", "", {"title": "another"}, {}, LAYERS),
    ("phone.toggleGroupCallSettings", "PATCH", "", {"join_muted": True}, {}, LAYERS),
    ("phone.startScheduledGroupCall", "POST", "/start", {}, SCHEDULED, LAYERS),
    ("phone.discardGroupCall", "DELETE", "", None, {}, LAYERS),
    ("phone.inviteToGroupCall", "POST", "/invitations", {"users": ["@bobby"]}, {}, LAYERS),
    ("phone.exportGroupCallInvite", "POST", "/invite-link", {}, {}, LAYERS),
    ("phone.getGroupParticipants", "GET", "/participants", None, {}, LAYERS),
    ("phone.editGroupCallParticipant", "PATCH", "/participants/me", {"muted": True}, IN_IT, LAYERS),
    ("phone.toggleGroupCallRecord", "PUT", "/recording", {"title": "x"}, {}, LAYERS),
    ("phone.toggleGroupCallStartSubscription", "PUT", "/subscription", {}, SCHEDULED, LAYERS),
    ("phone.joinGroupCall", "POST", "/join", {"params": {"ssrc": 9}}, {}, LAYERS),
    ("phone.leaveGroupCall", "POST", "/leave", {"source": 5}, IN_IT, LAYERS),
    ("phone.checkGroupCall", "POST", "/check", {"sources": [5]}, IN_IT, LAYERS),
    ("phone.sendGroupCallMessage", "POST", "/messages", {"text": "hello"}, IN_IT, (229,)),
)


def daemons():
    for layer in LAYERS:
        with Daemon("--layer", str(layer)) as d:
            yield layer, d


def new_call(d, needs):
    members = {"schedule_date": d.sandbox("GET", "/state")["now"] + 3600} if needs is SCHEDULED else {}
    call = call_in(d, **members)
    if needs is IN_IT:
        join(d, call, 5)
    return call


def ask(d, call, verb, what, body):
    return d.request(verb, "/v1/calls/%s%s?account=sandbox" % (call, what), body)


def says(d, method, message, count=1, code=400):
    d.fault(type="rpc_error", method=method, code=code, message=message, count=count)


def test_a_call_that_lives_is_looked_at_once_and_asked_once_more():
    for layer, d in daemons():
        for method, verb, what, body, needs, layers in ROUTES:
            for code, message in ((400, "GROUPCALL_INVALID"), (403, "GROUPCALL_FORBIDDEN")):
                if layer in layers:
                    call = new_call(d, needs)
                    says(d, method, message, code=code)
                    a = ask(d, call, verb, what, body)
                    check(a.status == 200, (layer, method, message, a))
                    d.all_struck()


def test_what_is_said_twice_is_believed():
    for layer, d in daemons():
        for method, verb, what, body, needs, layers in ROUTES:
            # The look is by that method too, and then it is said three times.
            times = 3 if method == "phone.getGroupCall" else 2
            for code, message, status in ((400, "GROUPCALL_INVALID", 404), (403, "GROUPCALL_FORBIDDEN", 403)):
                if layer in layers and times == 2:
                    call = new_call(d, needs)
                    says(d, method, message, count=times, code=code)
                    a = ask(d, call, verb, what, body)
                    check(a.status == status and a.json["remedy"], (layer, method, message, a))
                    d.all_struck()


def test_a_call_that_another_took_the_place_of_is_told_with_that_one():
    for layer, d in daemons():
        for method, verb, what, body, needs, layers in ROUTES:
            # What has ended can be looked at, and ended.
            if layer in layers and method not in ("phone.getGroupCall", "phone.discardGroupCall"):
                call = new_call(d, needs)
                d.fault(type="lost_update", count=2)
                d.login("second", "+15550001")
                running = expect(d.create(GROUP, account="second", if_exists="replace"), 201).json["call"]["id"]
                d.clear()
                a = expect(ask(d, call, verb, what, body), 404, "not-found")
                equal(a.json["running_call"]["id"], running)
                expect(d.request("DELETE", "/v1/accounts/second"), 200)


def test_what_is_so_already_is_done():
    for layer, d in daemons():
        for method, verb, what, body, needs, layers in ROUTES:
            reads = verb == "GET" or what in ("/invite-link", "/check", "/invitations", "/join", "/messages")
            if layer in layers and not reads:
                call = new_call(d, needs)
                says(d, method, "GROUPCALL_NOT_MODIFIED")
                a = expect(ask(d, call, verb, what, body), 200)
                check(not a.json.get("updates"), (layer, method, a))
        for method, message, verb, what, needs, state in (
                ("phone.startScheduledGroupCall", "GROUPCALL_ALREADY_STARTED", "POST", "/start", SCHEDULED, "active"),
                ("phone.discardGroupCall", "GROUPCALL_ALREADY_DISCARDED", "DELETE", "", {}, "discarded")):
            call = new_call(d, needs)
            says(d, method, message, code=403)
            equal(expect(ask(d, call, verb, what, None), 200).json["call"]["state"], state)


def test_of_a_change_that_went_half_through_it_is_told_which_half():
    for layer, d in daemons():
        call = new_call(d, {})
        says(d, "phone.editGroupCallTitle", "CHAT_ADMIN_REQUIRED")
        a = expect(ask(d, call, "PATCH", "", {"title": "x", "join_muted": True}), 400, "telegram-refused")
        equal(a.json["applied"], ["join_muted"])
        equal((d.get("/v1/calls/" + call).json["call"]["join_muted"], a.json["telegram"]["message"]),
              (True, "CHAT_ADMIN_REQUIRED"))
        # What comes first and fails is all that was tried.
        says(d, "phone.toggleGroupCallSettings", "CHAT_ADMIN_REQUIRED")
        a = expect(ask(d, call, "PATCH", "", {"title": "x", "join_muted": False}), 400, "telegram-refused")
        check("applied" not in a.json, a)
        check(expect(d.get("/v1/calls/" + call), 200).json["call"].get("title") != "x")
        # The last of three.
        says(d, "phone.getGroupCall", "CHAT_ADMIN_REQUIRED")
        a = expect(ask(d, call, "PATCH", "", {"title": "y", "join_muted": False, "auto_start": True}), 400, "telegram-refused")
        equal(a.json["applied"], ["join_muted", "title"])
        # And what was so already is half of it, too.
        says(d, "phone.toggleGroupCallSettings", "GROUPCALL_NOT_MODIFIED")
        a = expect(ask(d, call, "PATCH", "", {"title": "z", "join_muted": False}), 200)
        equal((a.json["call"]["title"], len(a.json["updates"])), ("z", 1))


if __name__ == "__main__":
    run(globals())
