"""Webhooks by the API: made, changed and forgotten; what is refused, to whom and for which address; that no secret is told."""

from lib import check, equal, expect, run
from receiver import Receiver
from store import stored


def make(d, r, name, **more):
    return expect(d.post("/v1/webhooks", {"name": name, "url": r.url, **more}), 201).json


def view(d, name):
    return expect(d.get("/v1/webhooks/" + name), 200).json


def forget(d, *names):
    for name in names:
        expect(d.request("DELETE", "/v1/webhooks/" + name), 204)


# --- the API ---

def test_one_is_made_shown_and_forgotten(d):
    with Receiver() as r:
        a = expect(d.post("/v1/webhooks", {"name": "shown", "url": r.url, "types": ["call", "gap"], "account": "sandbox"}), 201)
        equal(a.headers["location"], "/v1/webhooks/shown")
        check(a.json["secret"].startswith("whsec_"), a)
        seen = view(d, "shown")
        check(seen.pop("pending") >= 0)
        equal(seen, {"name": "shown", "url": r.url, "types": ["call", "gap"], "account": "sandbox", "state": "active"})
        equal([h["name"] for h in expect(d.get("/v1/webhooks"), 200).json["webhooks"]], ["shown"])
        expect(d.post("/v1/webhooks", {"name": "shown", "url": r.url}), 409, "exists")
        equal(expect(d.request("PATCH", "/v1/webhooks/shown", {"types": []}), 200).json["types"], [])
        other = expect(d.request("PATCH", "/v1/webhooks/shown", {"url": r.url + "/2"}), 200).json
        equal((other["url"], other["account"]), (r.url + "/2", "sandbox"))
        forget(d, "shown")
        for verb, path in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/rotate"), ("POST", "/replay"), ("GET", "/deliveries")):
            expect(d.request(verb, "/v1/webhooks/shown" + path, {} if verb == "POST" else None), 404, "not-found")
        expect(d.request("PATCH", "/v1/webhooks/shown", {"paused": True}), 404, "not-found")
        equal(expect(d.get("/v1/webhooks"), 200).json["webhooks"], [])


def test_what_is_wrong_is_pointed_to(d):
    good = {"name": "a", "url": "http://127.0.0.1:9/"}
    for change, pointer in (({"name": "A"}, "/name"), ({"name": None}, "/name"), ({"url": None}, "/url"), ({"url": ""}, "/url"),
                            ({"url": "http://127.0.0.1/" + "x" * 2048}, "/url"), ({"url": 7}, "/url"), ({"types": "call"}, "/types"),
                            ({"types": ["call", 7]}, "/types/1"), ({"types": ["call"] * 33}, "/types"), ({"types": ["", "call"]}, "/types/0"),
                            ({"types": ["call", "no type at all"]}, "/types/1"), ({"types": ["shedule"]}, "/types/0"), ({"types": ["update"]}, "/types/0"), ({"account": "No"}, "/account"), ({"secret": "whsec_mine"}, "/secret")):
        body = {k: v for k, v in {**good, **change}.items() if v is not None}
        a = expect(d.post("/v1/webhooks", body), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], [pointer])
    expect(d.post("/v1/webhooks", {**good, "account": "nobody"}), 404, "not-found")
    with Receiver() as r:
        make(d, r, "judged")
        for body, pointer in (({"url": "ftp://127.0.0.1/"}, "/url"), ({"types": ["no type"]}, "/types/0"), ({"paused": 1}, "/paused"),
                              ({"name": "b"}, "/name"), ({}, "")):
            a = expect(d.request("PATCH", "/v1/webhooks/judged", body), 422, "invalid-request")
            equal([e["pointer"] for e in a.json["errors"]], [pointer])
        for query, pointer in (("state=lost", "/state"), ("limit=0", "/limit"), ("colour=red", "/colour")):
            a = expect(d.get("/v1/webhooks/judged/deliveries?" + query), 422, "invalid-request")
            equal([e["pointer"] for e in a.json["errors"]], [pointer])
        expect(d.get("/v1/webhooks/judged/deliveries?cursor=nonsense"), 422, "invalid-request")
        expect(d.post("/v1/webhooks/judged/replay", {"after": -1}), 422, "invalid-request")
        equal(view(d, "judged")["state"], "active")
        forget(d, "judged")


def test_only_an_admin_of_all_accounts_may(d):
    few = expect(d.post("/v1/tokens", {"name": "few", "scopes": ["read", "calls", "accounts", "methods", "secrets"]}), 201).json["token"]
    bound = expect(d.post("/v1/tokens", {"name": "bound", "scopes": ["admin"], "accounts": ["sandbox"]}), 201).json["token"]
    for token in (few, bound):
        for verb, path, body in (("GET", "", None), ("POST", "", {"name": "a", "url": "http://127.0.0.1:9/"}), ("GET", "/a", None),
                                 ("PATCH", "/a", {"paused": True}), ("DELETE", "/a", None), ("POST", "/a/test", {}), ("POST", "/a/rotate", {}),
                                 ("GET", "/a/deliveries", None), ("POST", "/a/replay", {})):
            expect(d.request(verb, "/v1/webhooks" + path, body, token=token), 403, "forbidden")
    for name in ("few", "bound"):
        expect(d.request("DELETE", "/v1/tokens/" + name), 204)


def test_a_secret_is_in_no_list_no_audit_and_no_file(d):
    with Receiver() as r:
        secrets = [make(d, r, "quiet")["secret"], expect(d.post("/v1/webhooks/quiet/rotate"), 200).json["secret"]]
        check(secrets[0] != secrets[1], "it is the same")
        expect(d.post("/v1/webhooks/quiet/test"), 202)
        said = str([expect(d.get(p), 200).json for p in ("/v1/webhooks", "/v1/webhooks/quiet", "/v1/webhooks/quiet/deliveries",
                                                         "/v1/audit?limit=1000", "/v1/jobs")])
        files = stored(d.state)
        for secret in secrets:
            check(secret[6:] not in said and secret[6:].encode() not in files, "it is said")
        forget(d, "quiet")


def test_a_repeat_under_a_key_makes_no_second_one(d):
    with Receiver() as r:
        key = {"Idempotency-Key": "one-webhook"}
        first = expect(d.post("/v1/webhooks", {"name": "keyed", "url": r.url}, headers=key), 201)
        again = expect(d.post("/v1/webhooks", {"name": "keyed", "url": r.url}, headers=key), 201)
        equal((again.json, again.headers["idempotency-replayed"]), (first.json, "true"))
        forget(d, "keyed")


# Judged by what it is written as, at once; what a name comes to is judged at each try.
REFUSED = ("ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1/", "127.0.0.1:80", "http://", "http://me:word@127.0.0.1/",
           "http://me@127.0.0.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://127.1/",
           "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/",
           "http://0.0.0.0/", "http://255.255.255.255/", "http://224.0.0.1/", "http://192.0.2.1/", "http://[::]/", "http://[fe80::1]/",
           "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fd12::1]/", "http://[ff02::1]/", "http://[::ffff:10.0.0.1]/",
           "http://[::ffff:a00:1]/", "http://[::10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://[2001:0:a00:1::]/",
           "http://[2001:db8::1]/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://127.0.0.1:x/", "http://a b/", "http://127.0.0.1/\n")


def test_an_address_that_is_not_allowed_is_refused(d):
    def refused(a):
        return a.status == 422 and [e["pointer"] for e in a.json["errors"]] == ["/url"]
    equal([url for url in REFUSED if not refused(d.post("/v1/webhooks", {"name": "stray", "url": url}))], [])
    with Receiver() as r:
        make(d, r, "stays")
        equal([url for url in REFUSED if not refused(d.request("PATCH", "/v1/webhooks/stays", {"url": url}))], [])
        equal(view(d, "stays")["url"], r.url)
        forget(d, "stays")


if __name__ == "__main__":
    run(globals())
