"""Bad days: waits, drops, lost and doubled answers, a data centre that dies. Each intent makes exactly one call."""
import json
import os
import socket
import threading
import time

from lib import Daemon, at_once, check, equal, expect, run, sanitized, wait_for
from remote import Remote

# What of a daemon that is impatient has to succeed, a key exchange too, is done within this.
PATIENCE_S = 8 if sanitized() else 3


def once(d, title, **members):
    """One create, which must succeed and have made exactly one call."""
    a = expect(d.create("@sandbox_group", title=title, if_exists="replace", **members), 201)
    equal(a.json["call"]["title"], title)
    equal(len(d.sandbox_calls(title)), 1)
    return a


def test_a_short_flood_wait_is_waited_out(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_1")
    began = time.monotonic()
    once(d, "short wait")
    check(time.monotonic() - began >= 1)


def test_a_flood_wait_of_0_waits_a_second(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_0")
    began = time.monotonic()
    once(d, "no wait")
    check(time.monotonic() - began >= 1)


def test_a_long_flood_wait_is_429_and_not_asked_again(d):
    d.login("flooded", "+15550001")
    body = {"peer": "@sandbox_group", "account": "flooded", "if_exists": "replace"}
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_300")
    a = expect(d.post("/v1/calls", body), 429, "flood-wait")
    equal((a.headers["retry-after"], a.json["telegram"]["parameter"]), ("300", 300))
    before = d.counts().get("phone.createGroupCall", 0)
    a = expect(d.post("/v1/calls", body), 429, "flood-wait")
    check(290 <= int(a.headers["retry-after"]) <= 300)
    equal(d.counts().get("phone.createGroupCall", 0), before)
    equal(d.get("/v1/accounts/flooded").json["flood_waits"][0]["method"], "phone.createGroupCall")
    expect(d.request("DELETE", "/v1/accounts/flooded"), 200)


def test_a_connection_dropped_before_the_method_ran(d):
    d.fault(type="drop_before", method="phone.createGroupCall")
    once(d, "drop before")


def test_a_connection_dropped_after_the_method_ran(d):
    d.fault(type="drop_after", method="phone.createGroupCall")
    once(d, "drop after")


def test_several_drops_in_a_row(d):
    # Once it was executed, a repeated request meets no fault of its method's.
    d.fault(type="drop_before", method="phone.createGroupCall", count=3)
    d.fault(type="drop_after", method="phone.createGroupCall")
    once(d, "drops")


def test_an_answer_that_comes_twice(d):
    d.fault(type="duplicate", method="phone.createGroupCall")
    once(d, "twice")


def test_a_gzipped_answer(d):
    d.fault(type="gzip", method="phone.createGroupCall")
    once(d, "gzip")


def test_a_refused_salt(d):
    took = []
    for i in range(5):
        d.fault(type="bad_server_salt")
        began = time.monotonic()
        once(d, "salt %d" % i)
        took.append(time.monotonic() - began)
    # Each is sent again with the new salt at once, not when it is asked for; whatever else keeps the machine busy.
    check(min(took) < 1.6, took)


def test_each_refusal_of_a_message(d):
    for code in (16, 17, 20, 32, 33):
        d.fault(type="bad_msg", code=code)
        once(d, "bad msg %d" % code)


def test_a_session_that_the_server_forgot(d):
    d.fault(type="forget_session")
    once(d, "forgotten session")


def test_a_transport_error(d):
    d.fault(type="transport_error", code=-500)
    once(d, "transport error")


def test_server_trouble_is_tried_again_with_the_same_random_id(d):
    d.fault(type="rpc_error", method="phone.createGroupCall", code=500, message="RPC_CALL_FAIL")
    d.fault(type="rpc_error", method="phone.createGroupCall", code=-503, message="Timeout")
    once(d, "trouble")


def test_a_logged_in_account_follows_its_home():
    with Daemon() as d:
        d.fault(type="migrate", dc=2, method="phone.createGroupCall")
        answers = at_once(8, lambda i: d.create("@sandbox_group", title="moved"))
        equal(sorted(a.status for a in answers), [200] * 7 + [201])
        equal(len(d.sandbox_calls("moved")), 1)
        expect(d.get("/v1/accounts/sandbox"), 200, state="ready", dc=2)
        once(d, "at home again")


def test_a_move_survives_trouble_on_either_side():
    for method in ("auth.exportAuthorization", "auth.importAuthorization"):
        for error in ((500, "RPC_CALL_FAIL"), (-503, "Timeout"), (420, "FLOOD_WAIT_1")):
            d = Daemon()
            try:
                d.fault(type="rpc_error", method=method, code=error[0], message=error[1])
                d.fault(type="migrate", dc=2, method="phone.createGroupCall")
                once(d, "moved")
                expect(d.get("/v1/accounts/sandbox"), 200, state="ready", dc=2)
            finally:
                equal(d.end(), 0)
                d.forget()


def test_an_answer_that_was_lost_is_asked_for(d):
    d.fault(type="no_answer", method="phone.editGroupCallTitle")
    call = expect(d.create("@sandbox_channel", if_exists="replace"), 201).json["call"]["id"]
    expect(d.request("PATCH", "/v1/calls/" + call, {"title": "late"}), 200)
    equal([c["title"] for c in d.sandbox_calls() if c["id"] == call], ["late"])


def test_an_answer_that_never_comes_is_504_and_the_call_exists_once():
    with Remote("[server]", "request_timeout = %ds" % PATIENCE_S) as r:
        r.daemon.login("alice", "+15550001")
        r.daemon.fault(type="no_answer", method="phone.createGroupCall")
        expect(r.daemon.create("@sandbox_group", title="late", if_exists="replace"), 504, "telegram-timeout")
        equal(len(r.daemon.sandbox_calls("late")), 1)
        once(r.daemon, "after the late one")


def test_refusals_come_back_with_their_names(d):
    call = expect(d.create("@sandbox_channel", if_exists="replace"), 201).json["call"]["id"]
    for code, message, status, slug in ((403, "GROUPCALL_CHANGE_FORBIDDEN", 403, "telegram-refused"),
                                        (404, "METHOD_INVALID", 404, "telegram-refused"),
                                        (406, "SOMETHING_NEW", 409, "telegram-refused"),
                                        (303, "USER_MIGRATE_9", 502, "telegram-unavailable"),
                                        (400, "A_NAME_NOBODY_KNOWS", 400, "telegram-refused"),
                                        (405, "A_CODE_NOBODY_KNOWS", 400, "telegram-refused")):
        d.fault(type="rpc_error", method="phone.editGroupCallTitle", code=code, message=message)
        a = expect(d.request("PATCH", "/v1/calls/" + call, {"title": "x"}), status, slug)
        equal((a.json["telegram"]["code"], a.json["telegram"]["message"]), (code, message))


def test_what_telegram_says_of_an_invite_is_not_guessed_at(d):
    d.login("invited", "+15550003")
    # Each link is another: that one leads nowhere is remembered for a while.
    for n, (code, message, status, slug) in enumerate(((400, "INVITE_HASH_EXPIRED", 422, "peer-unknown"),
                                                       (400, "ODD", 400, "telegram-refused"),
                                                       (400, "FROZEN_METHOD_INVALID", 409, "account-not-ready"))):
        d.fault(type="rpc_error", method="messages.checkChatInvite", code=code, message=message)
        expect(d.get("/v1/peers/t.me%%2F%%2Bsandboxinvite%d?account=invited" % n), status, slug)
    expect(d.get("/v1/accounts/invited"), 200, state="frozen")
    expect(d.request("DELETE", "/v1/accounts/invited"), 200)


def test_a_client_that_vanishes_leaves_nothing_behind(d):
    open_files = "/proc/%d/fd" % d.process.pid
    before = len(os.listdir(open_files))
    d.fault(type="delay", method="phone.createGroupCall", ms=300)
    body = json.dumps({"peer": "@sandbox_group", "title": "gone", "if_exists": "replace"}).encode()
    s = socket.create_connection((d.host, int(d.port)))
    s.sendall(b"POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"
              b"Content-Length: %d\r\n\r\n%s" % (d.token.encode(), len(body), body))
    wait_for("the call", lambda: d.sandbox_calls("gone"))
    s.close()
    once(d, "after the one who left")
    wait_for("the end of its connection", lambda: len(os.listdir(open_files)) <= before)


def test_an_oversized_body_is_413_before_any_of_it_is_sent(d):
    s = socket.create_connection((d.host, int(d.port)))
    s.sendall(b"POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"
              b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % (d.token.encode(), (1 << 20) + 1))
    check(s.recv(65536).startswith(b"HTTP/1.1 413 "))
    s.close()


def test_nested_json_is_refused_without_a_crash(d):
    deep = b'{"peer":' * 3000 + b"1" + b"}" * 3000
    check(d.request("POST", "/v1/calls", deep).status in (400, 422))
    body = {"_": "inputPeerChannelFromMessage", "channel_id": "1", "msg_id": 1, "peer": {}}
    for _ in range(200):
        body = {"_": "inputPeerChannelFromMessage", "channel_id": "1", "msg_id": 1, "peer": body}
    expect(d.method("channels.getFullChannel", channel=body), 422, "invalid-request")


def test_every_framing_against_a_standalone_sandbox():
    for transport in ("abridged", "intermediate", "padded", "full"):
        for obfuscated in ("no", "yes") if transport != "full" else ("no",):
            with Remote("transport = " + transport, "obfuscated = " + obfuscated) as r:
                r.daemon.login("alice", "+15550001")
                once(r.daemon, transport)


def test_stored_answers_are_creates_of_their_own():
    with Remote(sandbox=["--stored-answers"]) as r:
        r.daemon.login("alice", "+15550001")
        made = []
        for _ in range(6):
            a = expect(r.daemon.create("@sandbox_group", title="again", if_exists="replace"), 201)
            equal(a.json["call"]["title"], "again")
            made.append(a.json["call"]["id"])
            if len(made) > 1:
                ended = expect(r.daemon.get("/v1/calls/" + made[-2]), 200)
                equal(ended.json["call"]["state"], "discarded")
        equal(len(set(made)), 6)
        # Two were true ones: the one that found no call in the chat, and the one that ended a call there.
        equal(len(r.daemon.sandbox_calls()), 2)
        expect(r.daemon.create("@sandbox_group", title="another", if_exists="replace"), 201)
        equal(len(r.daemon.sandbox_calls()), 3)


def test_a_data_centre_that_is_not_there_is_a_clear_504():
    with Remote() as r:
        r.kill_sandbox()
        expect(r.daemon.get("/readyz"), 503, "no-account")
        expect(r.daemon.post("/v1/accounts", {"name": "alice"}), 201)
        state = os.path.join(r.dir, "slow")
        with open(r.config, "a") as f:
            f.write("[server]\nrequest_timeout = %ds\n" % PATIENCE_S)
        with Daemon(config=r.config, state=state) as d:
            expect(d.post("/v1/accounts", {"name": "alice"}), 201)
            a = expect(d.post("/v1/accounts/alice/login", {"phone": "+15550001"}), 504, "telegram-timeout")
            check("connection refused" in a.json["detail"], a)


def test_a_data_centre_that_dies_mid_call_and_comes_back():
    # The next one may be long in coming, and is dialled with pauses.
    with Remote("[server]", "request_timeout = 300 s") as r:
        r.daemon.login("alice", "+15550001")
        r.daemon.fault(type="delay", method="phone.createGroupCall", ms=20000)
        answers = []
        client = threading.Thread(target=lambda: answers.append(r.daemon.post(
            "/v1/calls", {"peer": "@sandbox_group", "if_exists": "replace"}, timeout=400)))
        client.start()
        wait_for("the request at the data centre", lambda: r.daemon.counts().get("phone.createGroupCall"))
        r.kill_sandbox()
        # A data centre that lost its keys answers -404: the login is gone, and the account says so.
        r.start_sandbox(r.ready["dc1"], r.ready["dc2"])
        r.daemon.control = r.ready["control"]
        client.join()
        expect(answers[0], 409, "account-not-ready")
        expect(r.daemon.get("/v1/accounts/alice"), 200, state="revoked")
        expect(r.daemon.post("/v1/accounts/alice/login", {"phone": "+15550001"}), 200, state="wait_code")
        expect(r.daemon.post("/v1/accounts/alice/login/code", {"code": "12345"}), 200, state="ready")
        once(r.daemon, "after the crash")


def test_a_key_that_is_not_the_servers_is_refused():
    with Remote() as r:
        wrong = os.path.join(r.dir, "wrong.conf")
        production = os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "keys", "production.pem")
        with open(r.config) as f, open(wrong, "w") as g:
            g.write(f.read().replace(r.key, production) + "[server]\nrequest_timeout = %ds\n" % PATIENCE_S)
        with Daemon(config=wrong, state=os.path.join(r.dir, "wrong")) as d:
            expect(d.post("/v1/accounts", {"name": "alice"}), 201)
            a = expect(d.post("/v1/accounts/alice/login", {"phone": "+15550001"}), 504, "telegram-timeout")
            check("key exchange" in a.json["detail"], a)


if __name__ == "__main__":
    run(globals())
