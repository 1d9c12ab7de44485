"""Logins that come from other client libraries, or go to them, as session strings."""
import base64
import struct

from lib import Daemon, at_once, check, equal, expect, run
from remote import Remote, next_daemon

FORMATS = ("telethon", "pyrogram", "gramjs", "mtcute")


def export(d, name="sandbox", how="telethon"):
    return expect(d.post("/v1/accounts/%s/session" % name, {"format": how}), 200, format=how).json["text"]


def key_of(telethon):
    raw = base64.urlsafe_b64decode(telethon[1:])
    return raw[0], raw[-256:]


def telethon(dc, key):
    return "1" + base64.urlsafe_b64encode(struct.pack(">B4sH256s", dc, bytes([127, 0, 0, 1]), 443, key)).decode()


def gramjs(dc, key):
    return "1" + base64.b64encode(struct.pack(">BH9sH256s", dc, 9, b"127.0.0.1", 443, key)).decode()


def pyrogram(dc, key, bot=False, test=False):
    return base64.urlsafe_b64encode(struct.pack(">BI?256sQ?", dc, 12345, test, key, 1001, bot)).decode().rstrip("=")


def mtcute(dc, key):
    address = b"\x02" + bytes([dc, 0]) + b"\x09127.0.0.1\0\0" + struct.pack("<i", 443)
    address = bytes([len(address)]) + address
    raw = b"\x03" + struct.pack("<i", 0) + address + b"\0" * (-len(address) % 4) + b"\xfe\0\1\0" + key
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


MADE = {"telethon": telethon, "gramjs": gramjs, "pyrogram": pyrogram, "mtcute": mtcute}


def post(d, name, how, text):
    return d.post("/v1/accounts", {"name": name, "session": {"format": how, "text": text}})


def gone(d, name):
    expect(d.get("/v1/accounts/" + name), 404, "not-found")


def logins_of_another(r, n):
    """Alice's logins at a daemon that has ended, for one that has none: each (data centre, key)."""
    for i in range(n):
        r.daemon.login("a%d" % i, "+15550001")
    logins = [key_of(export(r.daemon, "a%d" % i)) for i in range(n)]
    next_daemon(r)
    return logins


def refuse_twice(d, name, text, account, how="telethon"):
    """It is ACCOUNT's already."""
    executed = d.counting()
    a = expect(post(d, name, how, text), 409, "exists", account=account)
    check('"%s" has this session already' % account in a.json["detail"], a)
    check("/v1/accounts/%s/login" % name in a.json["remedy"], a)
    equal(executed("users.getUsers"), 0)
    gone(d, name)


def test_a_login_of_each_format_is_imported_and_works():
    with Remote() as r:
        logins = logins_of_another(r, len(FORMATS))
        d = r.daemon
        for how, (dc, key) in zip(FORMATS, logins):
            a = expect(post(d, how, how, MADE[how](dc, key)), 201, name=how, state="ready", dc=1)
            equal(a.json["user"]["id"], "1001")
            check("must not be used elsewhere" in a.json["warning"])
            equal(a.headers["location"], "/v1/accounts/" + how)
            a = expect(d.create("@sandbox_channel", account=how, title=how, if_exists="replace"), 201)
            equal([c["id"] for c in d.sandbox_calls(how)], [a.json["call"]["id"]])


def test_what_is_exported_is_imported():
    with Remote() as r:
        (dc, key), = logins_of_another(r, 1)
        a = expect(post(r.daemon, "again", "telethon", telethon(dc, key)), 201, state="ready")
        equal(a.json["user"]["id"], "1001")
        equal(key_of(export(r.daemon, "again")), (dc, key))
        for how in ("telethon", "mtcute", "pyrogram"):
            exported = expect(r.daemon.post("/v1/accounts/again/session", {"format": how}), 200).json
            check("logged in as this account" in exported["warning"])
            next_daemon(r)
            expect(post(r.daemon, "again", how, exported["text"]), 201, state="ready")


def test_the_session_of_an_account_is_not_taken_a_second_time(d):
    dc, key = key_of(export(d))
    for how in FORMATS:
        refuse_twice(d, "twice", MADE[how](dc, key), "sandbox", how)
    # Another login of the same user is another account's.
    d.login("other", "+15550001")
    refuse_twice(d, "twice", export(d, "other"), "other")
    expect(d.create("@sandbox_group", account="sandbox", if_exists="replace"), 201)


def test_what_a_token_may_not_see_has_no_name_there():
    with Remote() as r:
        (dc, key), = logins_of_another(r, 1)
        expect(post(r.daemon, "secret", "telethon", telethon(dc, key)), 201)
        token = expect(r.daemon.post("/v1/tokens", {"name": "bound", "scopes": ["accounts"], "accounts": ["mine"]}), 201).json["token"]
        session = {"format": "telethon", "text": telethon(dc, key)}
        a = expect(r.daemon.post("/v1/accounts", {"name": "mine", "session": session}, token=token), 409, "exists")
        check("another account of this daemon has this session" in a.json["detail"], a)
        check("secret" not in a.raw.decode(), a)


def test_one_session_is_one_accounts_over_restarts_too():
    with Remote() as r:
        (dc, key), = logins_of_another(r, 1)
        text = telethon(dc, key)
        expect(post(r.daemon, "first", "telethon", text), 201, state="ready")
        refuse_twice(r.daemon, "second", text, "first")
        d = next_daemon(r, r.daemon.state)
        refuse_twice(d, "second", text, "first")
        # Nobody has it any more; and it is over.
        expect(d.post("/v1/accounts/first/logout"), 200, state="logged_out")
        expect(post(d, "second", "telethon", text), 409, "telegram-refused")
        gone(d, "second")
        d.login("third", "+15550001")
        text = export(d, "third")
        refuse_twice(d, "second", text, "third")
        d = next_daemon(r, d.state)
        refuse_twice(d, "second", text, "third")


def test_of_two_imports_of_one_session_at_once_one_is_made():
    with Remote("[server]\nworkers = 2") as r:
        for dc, key in logins_of_another(r, 4):
            name = "n%s-" % key.hex()[:6]
            answers = at_once(4, lambda i: post(r.daemon, name + str(i), FORMATS[i], MADE[FORMATS[i]](dc, key)))
            equal(sorted(a.status for a in answers), [201, 409, 409, 409])
            made = next(a.json["name"] for a in answers if a.status == 201)
            equal([a.json["account"] for a in answers if a.status == 409], [made] * 3)


def test_an_answer_with_a_login_is_not_stored(d):
    a = expect(d.post("/v1/accounts/sandbox/session", {"format": "telethon"}), 200)
    equal(a.headers["cache-control"], "no-store")


def test_who_is_not_logged_in_has_no_session(d):
    expect(d.post("/v1/accounts", {"name": "nobody"}), 201)
    expect(d.post("/v1/accounts/nobody/session", {"format": "telethon"}), 409, "account-not-ready", state="wait_login")
    expect(d.post("/v1/accounts/none/session", {"format": "telethon"}), 404, "not-found")
    expect(d.post("/v1/accounts/nobody/session", {"format": "tdata"}), 422, "invalid-request")
    expect(d.post("/v1/accounts/nobody/session", {}), 422, "invalid-request")


def test_a_string_that_is_none_is_told_and_not_repeated(d):
    dc, key = key_of(export(d))
    for how, text, why in (("telethon", telethon(dc, key)[:-8], "bytes"), ("telethon", "2abc", "version"),
                           ("gramjs", telethon(dc, key), "format telethon, not of gramjs"),
                           ("mtcute", "AwAA", "centre"), ("telethon", telethon(dc, bytes(256)), "nobody had logged in"),
                           ("telethon", telethon(9, key), "data centre 9"),
                           ("pyrogram", pyrogram(dc, key, bot=True), "a bot's")):
        a = expect(post(d, "odd", how, text), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], "/session/text")
        check(why in a.json["errors"][0]["detail"], a)
        check(text[20:60] == "" or text[20:60] not in a.raw.decode(), "the text is in the answer")
        gone(d, "odd")


def test_members_of_a_session_are_judged(d):
    for session, pointer in (("x", "/session"), ({"text": "x"}, "/session/format"), ({"format": "mtcute"}, "/session/text"),
                             ({"format": "mtcute", "text": "x", "txt": 1}, "/session/txt"),
                             ({"format": "tdata", "text": "x"}, "/session/format"),
                             ({"format": "mtcute", "text": "x" * 1025}, "/session/text"),
                             ({"format": "mtcute", "text": "a\0b"}, "/session/text")):
        a = expect(d.post("/v1/accounts", {"name": "odd", "session": session}), 422, "invalid-request")
        equal([e["pointer"] for e in a.json["errors"]], [pointer])


def test_a_key_that_telegram_does_not_know_leaves_nothing(d):
    dc, key = key_of(export(d))
    a = expect(post(d, "odd", "telethon", telethon(dc, bytes([key[0] ^ 1]) + key[1:])), 409, "telegram-refused")
    check("does not know the key" in a.json["detail"], a)
    gone(d, "odd")


def test_what_telegram_refuses_leaves_nothing_and_ends_no_login():
    with Remote() as r:
        (dc, key), = logins_of_another(r, 1)
        d, text = r.daemon, telethon(dc, key)
        for code, message, why in ((401, "SESSION_REVOKED", "ended this session"), (401, "AUTH_KEY_UNREGISTERED", "ended"),
                                   (401, "SESSION_PASSWORD_NEEDED", "not finished"), (401, "USER_DEACTIVATED_BAN", "closed"),
                                   (406, "AUTH_KEY_DUPLICATED", "two places")):
            d.fault(type="rpc_error", method="users.getUsers", code=code, message=message)
            a = expect(post(d, "odd", "telethon", text), 409, "telegram-refused")
            equal(a.json["telegram"], {"code": code, "message": message})
            check(why in a.json["detail"], a)
            gone(d, "odd")
        expect(post(d, "odd", "telethon", text), 201, state="ready")
        expect(d.create("@sandbox_group", account="odd", if_exists="replace"), 201)


def test_a_name_that_is_taken_is_told_before_anybody_is_asked(d):
    executed = d.counting()
    expect(post(d, "sandbox", "telethon", export(d)), 409, "exists")
    equal(executed("users.getUsers"), 0)


def test_an_export_needs_its_scope():
    with Daemon() as d:
        other = expect(d.post("/v1/tokens", {"name": "other", "scopes": ["read", "calls", "accounts", "methods"]}), 201).json["token"]
        a = expect(d.post("/v1/accounts/sandbox/session", {"format": "telethon"}, token=other), 403, "forbidden")
        check("secrets" in a.json["detail"], a)
        expect(d.post("/v1/accounts/sandbox/session", {"format": "telethon"}), 200)


def test_no_session_is_in_the_log(d):
    text = export(d)
    _, key = key_of(text)
    log = d.log()
    for secret in (text[10:50], key.hex()[:40], base64.b64encode(key).decode()[:40]):
        check(secret not in log, "a secret is in the log")
    check("its login was told as a session string (telethon" in log)


if __name__ == "__main__":
    run(globals())
