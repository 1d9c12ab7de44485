"""Tokens over REST: made, listed, bound, expired, revoked; kept over a restart and a full disk's refusal."""
import json
import os
import stat
import time

from lib import Daemon, check, equal, expect, run


def make(d, name, *scopes, **more):
    return expect(d.post("/v1/tokens", {"name": name, "scopes": list(scopes), **more}), 201).json


def asked(d, token, method="GET", path="/v1/calls?account=sandbox", body=None):
    return d.request(method, path, body, {"Authorization": "Bearer " + token}, token=False)


def listed(d, name):
    return [t for t in expect(d.get("/v1/tokens"), 200).json["tokens"] if t["name"] == name]


def test_a_token_is_shown_once_and_may_what_it_says(d):
    made = make(d, "reader", "read")
    equal(list(made), ["name", "scopes", "created_at", "token"])
    check(made["token"].startswith("tgc_") and abs(made["created_at"] - time.time()) < 60, made)
    expect(asked(d, made["token"]), 200)
    expect(asked(d, made["token"], "POST", "/v1/calls", {"peer": "@sandbox_group"}), 403, "forbidden")
    expect(asked(d, made["token"], path="/v1/tokens"), 403, "forbidden")
    row = listed(d, "reader")[0]
    equal((row["scopes"], "token" in row, "hash" in row), (["read"], False, False))
    check(abs(row["last_used_at"] - time.time()) < 60, row)
    state = os.path.join(d.state, "tokens.json")
    equal(stat.S_IMODE(os.stat(state).st_mode), 0o600)
    check(made["token"] not in open(state).read() + d.log())


def test_names_are_taken_once(d):
    make(d, "twice", "read")
    a = expect(d.post("/v1/tokens", {"name": "twice", "scopes": ["admin"]}), 409, "exists")
    check("/v1/tokens/twice" in a.json["remedy"], a)
    equal(listed(d, "twice")[0]["scopes"], ["read"])


def test_what_is_wrong_is_said(d):
    for body, pointer in (({"scopes": ["read"]}, "/name"), ({"name": "A", "scopes": ["read"]}, "/name"), ({"name": "a"}, "/scopes"),
                          ({"name": "a", "scopes": []}, "/scopes"), ({"name": "a", "scopes": ["write"]}, "/scopes/0"),
                          ({"name": "a", "scopes": ["read"], "accounts": []}, "/accounts"),
                          ({"name": "a", "scopes": ["read"], "accounts": ["No"]}, "/accounts/0"),
                          ({"name": "a", "scopes": ["read"], "expires_at": 1000}, "/expires_at"),
                          ({"name": "a", "scopes": ["read"], "token": "mine"}, "/token")):
        a = expect(d.post("/v1/tokens", body), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], [pointer])
    expect(d.request("DELETE", "/v1/tokens/nobody"), 404, "not-found")
    expect(d.request("DELETE", "/v1/tokens/No"), 404, "not-found")


def test_a_bound_token_sees_its_accounts_alone(d):
    bound = make(d, "bound", "read", accounts=["elsewhere"])
    equal(bound["accounts"], ["elsewhere"])
    expect(asked(d, bound["token"]), 404, "not-found")
    equal(expect(asked(d, bound["token"], path="/v1/accounts"), 200).json["accounts"], [])


def test_what_is_secret_needs_its_scope_by_whichever_route(d):
    rtmp = "phone.getGroupCallStreamRtmpUrl"
    ask = {"peer": "@sandbox_channel", "revoke": False}
    few, more = make(d, "few", "methods", "calls")["token"], make(d, "more", "methods", "secrets")["token"]
    a = expect(asked(d, few, "POST", "/v1/methods/" + rtmp, ask), 403, "forbidden")
    check("secrets" in a.json["remedy"], a)
    expect(asked(d, few, "POST", "/v1/peers/@sandbox_channel/rtmp"), 403, "forbidden")
    expect(asked(d, more, "POST", "/v1/methods/" + rtmp, ask), 200)
    expect(asked(d, more, "POST", "/v1/methods/auth.logOut", {}), 403, "forbidden")


def test_a_body_that_is_cut_is_not_quoted(d):
    for body in (b'{"password": "correct horse', b'{"password": "a", "password": "correct horse"}', b'{"x": correct horse}'):
        a = expect(d.request("POST", "/v1/accounts/sandbox/login/password", body), 400, "bad-json")
        check(b"correct" not in a.raw and a.json["line"] == 1, a)


def test_a_token_ends_at_its_time(d):
    short = make(d, "short", "read", expires_at=int(time.time()) + 6)
    expect(asked(d, short["token"]), 200)
    from lib import wait_for
    wait_for("the end of the token", lambda: asked(d, short["token"]).status == 401)
    equal(listed(d, "short")[0]["expires_at"], short["expires_at"])
    expect(d.request("DELETE", "/v1/tokens/short"), 204)


def test_a_revoked_token_opens_nothing(d):
    gone = make(d, "gone", "read", "calls")
    expect(asked(d, gone["token"]), 200)
    equal(expect(d.request("DELETE", "/v1/tokens/gone"), 204).raw, b"")
    expect(asked(d, gone["token"]), 401, "unauthorized")
    expect(d.request("DELETE", "/v1/tokens/gone"), 404, "not-found")
    equal(listed(d, "gone"), [])
    # Its name is free again, and the new one is another.
    check(make(d, "gone", "read")["token"] != gone["token"])
    expect(asked(d, gone["token"]), 401, "unauthorized")


def test_the_last_admin_stays(d):
    a = expect(d.request("DELETE", "/v1/tokens/admin"), 409, "exists")
    check("token reset" in a.json["remedy"], a)
    make(d, "other", "admin", expires_at=int(time.time()) + 3600)
    half = make(d, "half", "admin", accounts=["sandbox"])["token"]
    # Who is bound makes no token that is not.
    for verb, path, body in (("GET", "/v1/tokens", None), ("POST", "/v1/tokens", {"name": "whole", "scopes": ["admin"]}),
                             ("DELETE", "/v1/tokens/other", None)):
        expect(asked(d, half, verb, path, body), 403, "forbidden")
    expect(d.request("DELETE", "/v1/tokens/admin"), 409, "exists")
    other = make(d, "another", "admin")["token"]
    expect(asked(d, other, "DELETE", "/v1/tokens/another"), 204)
    expect(d.get("/v1/tokens"), 200)


def test_tokens_outlive_the_daemon(d):
    with Daemon() as first:
        kept = make(first, "kept", "read", accounts=["sandbox"])["token"]
        revoked = make(first, "revoked", "read")["token"]
        expect(asked(first, kept), 200)
        expect(first.request("DELETE", "/v1/tokens/revoked"), 204)
        before = listed(first, "kept")[0]
        first.end_cleanly()
        with Daemon(state=first.state) as second:
            expect(asked(second, revoked), 401, "unauthorized")
            after = listed(second, "kept")[0]
            equal({k: after[k] for k in before}, before)
            expect(asked(second, kept), 200)


def test_a_change_that_cannot_be_written_is_none(d):
    # Where a folder stands in the file's place, even root can put none there.
    kept = open(os.path.join(d.state, "tokens.json")).read()
    os.rename(os.path.join(d.state, "tokens.json"), os.path.join(d.state, "aside"))
    os.mkdir(os.path.join(d.state, "tokens.json"))
    os.mkdir(os.path.join(d.state, "tokens.json", "full"))
    try:
        names = [t["name"] for t in expect(d.get("/v1/tokens"), 200).json["tokens"]]
        a = expect(d.post("/v1/tokens", {"name": "lost", "scopes": ["read"]}), 500, "internal")
        check("nothing was changed" in a.json["detail"], a)
        expect(d.request("DELETE", "/v1/tokens/" + [n for n in names if n != "admin"][0]), 500, "internal")
        equal([t["name"] for t in expect(d.get("/v1/tokens"), 200).json["tokens"]], names)
    finally:
        os.rmdir(os.path.join(d.state, "tokens.json", "full"))
        os.rmdir(os.path.join(d.state, "tokens.json"))
        os.rename(os.path.join(d.state, "aside"), os.path.join(d.state, "tokens.json"))
    equal(json.loads(kept), json.load(open(os.path.join(d.state, "tokens.json"))))
    make(d, "after", "read")


if __name__ == "__main__":
    run(globals())
