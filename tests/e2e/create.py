"""POST /v1/calls against the sandbox: every parameter, every form of a peer, every refusal. Runs once for each layer."""
import os
import time

from lib import Daemon, at_once, check, equal, expect, run

LAYER = int(os.environ.get("TGCALLD_TEST_LAYER", "229"))


def group_call_of(answer):
    updates = answer.json["updates"]
    equal(updates["_"], "updates")
    found = [u for u in updates["updates"] if u["_"] == "updateGroupCall" and u["call"]["_"] == "groupCall"]
    check(found, "no updateGroupCall in %r" % answer)
    return found[0]


def test_create_answers_201_with_the_call_and_the_updates(d):
    a = expect(d.create("@sandbox_channel", title="Hello", if_exists="replace"), 201)
    call, update = a.json["call"], group_call_of(a)
    equal(a.headers["location"], "/v1/calls/" + call["id"])
    equal(call["id"], update["call"]["id"])
    equal(call["access_hash"], update["call"]["access_hash"])
    equal((call["account"], call["state"], call["title"]), ("sandbox", "active", "Hello"))
    equal(call["peer"], {"_": "peerChannel", "channel_id": "6001"})
    equal((call["rtmp_stream"], call["participants_count"]), (False, update["call"]["participants_count"]))
    check(isinstance(call["created_at"], int) and abs(call["created_at"] - time.time()) < 120)
    equal(list(a.json), ["call", "updates"])
    # Layer 138 names the chat by a bare id, newer layers by a Peer.
    equal("peer" in update, LAYER > 138)


def test_title_of_64_code_points_is_taken_and_of_65_refused(d):
    title = "\U0001f600" * 64
    equal(expect(d.create("@sandbox_group", title=title, if_exists="replace"), 201).json["call"]["title"], title)
    before = len(d.sandbox_calls())
    a = expect(d.create("@sandbox_group", title=title + "x", if_exists="replace"), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/title")
    equal(len(d.sandbox_calls()), before)


def test_schedule_date_makes_a_scheduled_call(d):
    date = int(time.time()) + 3600
    a = expect(d.create("@sandbox_group", schedule_date=date, if_exists="replace"), 201)
    equal((a.json["call"]["state"], a.json["call"]["schedule_date"]), ("scheduled", date))
    text = time.strftime("%Y-%m-%dT%H:%M:%S+02:00", time.gmtime(date + 7200))
    a = expect(d.create("@sandbox_group", schedule_date=text, if_exists="replace"), 201)
    equal(a.json["call"]["schedule_date"], date)


def test_a_schedule_date_out_of_the_window_is_refused_by_telegram(d):
    for date in (int(time.time()) - 60, int(time.time()) + 9 * 86400, 1, 2**31 - 1):
        a = expect(d.create("@sandbox_group", schedule_date=date, if_exists="replace"), 400, "telegram-refused")
        equal(a.json["telegram"], {"code": 400, "message": "SCHEDULE_DATE_INVALID"})
        check(a.json["remedy"])


def test_rtmp_stream_of_the_creator(d):
    equal(expect(d.create("@sandbox_channel", rtmp_stream=True, if_exists="replace"), 201).json["call"]["rtmp_stream"], True)


def test_the_same_random_id_is_the_same_call(d):
    one = expect(d.create("@sandbox_group", random_id=4711, title="once", if_exists="replace"), 201)
    two = expect(d.create("@sandbox_group", random_id="4711", title="once", if_exists="replace"), 201)
    equal(one.json["call"]["id"], two.json["call"]["id"])
    equal(len(d.sandbox_calls("once")), 1)


def test_every_form_of_a_peer_names_the_channel(d):
    hash_ = d.get("/v1/peers/@sandbox_channel").json["input_peer"]["access_hash"]
    for peer in ("@sandbox_channel", "sandbox_channel", "@Sandbox_Channel", "t.me/sandbox_channel",
                 "https://t.me/sandbox_channel", "http://telegram.me/sandbox_channel/", "-1000000006001", -1000000006001,
                 {"_": "inputPeerChannel", "channel_id": "6001", "access_hash": hash_},
                 {"_": "inputPeerChannel", "channel_id": 6001, "access_hash": int(hash_)}):
        a = expect(d.create(peer, if_exists="replace"), 201)
        equal(a.json["call"]["peer"], {"_": "peerChannel", "channel_id": "6001"})


def test_what_an_answer_calls_a_peer_is_one(d):
    for peer in ("@sandbox_channel", -5001):
        made = expect(d.create(peer, if_exists="replace"), 201).json["call"]
        a = expect(d.create(made["peer"]), 200, existing=True)
        equal(a.json["call"]["id"], made["id"])
        a = expect(d.method("phone.createGroupCall", peer=made["peer"]), 200)
        equal({c["_"] for c in a.json["chats"]}, {"channel" if peer == "@sandbox_channel" else "chat"})
    a = expect(d.method("channels.getFullChannel", channel={"_": "peerChannel", "channel_id": "6001"}), 200)
    equal(a.json["full_chat"]["id"], "6001")
    expect(d.create({"_": "peerChannel", "channel_id": "9999"}), 422, "peer-unknown")
    for peer, pointer in (({"_": "peerChannel"}, "/peer/channel_id"), ({"_": "peerNobody"}, "/peer")):
        a = expect(d.create(peer), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], pointer)


def test_a_basic_group_by_id_and_by_invite_link(d):
    for peer in (-5001, "-5001", "t.me/+sandboxinvite", "https://t.me/joinchat/sandboxinvite",
                 {"_": "inputPeerChat", "chat_id": "5001"}):
        a = expect(d.create(peer, if_exists="replace"), 201)
        equal(a.json["call"]["peer"], {"_": "peerChat", "chat_id": "5001"})


def test_a_supergroup(d):
    a = expect(d.create("@sandbox_group", if_exists="replace"), 201)
    equal(a.json["call"]["peer"], {"_": "peerChannel", "channel_id": "6002"})


def test_private_chats_are_refused_with_peer_id_invalid(d):
    for peer in ("me", "@bobby", "+15550002", 1002, "1002"):
        a = expect(d.create(peer), 400, "telegram-refused")
        equal(a.json["telegram"]["message"], "PEER_ID_INVALID")


def test_a_plain_member_is_told_which_right_is_missing(d):
    for peer in ("@sandbox_readonly", "@sandbox_noright"):
        for if_exists in ("replace", "return"):
            a = expect(d.create(peer, if_exists=if_exists), 400, "telegram-refused")
            equal(a.json["telegram"]["message"], "CHAT_ADMIN_REQUIRED")
            check("Manage video chats" in a.json["remedy"])
            check("GET /v1/peers/%s/preflight?account=sandbox says" % peer in a.json["remedy"], a.json["remedy"])


def test_a_channel_the_account_is_not_in(d):
    for if_exists in ("replace", "return"):
        a = expect(d.create("@sandbox_stranger", if_exists=if_exists), 400, "telegram-refused")
        equal(a.json["telegram"]["message"], "CHANNEL_PRIVATE")


def test_unknown_peers_are_422(d):
    for peer in ("@nobody_has_this_name", "-1000000009999", 999999, "+15559999", "t.me/+unknowninvite"):
        expect(d.create(peer), 422, "peer-unknown")


def test_if_exists_return_gives_the_running_call(d):
    one = expect(d.create("@sandbox_group", title="keep", if_exists="replace"), 201)
    two = expect(d.create("@sandbox_group", title="other"), 200, existing=True)
    equal(two.json["call"]["id"], one.json["call"]["id"])
    equal((two.json["call"]["title"], "updates" in two.json), ("keep", False))


def test_if_exists_fail_is_409_with_the_call(d):
    one = expect(d.create("@sandbox_group", if_exists="replace"), 201)
    a = expect(d.create("@sandbox_group", if_exists="fail"), 409, "call-exists")
    equal(a.json["call"]["id"], one.json["call"]["id"])


def test_if_exists_replace_ends_the_old_call_with_one_request():
    # A daemon of its own: where other tests left calls in doubt, those are asked for at a pace of their own.
    with Daemon("--layer", str(LAYER)) as d:
        one = expect(d.create("@sandbox_group", if_exists="replace"), 201)
        before = d.counts()
        two = expect(d.create("@sandbox_group", if_exists="replace"), 201)
        check(one.json["call"]["id"] != two.json["call"]["id"])
        after = d.counts()
        equal({m: n - before.get(m, 0) for m, n in after.items() if n != before.get(m, 0)}, {"phone.createGroupCall": 1})
        equal(d.get("/v1/calls/" + one.json["call"]["id"]).json["call"]["state"], "discarded")


def test_64_clients_on_one_chat_make_one_call(d):
    call = expect(d.create("-5001", if_exists="replace"), 201).json["call"]
    expect(d.request("DELETE", "/v1/calls/" + call["id"]), 200)
    answers = at_once(64, lambda i: d.create("t.me/+sandboxinvite", title="crowd"))
    equal(sorted(a.status for a in answers), [200] * 63 + [201])
    equal(len({a.json["call"]["id"] for a in answers}), 1)
    equal(len(d.sandbox_calls("crowd")), 1)


def test_members_at_fault_are_named(d):
    before = len(d.sandbox_calls())
    a = expect(d.post("/v1/calls", {"title": 5, "schedule_date": -1, "rtmp_stream": "yes", "if_exists": "maybe", "nonsense": 1}),
               422, "invalid-request")
    equal({e["pointer"] for e in a.json["errors"]},
          {"/peer", "/title", "/schedule_date", "/rtmp_stream", "/if_exists", "/nonsense"})
    for body, pointer in (({"peer": "@x y"}, "/peer"), ({"peer": 0}, "/peer"), ({"peer": "-2000000000001"}, "/peer"),
                          ({"peer": "@sandbox_group", "random_id": 0}, "/random_id"),
                          ({"peer": "@sandbox_group", "random_id": 2**31}, "/random_id"),
                          ({"peer": "@sandbox_group", "schedule_date": 2**31}, "/schedule_date"),
                          ({"peer": {"_": "inputPeerNobody"}}, "/peer")):
        a = expect(d.post("/v1/calls", body), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], pointer)
    equal(len(d.sandbox_calls()), before)


def test_an_input_peer_is_held_to_the_schema(d):
    before = len(d.sandbox_calls())
    channel = {"_": "inputPeerChannel", "channel_id": "6002", "access_hash": "1"}
    for change, pointer in (({"access_hash": None}, "/peer/access_hash"), ({"access_hash": "x"}, "/peer/access_hash"),
                            ({"nonsense": 1}, "/peer/nonsense"), ({"channel_id": "9223372036854775808"}, "/peer/channel_id"),
                            ({"_": "inputPeerEmpty"}, "/peer/channel_id"), ({"_": "inputPeerNotifySettings"}, "/peer")):
        a = expect(d.create({**channel, **change}), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], pointer)
    del channel["access_hash"]
    equal(expect(d.create(channel), 422, "invalid-request").json["errors"][0]["pointer"], "/peer/access_hash")
    equal(expect(d.create({"_": "inputPeerEmpty"}), 422, "invalid-request").json["errors"][0]["pointer"], "/peer")
    equal(len(d.sandbox_calls()), before)


def test_a_random_id_that_telegram_has_seen_says_so(d):
    call = expect(d.create("@sandbox_group", if_exists="replace"), 201).json["call"]["id"]
    d.fault(type="rpc_error", method="phone.createGroupCall", code=500, message="RANDOM_ID_DUPLICATE")
    # The chat has a call, which is the one that was made with it.
    equal(expect(d.create("@sandbox_group", random_id=815, if_exists="replace"), 200, existing=True).json["call"]["id"], call)
    expect(d.request("DELETE", "/v1/calls/" + call), 200)
    d.fault(type="rpc_error", method="phone.createGroupCall", code=500, message="RANDOM_ID_DUPLICATE")
    a = expect(d.create("@sandbox_group", random_id=815), 409, "telegram-refused")
    equal(a.json["telegram"], {"code": 500, "message": "RANDOM_ID_DUPLICATE"})
    check(a.json["remedy"])


def test_what_the_layer_lacks_is_501_with_the_layer_that_has_it(d):
    a = d.method("phone.getGroupCallStreamRtmpUrl", peer="@sandbox_channel", revoke=False)
    if LAYER > 138:
        check(a.problem() != "not-in-layer")
        return
    equal(expect(a, 501, "not-in-layer").json["layer_needed"], 229)
    call = expect(d.create("@sandbox_channel", if_exists="replace"), 201).json["call"]["id"]
    a = expect(d.request("PATCH", "/v1/calls/" + call, {"messages_enabled": True}), 501, "not-in-layer")
    equal(a.json["layer_needed"], 229)


if __name__ == "__main__":
    run(globals(), "--layer", str(LAYER))
