"""What is done to a call and in it: invitations, links, participants, recording, subscription, signalling; and what is asked of
its chat: whom to join as, where to stream to, what the account may do."""
import time

from fate import impatient, unanswered
from lib import Daemon, check, equal, expect, run, wait_for

GROUP = "@sandbox_group"


def call_in(d, peer=GROUP, **members):
    return expect(d.create(peer, **{"account": "sandbox", "if_exists": "replace", **members}), 201).json["call"]["id"]


def act(d, verb, call, what, body=None, account="sandbox"):
    return d.request(verb, "/v1/calls/%s/%s?account=%s" % (call, what, account), body)


def second(d):
    """Bob, who is in the group and may not manage its calls."""
    d.login("bob", "+15550002", password="correct horse")
    return "bob"


def known_to(d, account, call):
    equal(expect(d.create(GROUP, account=account), 200).json["call"]["id"], call)


def chat(d, verb, peer, what, body=None):
    return d.request(verb, "/v1/peers/%s/%s?account=sandbox" % (peer, what), body)


def join(d, call, source, account="sandbox", **members):
    return expect(act(d, "POST", call, "join", {"params": {"ssrc": source}, **members}, account), 200)


def updates_of(answer, name):
    return [u for u in answer.json["updates"]["updates"] if u["_"] == name]


def test_users_are_invited(d):
    call = call_in(d)
    a = expect(act(d, "POST", call, "invitations", {"users": ["@bobby"]}), 200)
    equal(list(a.json), ["updates"])
    action = updates_of(a, "updateNewChannelMessage")[0]["message"]["action"]
    equal((action["_"], action["users"]), ("messageActionInviteToGroupCall", ["1002"]))
    a = expect(act(d, "POST", call, "invitations", {"users": [1002]}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "USER_ALREADY_INVITED")
    expect(act(d, "POST", call, "invitations", {"users": ["@carol"]}), 403, "telegram-refused")
    a = expect(act(d, "POST", call, "invitations", {"users": []}), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/users")
    expect(act(d, "POST", call, "invitations", {"users": ["@bobby"] * 11}), 422, "invalid-request")
    a = expect(act(d, "POST", call, "invitations", {"users": ["@bobby", "no name", True]}), 422, "invalid-request")
    equal([e["pointer"] for e in a.json["errors"]], ["/users/1", "/users/2"])
    unknown = expect(act(d, "POST", call, "invitations", {"users": ["@alice", "@nobody_has_this_name"]}), 422, "peer-unknown")
    check("@nobody_has_this_name" in unknown.json["detail"], unknown.json)


def test_a_link_invites_to_listen_or_to_speak(d):
    call = call_in(d)
    equal(expect(act(d, "POST", call, "invite-link"), 200).json, {"link": "https://t.me/sandbox_group?videochat"})
    speaks = expect(act(d, "POST", call, "invite-link", {"can_self_unmute": True}), 200).json["link"]
    check(speaks.startswith("https://t.me/sandbox_group?videochat="), speaks)
    expect(d.request("PATCH", "/v1/calls/" + call, {"reset_invite_hash": True}), 200)
    check(expect(act(d, "POST", call, "invite-link", {"can_self_unmute": True}), 200).json["link"] != speaks)
    a = expect(act(d, "POST", call_in(d, "-5001"), "invite-link"), 403, "telegram-refused")
    equal(a.json["telegram"]["message"], "PUBLIC_CHANNEL_MISSING")


def test_who_joins_is_a_participant_until_he_leaves(d):
    call = call_in(d)
    a = join(d, call, 3000000001, muted=True)
    equal(list(a.json), ["updates", "connection"])
    check("transport" in a.json["connection"], a)
    listed = expect(act(d, "GET", call, "participants"), 200).json
    equal(list(listed), ["participants", "count", "version", "chats", "users"])
    equal((listed["count"], len(listed["participants"])), (1, 1))
    alice = listed["participants"][0]
    # The same 32 bits, as TL has them.
    equal((alice["peer"], alice["source"], alice["muted"]), ({"_": "peerUser", "user_id": "1001"}, 3000000001 - 2**32, True))
    equal(expect(act(d, "POST", call, "check", {"sources": [3000000001, 7]}), 200).json, {"sources": [3000000001 - 2**32]})
    expect(act(d, "POST", call, "leave", {"source": 3000000001}), 200)
    equal(expect(act(d, "GET", call, "participants"), 200).json["participants"], [])
    a = expect(act(d, "POST", call, "check", {"sources": [7]}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "GROUPCALL_JOIN_MISSING")


def test_the_words_of_a_media_engine_go_through_as_they_are(d):
    call = call_in(d)
    expect(act(d, "POST", call, "join", {"params": '{ "ssrc": 5, "pwd": "a\\u00e9", "n": 1.50 }'}), 200)
    a = expect(act(d, "POST", call, "join", {"params": {"ufrag": "x"}}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "DATA_JSON_INVALID")
    for bad in ("", "nonsense", "[1]", 7, ["x"], '{"a": 1'):
        a = expect(act(d, "POST", call, "join", {"params": bad}), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], "/params")
    expect(act(d, "POST", call, "join", {"params": {"x": "y" * 70000}}), 422, "invalid-request")
    expect(act(d, "POST", call, "leave", {"source": 2**32}), 422, "invalid-request")
    expect(act(d, "POST", call, "leave", {}), 422, "invalid-request")
    expect(act(d, "POST", call, "leave", {"source": 5}), 200)


def test_a_participant_is_changed(d):
    bob, call = second(d), call_in(d)
    known_to(d, bob, call)
    join(d, call, 11)
    join(d, call, 12, bob)
    a = expect(act(d, "PATCH", call, "participants/@bobby", {"muted": True, "volume": 5000}), 200)
    changed = updates_of(a, "updateGroupCallParticipants")[0]["participants"][0]
    equal((changed["muted"], changed["volume"], changed["peer"]), (True, 5000, {"_": "peerUser", "user_id": "1002"}))
    expect(act(d, "PATCH", call, "participants/me", {"raise_hand": True}, bob), 200)
    a = expect(act(d, "PATCH", call, "participants/me", {"muted": False}, bob), 403, "telegram-refused")
    equal(a.json["telegram"]["message"], "GROUPCALL_FORBIDDEN")
    for body in ({}, {"volume": 0}, {"volume": 20001}, {"muted": "yes"}, {"loud": True}):
        expect(act(d, "PATCH", call, "participants/@bobby", body), 422, "invalid-request")
    expect(act(d, "PATCH", call, "participants/a%00b", {"muted": True}), 400, "bad-json")
    expect(act(d, "PATCH", call, "participants/@carol", {"muted": True}), 400, "telegram-refused")
    expect(d.request("DELETE", "/v1/accounts/bob"), 200)


def test_participants_come_in_pages(d):
    bob, call = second(d), call_in(d)
    known_to(d, bob, call)
    join(d, call, 21)
    join(d, call, 22, bob)
    page = expect(act(d, "GET", call, "participants"), 200).json
    equal((page["count"], len(page["participants"]), "next_cursor" in page), (2, 2, False))
    # A cursor is Telegram's offset in hexadecimal: "1" is behind the first.
    rest = expect(d.get("/v1/calls/%s/participants?account=sandbox&cursor=31" % call), 200).json
    equal(rest["participants"], page["participants"][1:])
    for cursor in ("x", "3", "zz", "31" * 600):
        expect(d.get("/v1/calls/%s/participants?account=sandbox&cursor=%s" % (call, cursor)), 422, "invalid-request")
    expect(d.get("/v1/calls/%s/participants?account=sandbox&limit=0" % call), 422, "invalid-request")
    expect(d.request("DELETE", "/v1/accounts/bob"), 200)


def test_recording_starts_and_ends(d):
    call = call_in(d)
    a = expect(act(d, "PUT", call, "recording", {"title": "Minutes"}), 200)
    check(updates_of(a, "updateGroupCall")[0]["call"]["record_start_date"] > 0)
    equal(expect(act(d, "PUT", call, "recording"), 200).json, {})
    a = expect(act(d, "DELETE", call, "recording"), 200)
    check("record_start_date" not in updates_of(a, "updateGroupCall")[0]["call"])
    equal(expect(act(d, "DELETE", call, "recording"), 200).json, {})
    a = expect(act(d, "PUT", call, "recording", {"video": True}), 200)
    check(updates_of(a, "updateGroupCall")[0]["call"]["record_video_active"])
    expect(act(d, "DELETE", call, "recording"), 200)
    expect(act(d, "PUT", call, "recording", {"video": True, "video_portrait": True}), 200)
    for video in ({}, {"video": False}):
        a = expect(act(d, "PUT", call, "recording", {"video_portrait": True, **video}), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], "/video_portrait")


def test_a_start_is_subscribed_to(d):
    call = call_in(d, schedule_date=int(time.time()) + 3600)
    a = expect(act(d, "PUT", call, "subscription"), 200)
    check(updates_of(a, "updateGroupCall")[0]["call"]["schedule_start_subscribed"])
    equal(expect(act(d, "PUT", call, "subscription"), 200).json, {})
    expect(act(d, "DELETE", call, "subscription"), 200)
    expect(d.post("/v1/calls/%s/start" % call), 200)
    a = expect(act(d, "PUT", call, "subscription"), 403, "telegram-refused")
    equal(a.json["telegram"]["message"], "GROUPCALL_ALREADY_STARTED")


def test_what_is_said_is_said_once(d):
    call = call_in(d)
    join(d, call, 51)
    expect(d.request("PATCH", "/v1/calls/%s?account=sandbox" % call, {"messages_enabled": True}), 200)
    said = expect(act(d, "POST", call, "messages", {"text": "hello", "random_id": "42"}), 200)
    message = updates_of(said, "updateGroupCallMessage")[0]["message"]
    equal(message["message"]["text"], "hello")
    again = expect(act(d, "POST", call, "messages", {"text": "hello", "random_id": 42}), 200)
    equal([u["message"]["id"] for u in updates_of(again, "updateGroupCallMessage")] or [message["id"]], [message["id"]])
    other = updates_of(expect(act(d, "POST", call, "messages", {"text": "hello"}), 200), "updateGroupCallMessage")[0]["message"]
    check(other["id"] != message["id"], other)
    expect(act(d, "DELETE", call, "messages", {"ids": [message["id"]]}), 200)
    for body in ({}, {"text": ""}, {"text": "x", "stars": -1}, {"text": "x", "random_id": "x"}):
        expect(act(d, "POST", call, "messages", body), 422, "invalid-request")
    expect(act(d, "DELETE", call, "messages", {"ids": []}), 422, "invalid-request")


def test_an_ended_call_is_told_with_the_one_that_runs(d):
    call = call_in(d)
    other = call_in(d)
    for verb, what, body in (("POST", "invitations", {"users": ["@bobby"]}), ("POST", "invite-link", None),
                             ("GET", "participants", None), ("PUT", "recording", None),
                             ("POST", "join", {"params": {"ssrc": 1}}), ("POST", "check", {"sources": [1]}),
                             ("PATCH", "participants/me", {"muted": True})):
        a = expect(act(d, verb, call, what, body), 404, "not-found")
        check("/v1/calls/" + other in a.json["remedy"], a)
    expect(act(d, "POST", "123456789", "invite-link"), 404, "not-found")


def test_whom_to_join_as(d):
    a = expect(chat(d, "GET", "@sandbox_group", "join-as"), 200)
    equal(list(a.json), ["peers", "chats", "users"])
    equal(a.json["peers"], [{"_": "peerUser", "user_id": "1001"}, {"_": "peerChannel", "channel_id": "6001"}])
    equal(expect(chat(d, "PUT", "@sandbox_group", "join-as", {"join_as": "@sandbox_channel"}), 204).raw, b"")
    a = expect(chat(d, "PUT", "@sandbox_group", "join-as", {"join_as": "@bobby"}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "JOIN_AS_PEER_INVALID")
    expect(chat(d, "PUT", "@sandbox_group", "join-as", {}), 422, "invalid-request")
    call = call_in(d)
    a = join(d, call, 31, join_as="@sandbox_channel")
    equal(updates_of(a, "updateGroupCallParticipants")[0]["participants"][0]["peer"], {"_": "peerChannel", "channel_id": "6001"})
    a = expect(act(d, "POST", call, "invitations", {"users": ["@bobby"]}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "INVITE_FORBIDDEN_WITH_JOINAS")


def test_where_to_stream_to(d):
    a = expect(chat(d, "POST", "@sandbox_channel", "rtmp"), 200)
    equal(list(a.json), ["url", "key", "ffmpeg"])
    check(a.json["ffmpeg"].endswith("'%s%s'" % (a.json["url"], a.json["key"])), a)
    equal(expect(chat(d, "POST", "@sandbox_channel", "rtmp"), 200).json["key"], a.json["key"])
    check(expect(chat(d, "POST", "@sandbox_channel", "rtmp", {"revoke": True}), 200).json["key"] != a.json["key"])
    equal(expect(chat(d, "POST", "@sandbox_readonly", "rtmp"), 400, "telegram-refused").json["telegram"]["message"], "CHAT_ADMIN_REQUIRED")
    key = a.json["key"].split(":")[1]
    check(key not in d.log(), "the key is in the log")
    # So that it is none of the next test's.
    equal(len(keys_told(d, 0, wait=60)), 1)


def test_that_a_stream_key_is_another_one_is_an_event_without_the_key(d):
    newest = expect(d.get("/v1/events?wait=0"), 200).json["next"]
    # Not the chat whose key was revoked before, which may be told of only now.
    secrets = [expect(chat(d, "POST", "@sandbox_group", "rtmp", body), 200).json["key"] for body in ({"revoke": True}, None)]
    expect(chat(d, "POST", "@sandbox_readonly", "rtmp", {"revoke": True}), 400, "telegram-refused")
    expect(chat(d, "POST", "@sandbox_channel", "rtmp", {"rotated_by": "live"}), 422, "invalid-request")
    found = []
    while not found:
        got = expect(d.get("/v1/events?wait=60&types=stream_key&after=%d" % newest), 200)
        found = [e for e in got.json["events"] if e["data"]["peer"]["channel_id"] == "6002"]
        newest = got.json["next"]
    event, = found
    equal(event["event"], "stream_key")
    equal({m: v for m, v in event["data"].items() if m != "received_at"},
          {"account": "sandbox", "peer": {"_": "peerChannel", "channel_id": "6002"}, "rotated_by": "request"})
    check(not [s for s in secrets if s.encode() in got.raw], "the key is in the event")


METHOD = "phone.getGroupCallStreamRtmpUrl"


def revoke_by_method(d, account, peer="@sandbox_channel", revoke=True):
    return d.post("/v1/methods/%s?account=%s" % (METHOD, account), {"peer": peer, "revoke": revoke})


def keys_told(d, after, wait=0):
    return [(e["data"]["account"], e["data"]["peer"]["channel_id"], e["data"]["rotated_by"])
            for e in expect(d.get("/v1/events?wait=%d&types=stream_key&after=%d" % (wait, after)), 200).json["events"]]


def test_a_key_that_is_revoked_by_the_method_itself_is_told_too(d):
    newest = expect(d.get("/v1/events?wait=0"), 200).json["next"]
    key = expect(revoke_by_method(d, "sandbox", revoke=False), 200).json["key"]
    expect(revoke_by_method(d, "sandbox", "@sandbox_readonly"), 400, "telegram-refused")
    check(expect(revoke_by_method(d, "sandbox"), 200).json["key"] != key)
    equal(keys_told(d, newest, wait=60), [("sandbox", "6001", "request")])


def test_a_key_whose_revocation_was_answered_too_late_is_told_all_the_same():
    with impatient() as d:
        ways = (lambda: d.post("/v1/peers/@sandbox_channel/rtmp?account=alice", {"revoke": True}), lambda: revoke_by_method(d, "alice"))
        for n, way in enumerate(ways, 1):
            newest = expect(d.get("/v1/events?wait=0"), 200).json["next"]
            unanswered(d, METHOD, "delay", way)
            equal(wait_for("the late answer", lambda: keys_told(d, newest)), [("alice", "6001", "request")])
            equal(len(keys_told(d, 0)), n)


def test_a_preflight_says_what_is_missing_with_names(d):
    a = expect(chat(d, "GET", "@sandbox_channel", "preflight"), 200)
    equal((a.json["can_create"], a.json["can_stream"], a.json["missing"]), (True, True, []))
    call = call_in(d)
    a = expect(chat(d, "GET", "@sandbox_group", "preflight"), 200)
    equal(a.json["running_call"]["id"], call)
    a = expect(chat(d, "GET", "@sandbox_noright", "preflight"), 200)
    equal((a.json["can_create"], a.json["can_stream"]), (False, False))
    equal([m["right"] for m in a.json["missing"]], ["manage_call", "creator"])
    check("Alice in Sandbox noright" in a.json["missing"][0]["remedy"], a)
    a = expect(chat(d, "GET", "@bobby", "preflight"), 200)
    equal((a.json["can_create"], [m["right"] for m in a.json["missing"]]), (False, ["chat"]))
    # Each is what Telegram then says.
    expect(d.create("@sandbox_noright"), 400, "telegram-refused")
    expect(d.create("@bobby"), 400, "telegram-refused")


def test_an_old_layer_lacks_some_of_it(d):
    with Daemon("--layer", "138") as old:
        equal(expect(chat(old, "POST", "@sandbox_channel", "rtmp"), 501, "not-in-layer").json["layer_needed"], 229)
        call = call_in(old)
        a = expect(act(old, "POST", call, "messages", {"text": "hello"}), 501, "not-in-layer")
        equal(a.json["layer_needed"], 229)
        a = join(old, call, 41)
        check("transport" in a.json["connection"], a)
        equal(expect(act(old, "GET", call, "participants"), 200).json["count"], 1)
        expect(act(old, "PUT", call, "recording", {"title": "x"}), 200)
        expect(act(old, "POST", call, "invitations", {"users": ["@bobby"]}), 200)
        equal(expect(chat(old, "GET", "@sandbox_noright", "preflight"), 200).json["can_create"], False)
        expect(act(old, "POST", call, "leave", {"source": 41}), 200)


if __name__ == "__main__":
    run(globals())
