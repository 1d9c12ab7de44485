"""The life of a call: list, read, edit, start, end; and what other sessions do to it."""
import time

from lib import check, equal, expect, run


def scheduled(d, **members):
    return expect(d.create("@sandbox_group", schedule_date=int(time.time()) + 3600, if_exists="replace", **members), 201).json["call"]


def test_a_scheduled_call_is_started(d):
    call = scheduled(d)
    a = expect(d.post("/v1/calls/%s/start" % call["id"]), 200)
    equal((a.json["call"]["state"], "schedule_date" in a.json["call"]), ("active", False))
    equal(a.json["updates"]["_"], "updates")
    # Asking for what already is so succeeds.
    equal(expect(d.post("/v1/calls/%s/start" % call["id"]), 200).json["call"]["state"], "active")


def test_delete_ends_the_call_and_again_succeeds(d):
    call = expect(d.create("@sandbox_group", if_exists="replace"), 201).json["call"]
    a = expect(d.request("DELETE", "/v1/calls/" + call["id"]), 200)
    equal(a.json["call"]["state"], "discarded")
    check("ended_at" in a.json["call"] and "duration" in a.json["call"])
    equal(expect(d.request("DELETE", "/v1/calls/" + call["id"]), 200).json["call"]["state"], "discarded")


def already(d, method, message):
    d.fault(type="rpc_error", method=method, code=400, message=message)


def test_what_is_so_already_is_a_success_of_that_and_of_nothing_else(d):
    call = scheduled(d)["id"]
    already(d, "phone.startScheduledGroupCall", "GROUPCALL_ALREADY_STARTED")
    a = expect(d.post("/v1/calls/%s/start" % call), 200)
    equal((a.json["call"]["state"], "schedule_date" in a.json["call"], "updates" in a.json), ("active", False, False))
    already(d, "phone.toggleGroupCallSettings", "GROUPCALL_NOT_MODIFIED")
    equal(expect(d.request("PATCH", "/v1/calls/" + call, {"join_muted": True}), 200).json["updates"], [])
    already(d, "phone.editGroupCallTitle", "GROUPCALL_ALREADY_STARTED")
    expect(d.request("PATCH", "/v1/calls/" + call, {"title": "x"}), 400, "telegram-refused")
    already(d, "phone.editGroupCallTitle", "GROUPCALL_ALREADY_DISCARDED")
    check("ended" in expect(d.request("PATCH", "/v1/calls/" + call, {"title": "x"}), 404, "not-found").json["detail"])
    equal(expect(d.get("/v1/calls/" + call), 200).json["call"]["state"], "discarded")
    call = scheduled(d)["id"]
    already(d, "phone.discardGroupCall", "GROUPCALL_ALREADY_DISCARDED")
    equal(expect(d.request("DELETE", "/v1/calls/" + call), 200).json["call"]["state"], "discarded")


def test_get_reads_the_call_from_telegram(d):
    call = expect(d.create("@sandbox_group", title="read me", if_exists="replace"), 201).json["call"]
    a = expect(d.get("/v1/calls/" + call["id"]), 200)
    equal(list(a.json), ["call", "group_call", "participants", "participants_next_offset", "chats", "users"])
    equal((a.json["group_call"]["_"], a.json["group_call"]["title"]), ("groupCall", "read me"))
    equal(a.json["call"]["id"], call["id"])
    expect(d.get("/v1/calls/%s?limit=10" % call["id"]), 200)
    expect(d.get("/v1/calls/%s?limit=ten" % call["id"]), 422, "invalid-request")


def test_unknown_calls_are_404(d):
    expect(d.get("/v1/calls/123456789"), 404, "not-found")
    expect(d.get("/v1/calls/nonsense"), 404)
    expect(d.request("DELETE", "/v1/calls/123456789"), 404, "not-found")


def test_a_call_that_an_account_does_not_know_is_found_as_its_remedy_says(d):
    call = expect(d.create("@sandbox_group", if_exists="replace"), 201).json["call"]["id"]
    d.login("late", "+15550001")
    a = expect(d.get("/v1/calls/%s?account=late" % call), 404, "not-found")
    check("GET /v1/calls?account=late" in a.json["remedy"] and "preflight?account=late" in a.json["remedy"], a)
    equal(expect(d.get("/v1/peers/@sandbox_group/preflight?account=late"), 200).json["running_call"]["id"], call)
    expect(d.get("/v1/calls/%s?account=late" % call), 200)
    expect(d.request("DELETE", "/v1/accounts/late"), 200)


def test_patch_changes_the_title_and_the_settings(d):
    call = expect(d.create("@sandbox_group", title="old", if_exists="replace"), 201).json["call"]
    a = expect(d.request("PATCH", "/v1/calls/" + call["id"], {"title": "new"}), 200)
    equal((a.json["call"]["title"], len(a.json["updates"])), ("new", 1))
    equal(d.get("/v1/calls/" + call["id"]).json["group_call"]["title"], "new")
    expect(d.request("PATCH", "/v1/calls/" + call["id"], {}), 422, "invalid-request")
    expect(d.request("PATCH", "/v1/calls/" + call["id"], {"nonsense": 1}), 422, "invalid-request")


def test_the_list_has_filters_and_pages(d):
    ids = [expect(d.create("@sandbox_channel", if_exists="replace"), 201).json["call"]["id"] for _ in range(5)]
    every = d.get("/v1/calls?limit=500").json["calls"]
    equal([c["id"] for c in every if c["id"] in ids], ids)
    got, cursor = [], ""
    while cursor is not None:
        page = expect(d.get("/v1/calls?limit=3" + ("&cursor=" + cursor if cursor else "")), 200).json
        check(len(page["calls"]) <= 3)
        got += [c["id"] for c in page["calls"]]
        cursor = page.get("next_cursor")
    equal(got, [c["id"] for c in every])
    active = d.get("/v1/calls?state=active&peer=@sandbox_channel").json["calls"]
    equal([c["id"] for c in active], ids[-1:])
    expect(d.get("/v1/calls?state=odd"), 422, "invalid-request")
    for cursor in ("odd", "sandbox:x", "sandbox:9223372036854775808"):
        expect(d.get("/v1/calls?cursor=" + cursor), 422, "invalid-request")


def test_another_session_that_replaces_the_call_is_noticed(d):
    d.login("second", "+15550001")
    mine = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "account": "sandbox", "if_exists": "replace"}), 201).json["call"]
    theirs = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "account": "second", "if_exists": "replace"}), 201).json["call"]
    from lib import wait_for
    wait_for("the update", lambda: [c for c in d.get("/v1/calls?account=sandbox&limit=500").json["calls"]
                                    if c["id"] == mine["id"] and c["state"] == "discarded"])
    a = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "account": "sandbox"}), 200, existing=True)
    equal(a.json["call"]["id"], theirs["id"])
    expect(d.post("/v1/calls", {"peer": "@sandbox_group"}), 422, "account-required")
    expect(d.request("DELETE", "/v1/accounts/second"), 200)


def test_a_peer_is_shown_with_its_input_form(d):
    a = expect(d.get("/v1/peers/@sandbox_channel"), 200)
    equal((a.json["input_peer"]["_"], a.json["chat"]["username"]), ("inputPeerChannel", "sandbox_channel"))
    equal(expect(d.get("/v1/peers/me"), 200).json["user"]["first_name"], "Alice")
    equal(expect(d.get("/v1/peers/t.me%2F%2Bsandboxinvite"), 200).json["input_peer"], {"_": "inputPeerChat", "chat_id": "5001"})
    equal(expect(d.get("/v1/peers/%2B15550002"), 200).json["user"]["username"], "bobby")
    expect(d.get("/v1/peers/a%00b"), 400, "bad-json")
    expect(d.get("/v1/peers/no%20name"), 422)


def test_any_method_of_the_layer_by_its_name(d):
    a = expect(d.method("help.getNearestDc"), 200)
    equal(a.json["_"], "nearestDc")
    a = expect(d.method("channels.getFullChannel", channel="@sandbox_group"), 200)
    equal(a.json["full_chat"]["id"], "6002")
    a = expect(d.method("users.getUsers", id=["me", "@bobby", 1002]), 200)
    equal([u["id"] for u in a.json], ["1001", "1002", "1002"])
    a = expect(d.method("phone.createGroupCall", peer="@sandbox_channel", title="raw"), 200)
    equal(a.json["_"], "updates")
    expect(d.method("help.getNothing"), 404, "not-found")
    a = expect(d.method("phone.createGroupCall", peer="@sandbox_channel", titel="raw"), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/titel")
    # Words of flags never show, whichever layer calls them so.
    a = expect(d.method("phone.createGroupCall", peer="@sandbox_channel", flags=1), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/flags")
    # All that is missing is told at once, and nobody is asked who is meant.
    a = expect(d.method("phone.editGroupCallTitle", call={"_": "inputGroupCall"}), 422, "invalid-request")
    equal([e["pointer"] for e in a.json["errors"]], ["/call/id", "/call/access_hash", "/title"])
    for params, pointer in (({"id": ["me", "@bad name"]}, "/id/1"), ({"id": ["me"] * 257}, "")):
        equal(expect(d.method("users.getUsers", **params), 422, "invalid-request").json["errors"][0]["pointer"], pointer)
    # What is logged in is not moved by a method of a login.
    a = expect(d.method("auth.sendCode", phone_number="+15550003", api_id=1, api_hash="x", settings={"_": "codeSettings"}), 409, "exists")
    check("logout" in a.json["remedy"], a)
    expect(d.get("/v1/accounts/sandbox"), 200, state="ready", dc=1)
    for forbidden in ("invokeWithLayer", "initConnection", "auth.bindTempAuthKey"):
        expect(d.method(forbidden), 403, "forbidden")


if __name__ == "__main__":
    run(globals())
