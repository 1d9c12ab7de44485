"""Tokens over REST: made, listed, bound, expired, revoked; kept over restarts, kills, and a store's refusal."""
import contextlib
import hashlib
import itertools
import json
import os
import random
import resource
import shutil
import signal
import tempfile
import threading
import time

from lib import Daemon, Process, check, equal, expect, run, wait_for
from restart import fill
from store import NODES, ONE_PROCESS, OWN_SANDBOX, POSTGRESQL, server, stored, url


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
    kept = stored(d.state)
    check(made["token"] not in d.log() and made["token"].encode() not in kept)
    check(hashlib.sha256(made["token"].encode()).digest() not in kept, "the hash is not sealed")


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


@contextlib.contextmanager
def refusing(d):
    """A store that takes nothing: a full disk, or a server that does not answer."""
    if POSTGRESQL:
        server("freeze")
        yield "database server"
        server("thaw")
        wait_for("the server's return", lambda: d.get("/readyz").status == 200)
    else:
        fill(d, max(os.stat(os.path.join(d.state, "store.db-wal")).st_size, os.stat(d.errors.name).st_size + 16384))
        yield "disk"
        resource.prlimit(d.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_change_that_cannot_be_written_is_none():
    if NODES > 1:
        return ONE_PROCESS  # without the database only the one that has the accounts answers
    with Daemon() as d:
        kept = make(d, "kept", "read")["token"]
        with refusing(d) as why:
            answers = []
            asking = [threading.Thread(target=lambda ask=ask: answers.append(ask())) for ask in
                      (lambda: d.post("/v1/tokens", {"name": "lost", "scopes": ["read"]}), lambda: d.request("DELETE", "/v1/tokens/kept"))]
            for thread in asking:
                thread.start()
            # Who is there goes in meanwhile.
            expect(asked(d, kept), 200)
            for thread in asking:
                thread.join()
            for a in answers:
                expect(a, 500, "internal")
                check(("nothing was changed" in a.json["detail"] or "not known" in a.json["detail"]) and why in a.json["detail"], a)
            equal([t["name"] for t in expect(d.get("/v1/tokens"), 200).json["tokens"]], ["admin", "kept"])
            expect(asked(d, kept), 200)
        # Whatever became of them, it is made again as it is asked for.
        expect(asked(d, make(d, "lost", "read")["token"]), 200)
        expect(d.request("DELETE", "/v1/tokens/kept"), 204)
        d.end_cleanly()
        with Daemon(state=d.state) as second:
            equal([t["name"] for t in expect(second.get("/v1/tokens"), 200).json["tokens"]], ["admin", "lost"])
            expect(asked(second, kept), 401, "unauthorized")


def changing(d, said, numbers):
    """Makes token after token and revokes the first of each two, until nobody answers."""
    with contextlib.suppress(Exception):  # it was killed; SAID has what was promised before
        for n in numbers:
            name = "t%d" % n
            said[name] = "asked for"
            said[name] = make(d, name, "read")["token"]
            if n % 2:
                token, said[name] = said[name], ("revoking", said[name])
                expect(d.request("DELETE", "/v1/tokens/" + name), 204)
                said[name] = ("revoked", token)


def killed(p, state):
    p.process.send_signal(signal.SIGKILL)
    p.process.wait()
    p.end_cleanly = lambda: None
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(state, "listen"))


def test_what_was_answered_holds_when_the_daemon_is_killed():
    said, rng, state, numbers = {}, random.Random(1), None, itertools.count()
    for _ in range(6):
        with Daemon(state=state) as d:
            state = d.state
            there = {t["name"] for t in expect(d.get("/v1/tokens"), 200).json["tokens"]}
            for name, what in said.items():
                if what == "asked for":
                    # It is there or is not, and then it can be made.
                    expect(d.post("/v1/tokens", {"name": name, "scopes": ["read"]}), 409 if name in there else 201)
                    expect(d.request("DELETE", "/v1/tokens/" + name), 204)
                elif isinstance(what, tuple):
                    check(what[0] == "revoking" or name not in there, what)
                    equal(asked(d, what[1]).status, 200 if name in there else 401)
                else:
                    expect(asked(d, what), 200)
            said = {name: what for name, what in said.items() if what != "asked for"}
            known = len(said)
            asking = threading.Thread(target=changing, args=(d, said, numbers))
            asking.start()
            wait_for("a few", lambda: len(said) > known + 5)
            time.sleep(rng.random() * 0.02)
            killed(d, state)
            asking.join()
    check(len(said) > 20, said)


def tokens_file(state, tokens):
    """As an older version kept them."""
    with open(os.path.join(state, "tokens.json"), "w") as f:
        json.dump({"tokens": [{"name": "n%d" % n, "hash": hashlib.sha256(token.encode()).hexdigest(),
                               "scopes": ["read" if n else "admin"], "created_at": 1} for n, token in enumerate(tokens)]}, f)
    with open(os.path.join(state, "admin.token"), "w") as f:
        f.write(tokens[0] + "\n")


def test_the_file_of_an_older_version_is_taken_over_once_whenever_it_is_killed():
    if NODES > 1:
        return OWN_SANDBOX
    tokens = ["tgc_%043d" % n for n in range(200)]
    state, rng = tempfile.mkdtemp(), random.Random(2)
    tokens_file(state, tokens)
    for n in range(8):
        words = ("--store", url(state)) if POSTGRESQL else ()
        with Process("--sandbox", "--listen", "127.0.0.1:0", "--state-dir", state, *words) as p:
            with contextlib.suppress(AssertionError):
                wait_for("the take-over", lambda: "tokens.json are in the store" in p.log(), rng.random() * 0.4)
            killed(p, state)
    with Daemon(state=state) as d:
        equal(d.token, tokens[0])
        check("a token with all scopes was made" not in d.log(), d.log())
        check(not os.path.exists(os.path.join(state, "tokens.json")) and os.path.exists(os.path.join(state, "tokens.json.taken")))
        equal({t["name"] for t in expect(d.get("/v1/tokens"), 200).json["tokens"]}, {"n%d" % n for n in range(200)})
        expect(asked(d, tokens[199]), 200)
        expect(d.request("DELETE", "/v1/tokens/n199"), 204)
        # One that comes back is none that counts.
        shutil.copy(os.path.join(state, "tokens.json.taken"), os.path.join(state, "tokens.json"))
        d.end_cleanly()
        with Daemon(state=state) as second:
            expect(asked(second, tokens[199]), 401, "unauthorized")
            check("tokens.json is not read" in second.log(), second.log())
            expect(asked(second, tokens[198]), 200)
    return None


def test_a_daemon_elsewhere_that_has_the_same_database_has_its_tokens():
    if not POSTGRESQL or NODES > 1:
        return OWN_SANDBOX if NODES > 1 else "the store is a file of the one daemon"
    with Daemon() as d:
        mine = make(d, "mine", "read")["token"]
        d.end_cleanly()
        other = tempfile.mkdtemp()
        shutil.copy(os.path.join(d.state, "seal.key"), other)
        with Process("--sandbox", "--listen", "127.0.0.1:0", "--state-dir", other, "--store", url(d.state)) as p:
            wait_for("the daemon", lambda: os.path.exists(os.path.join(other, "listen")))
            check(not os.path.exists(os.path.join(other, "admin.token")))
            check("the tokens that count are those in the database" in p.log(), p.log())
            with open(os.path.join(other, "listen")) as f:
                d.host, d.port = f.readline().strip().removeprefix("http://").rsplit(":", 1)
            wait_for("the account", lambda: asked(d, mine).status == 200)
            expect(d.get("/v1/tokens"), 200)
            expect(d.request("DELETE", "/v1/tokens/mine"), 204)
            expect(asked(d, mine), 401, "unauthorized")
    return None


if __name__ == "__main__":
    run(globals())
