"""Accounts and the steps of a login."""
import base64
import os

import store
from lib import check, equal, expect, run, wait_for

LAYER = int(os.environ.get("TGCALLD_TEST_LAYER", "229"))


def test_the_sandbox_account_is_there_and_ready(d):
    a = expect(d.get("/v1/accounts/sandbox"), 200, state="ready", environment="custom" if store.NODES > 1 else "sandbox", layer=LAYER, dc=1)
    equal((a.json["user"]["id"], a.json["user"]["first_name"]), ("1001", "Alice"))
    equal(a.json["connection"]["state"], "ready")
    equal([x["name"] for x in d.get("/v1/accounts").json["accounts"]], ["sandbox"])


def test_names_are_judged_and_unique(d):
    a = expect(d.post("/v1/accounts", {"name": "bob"}), 201, state="wait_login")
    equal(a.headers["location"], "/v1/accounts/bob")
    expect(d.post("/v1/accounts", {"name": "bob"}), 409, "exists")
    for name in ("", "B", "-a", "a b", "a" * 33, 5, None):
        expect(d.post("/v1/accounts", {"name": name}), 422, "invalid-request")
    expect(d.get("/v1/accounts/nobody"), 404, "not-found")


def test_an_account_that_is_not_logged_in_is_409(d):
    a = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "account": "bob"}), 409, "account-not-ready")
    equal(a.json["state"], "wait_login")
    expect(d.post("/v1/accounts/bob/login/code", {"code": "12345"}), 409, "account-not-ready")


def test_login_with_code_and_password(d):
    a = expect(d.post("/v1/accounts/bob/login", {"phone": "+1 555-0002"}), 200, state="wait_code")
    check(a.json["code"]["kind"])
    a = expect(d.post("/v1/accounts/bob/login/code", {"code": "54321"}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "PHONE_CODE_INVALID")
    expect(d.post("/v1/accounts/bob/login/code", {"code": "12345"}), 200, state="wait_password")
    a = expect(d.post("/v1/accounts/bob/login/password", {"password": "wrong"}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "PASSWORD_HASH_INVALID")
    a = expect(d.post("/v1/accounts/bob/login/password", {"password": "correct horse"}), 200, state="ready")
    equal(a.json["user"]["username"], "bobby")
    expect(d.post("/v1/accounts/bob/login", {"phone": "+15550002"}), 409, "exists")


def test_phones_and_codes_are_text_without_nul(d):
    expect(d.post("/v1/accounts", {"name": "odd"}), 201)
    for phone in ("+1555\x000002", "+" + "1" * 31, "", "+" + "1" * 40):
        a = expect(d.post("/v1/accounts/odd/login", {"phone": phone}), 422, "invalid-request")
        equal(a.json["errors"][0]["pointer"], "/phone")
    expect(d.post("/v1/accounts/odd/login", {"phone": "+15550003"}), 200, state="wait_code")
    a = expect(d.post("/v1/accounts/odd/login/code", {"code": "12345\x00"}), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/code")
    expect(d.request("DELETE", "/v1/accounts/odd"), 200)


def test_a_code_is_sent_another_way_when_its_time_has_come(d):
    expect(d.post("/v1/accounts", {"name": "again"}), 201)
    expect(d.post("/v1/accounts/again/login/resend"), 409, "account-not-ready")
    d.sandbox("POST", "/opts", {"code_timeout_s": 2})
    a = expect(d.post("/v1/accounts/again/login", {"phone": "+15550003"}), 200, state="wait_code")
    equal((a.json["code"]["kind"], a.json["code"]["next_kind"]), ("app", "sms"))
    check("in its app" in a.json["reason"] and "/v1/accounts/again/login/resend" in a.json["remedy"], a)
    resent = d.counting()
    early = expect(d.post("/v1/accounts/again/login/resend"), 429, "flood-wait")
    check(early.headers["retry-after"] in ("1", "2"), early)
    equal(resent("auth.resendCode"), 0)
    d.sandbox("POST", "/opts", {"code_timeout_s": 0})
    wait_for("the time of the next code", lambda: d.post("/v1/accounts/again/login/resend").status == 200)
    a = expect(d.get("/v1/accounts/again"), 200, state="wait_code")
    equal(a.json["code"], {"kind": "sms", "length": 5, "next_kind": "call"})
    a = expect(d.post("/v1/accounts/again/login/resend"), 200, state="wait_code")
    equal(a.json["code"], {"kind": "call", "length": 5})
    a = expect(d.post("/v1/accounts/again/login/resend"), 409, "telegram-refused")
    equal(a.json["telegram"]["message"], "SEND_CODE_UNAVAILABLE")
    expect(d.post("/v1/accounts/again/login/code", {"code": "12345"}), 200, state="ready")
    d.sandbox("POST", "/opts", {"code_timeout_s": 60})
    expect(d.request("DELETE", "/v1/accounts/again"), 200)


def test_a_login_is_given_up_from_wherever_it_stands(d):
    expect(d.post("/v1/accounts", {"name": "quitter"}), 201)
    done = d.counting()
    for phone, codes, state in (("+15550003", 0, "wait_code"), ("+15550002", 1, "wait_password"), ("+15551299", 1, "wait_registration")):
        a = expect(d.post("/v1/accounts/quitter/login", {"phone": phone}), 200, state="wait_code")
        if codes:
            a = expect(d.post("/v1/accounts/quitter/login/code", {"code": "12345"}), 200)
        equal(a.json["state"], state)
        a = expect(d.post("/v1/accounts/quitter/login/cancel"), 200, state="wait_login")
        check("code" not in a.json and "hint" not in a.json, a)
        expect(d.post("/v1/accounts/quitter/login/code", {"code": "12345"}), 409, "account-not-ready")
    equal(done("auth.cancelCode"), 2)
    d.fault(type="rpc_error", method="auth.cancelCode", code=420, message="FLOOD_WAIT_30")
    expect(d.post("/v1/accounts/quitter/login", {"phone": "+15550003"}), 200, state="wait_code")
    expect(d.post("/v1/accounts/quitter/login/cancel"), 429, "flood-wait")
    expect(d.post("/v1/accounts/quitter/login/code", {"code": "12345"}), 200, state="ready")
    expect(d.post("/v1/accounts/quitter/login/cancel"), 409, "account-not-ready")
    expect(d.request("DELETE", "/v1/accounts/quitter"), 200)


def test_a_login_that_cannot_go_on_says_where_it_begins(d):
    expect(d.post("/v1/accounts", {"name": "anew"}), 201)
    for code, message, status in ((400, "PHONE_CODE_EXPIRED", 400), (500, "AUTH_RESTART", 502)):
        expect(d.post("/v1/accounts/anew/login", {"phone": "+15550003"}), 200, state="wait_code")
        asked = d.counting()
        d.fault(type="rpc_error", method="auth.signIn", code=code, message=message)
        a = expect(d.post("/v1/accounts/anew/login/code", {"code": "12345"}), status)
        check("/v1/accounts/anew/login" in a.json["remedy"], a)
        d.all_struck()
        equal(asked("auth.signIn"), 0)
        a = expect(d.get("/v1/accounts/anew"), 200, state="wait_login")
        check(a.json["reason"] and "/v1/accounts/anew/login" in a.json["remedy"], a)
    expect(d.request("DELETE", "/v1/accounts/anew"), 200)


def test_a_login_moves_to_its_home_data_centre(d):
    a = d.login("carol", "+15550003")
    equal((a.json["dc"], a.json["user"]["first_name"]), (2, "Carol"))


def test_an_unknown_number_signs_up(d):
    expect(d.post("/v1/accounts", {"name": "new"}), 201)
    expect(d.post("/v1/accounts/new/login/registration", {"first_name": "Dora"}), 409, "account-not-ready")
    expect(d.post("/v1/accounts/new/login", {"phone": "+15551234"}), 200, state="wait_code")
    a = expect(d.post("/v1/accounts/new/login/code", {"code": "12345"}), 200, state="wait_registration")
    check(a.json["terms_of_service"]["text"] and "/v1/accounts/new/login/registration" in a.json["remedy"], a)
    expect(d.post("/v1/accounts/new/login/registration", {"last_name": "Dee"}), 422, "invalid-request")
    d.fault(type="rpc_error", method="auth.signUp", code=400, message="FIRSTNAME_INVALID")
    a = expect(d.post("/v1/accounts/new/login/registration", {"first_name": "?"}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "FIRSTNAME_INVALID")
    a = expect(d.post("/v1/accounts/new/login/registration", {"first_name": "Dora", "last_name": "Dee"}), 200, state="ready")
    equal((a.json["user"]["first_name"], a.json["user"]["last_name"]), ("Dora", "Dee"))
    check("terms_of_service" not in a.json, a)
    expect(d.request("DELETE", "/v1/accounts/new"), 200)


def test_an_e_mail_address_is_given_and_proved(d):
    if LAYER < 150:
        return "logins of this layer know of no e-mail"
    d.sandbox("POST", "/opts", {"email_login": "set_up"})
    expect(d.post("/v1/accounts", {"name": "mail"}), 201)
    a = expect(d.post("/v1/accounts/mail/login", {"phone": "+15550003"}), 200, state="wait_email")
    check("/v1/accounts/mail/login/email" in a.json["remedy"], a)
    a = expect(d.post("/v1/accounts/mail/login/email", {"email": "nobody"}), 400, "telegram-refused")
    equal(a.json["telegram"]["message"], "EMAIL_INVALID")
    a = expect(d.post("/v1/accounts/mail/login/email", {"email": "carol@example.org"}), 200, state="wait_email_code")
    equal(a.json["code"], {"kind": "emailCode", "length": 6})
    check("c***@example.org" in a.json["reason"], a)
    expect(d.post("/v1/accounts/mail/login/code", {"code": "12345"}), 409, "account-not-ready")
    expect(d.post("/v1/accounts/mail/login/email-code", {"code": "1"}), 400, "telegram-refused")
    a = expect(d.post("/v1/accounts/mail/login/email-code", {"code": "123456"}), 200, state="wait_code")
    equal(a.json["code"]["kind"], "app")
    expect(d.post("/v1/accounts/mail/login/code", {"code": "12345"}), 200, state="ready")
    expect(d.post("/v1/accounts/mail/logout"), 200)
    d.sandbox("POST", "/opts", {"email_login": "code"})
    a = expect(d.post("/v1/accounts/mail/login", {"phone": "+15550002"}), 200, state="wait_email_code")
    equal(a.json["code"], {"kind": "emailCode", "length": 6, "next_kind": "sms"})
    expect(d.post("/v1/accounts/mail/login/email", {"email": "bob@example.org"}), 409, "account-not-ready")
    expect(d.post("/v1/accounts/mail/login/email-code", {"code": "1"}), 400, "telegram-refused")
    expect(d.post("/v1/accounts/mail/login/email-code", {"code": "123456"}), 200, state="wait_password")
    expect(d.post("/v1/accounts/mail/login/cancel"), 200, state="wait_login")
    d.sandbox("POST", "/opts", {"email_login": ""})
    expect(d.request("DELETE", "/v1/accounts/mail"), 200)


def scan(d, by, name):
    """What an app does with the code that the account NAME shows: BY, another account, accepts it."""
    url = expect(d.get("/v1/accounts/%s/login/qr" % name), 200).json["qr"]["url"]
    token = base64.b64encode(base64.urlsafe_b64decode(url.removeprefix("tg://login?token=") + "==")).decode()
    return expect(d.method("auth.acceptLoginToken", "?account=" + by, token=token), 200)


def login_by_qr(d, by, name, state):
    expect(d.post("/v1/accounts", {"name": name}), 201)
    a = expect(d.post("/v1/accounts/%s/login" % name, {"qr": True}), 200, state="wait_qr")
    equal(a.json["qr"], expect(d.get("/v1/accounts/%s/login/qr" % name), 200).json["qr"])
    drawn = expect(d.get("/v1/accounts/%s/login/qr" % name, headers={"Accept": "image/svg+xml"}), 200)
    check(drawn.headers["content-type"] == "image/svg+xml" and drawn.raw.startswith(b"<svg "), drawn)
    scan(d, by, name)
    # Telegram tells of the scan: nobody waits for the code to expire.
    shown = a.json["qr"]["expires_at"]
    a = wait_for("the login by QR code", lambda: (lambda a: a.json["state"] != "wait_qr" and a)(d.get("/v1/accounts/" + name)))
    check(d.sandbox("GET", "/state")["now"] < shown, "the code had to expire first")
    equal(a.json["state"], state)
    refused = expect(d.get("/v1/accounts/%s/login/qr" % name), 409, "account-not-ready").json
    check(state != "ready" or "Begin with" not in refused["remedy"], "a login that is done is not begun: %r" % refused)
    return a


def test_a_qr_code_that_is_scanned_logs_in(d):
    a = login_by_qr(d, "sandbox", "scanned", "ready")
    equal(a.json["user"]["first_name"], "Alice")
    expect(d.post("/v1/accounts/scanned/login", {"qr": True}), 409, "exists")
    expect(d.request("DELETE", "/v1/accounts/scanned"), 200)


def test_a_qr_code_leads_to_the_data_centre_of_who_scans_it(d):
    d.login("phone", "+15550003")
    a = login_by_qr(d, "phone", "scanned", "ready")
    equal((a.json["user"]["first_name"], a.json["dc"]), ("Carol", 2))
    for name in ("phone", "scanned"):
        expect(d.request("DELETE", "/v1/accounts/" + name), 200)


def test_a_qr_code_asks_for_the_password_of_who_scans_it(d):
    d.login("phone", "+15550002", password="correct horse")
    login_by_qr(d, "phone", "scanned", "wait_password")
    expect(d.post("/v1/accounts/scanned/login/password", {"password": "correct horse"}), 200, state="ready")
    for name in ("phone", "scanned"):
        expect(d.request("DELETE", "/v1/accounts/" + name), 200)


def test_a_qr_code_is_given_up(d):
    expect(d.post("/v1/accounts", {"name": "shy"}), 201)
    expect(d.get("/v1/accounts/shy/login/qr"), 409, "account-not-ready")
    for body in ({}, {"qr": False}, {"qr": True, "phone": "+15550001"}):
        expect(d.post("/v1/accounts/shy/login", body), 422, "invalid-request")
    expect(d.post("/v1/accounts/shy/login", {"qr": True}), 200, state="wait_qr")
    expect(d.post("/v1/accounts/shy/login/cancel"), 200, state="wait_login")
    expect(d.post("/v1/accounts/shy/login", {"qr": True}), 200, state="wait_qr")
    expect(d.post("/v1/accounts/shy/login", {"phone": "+15550003"}), 200, state="wait_code")
    expect(d.post("/v1/accounts/shy/login", {"qr": True}), 200, state="wait_qr")
    expect(d.request("DELETE", "/v1/accounts/shy"), 200)


def test_the_token_of_a_bot_is_refused_with_the_reason(d):
    expect(d.post("/v1/accounts", {"name": "bot"}), 201)
    token = "123456789:AAE-abcdefghijklmnopqrstuvwxyz12345"
    a = expect(d.post("/v1/accounts/bot/login", {"phone": token}), 422, "invalid-request")
    equal(a.json["errors"][0]["pointer"], "/phone")
    check("bots can run no group calls" in a.json["errors"][0]["detail"] and token not in a.raw.decode(), a)
    expect(d.get("/v1/accounts/bot"), 200, state="wait_login")
    expect(d.request("DELETE", "/v1/accounts/bot"), 200)


def test_several_ready_accounts_have_to_be_named(d):
    a = expect(d.create("@sandbox_group"), 422, "account-required")
    equal(a.json["accounts"], ["bob", "carol", "sandbox"])


def test_logout_ends_the_login_and_delete_forgets(d):
    expect(d.post("/v1/accounts/bob/logout"), 200, state="logged_out", logout_confirmed=True)
    expect(d.post("/v1/calls", {"peer": "@sandbox_group", "account": "bob"}), 409, "account-not-ready")
    expect(d.post("/v1/accounts/bob/logout"), 409, "account-not-ready")
    for name in ("bob", "carol"):
        expect(d.request("DELETE", "/v1/accounts/" + name), 200, name=name, state="logged_out")
        expect(d.get("/v1/accounts/" + name), 404)


def test_an_account_that_never_connected_has_been_off_since_no_time(d):
    expect(d.post("/v1/accounts", {"name": "fresh"}), 201)
    equal(d.get("/v1/accounts/fresh").json["connection"], {"state": "off"})
    expect(d.request("DELETE", "/v1/accounts/fresh"), 200)


def test_readiness_of_an_account_that_is_not_there_is_404(d):
    a = expect(d.get("/readyz?account=zzz"), 404, "not-found")
    check("zzz" in a.json["detail"] and "POST /v1/accounts" in a.json["remedy"], a)
    expect(d.post("/v1/accounts", {"name": "asked"}), 201)
    equal([r["account"] for r in expect(d.get("/readyz?account=asked"), 503, "not-ready").json["reasons"]], ["asked"])
    expect(d.request("DELETE", "/v1/accounts/asked"), 200)


def test_a_logout_that_telegram_was_not_told_of_says_so(d):
    for last in (lambda: d.post("/v1/accounts/untold/logout"), lambda: d.request("DELETE", "/v1/accounts/untold")):
        d.login("untold", "+15550003")
        d.fault(type="rpc_error", method="auth.logOut", code=400, message="NOT_NOW")
        a = expect(last(), 200, state="logged_out", logout_confirmed=False)
        check("NOT_NOW" in a.json["reason"] and "Devices" in a.json["remedy"], a)
        if d.get("/v1/accounts/untold").status == 200:
            # It stays to be read: what can be done about it too.
            a = expect(d.post("/v1/accounts/untold/logout"), 409, "account-not-ready")
            check("Devices" in a.json["remedy"], a)
            a = expect(d.create("@sandbox_group", account="untold"), 409, "account-not-ready")
            check("/login" in a.json["remedy"], a)
            expect(d.request("DELETE", "/v1/accounts/untold"), 200, logout_confirmed=False)


def test_a_login_that_telegram_ended_already_is_logged_out(d):
    for error in ("AUTH_KEY_UNREGISTERED", "SESSION_REVOKED"):
        d.login("ended", "+15550003")
        d.fault(type="rpc_error", method="auth.logOut", code=401, message=error)
        a = expect(d.request("DELETE", "/v1/accounts/ended"), 200, state="logged_out", logout_confirmed=True)
        check("remedy" not in a.json, a)


def test_a_logout_whose_answer_is_lost_is_asked_again(d):
    for fault in ("drop_before", "drop_after"):
        d.login("dropped", "+15550003")
        d.fault(type=fault, method="auth.logOut")
        expect(d.request("DELETE", "/v1/accounts/dropped"), 200, state="logged_out", logout_confirmed=True)


def test_an_account_that_was_removed_is_not_told_what_to_do_next(d):
    expect(d.post("/v1/accounts", {"name": "half"}), 201)
    check("/login/code" in expect(d.post("/v1/accounts/half/login", {"phone": "+15550003"}), 200).json["remedy"])
    a = expect(d.request("DELETE", "/v1/accounts/half"), 200)
    check("remedy" not in a.json, a)


def test_a_logged_out_account_can_log_in_again(d):
    d.login("again", "+15550003")
    expect(d.post("/v1/accounts/again/logout"), 200)
    expect(d.post("/v1/accounts/again/login", {"phone": "+15550003"}), 200, state="wait_code")
    expect(d.post("/v1/accounts/again/login/code", {"code": "12345"}), 200, state="ready")
    expect(d.request("DELETE", "/v1/accounts/again"), 200)


def test_a_login_is_never_repeated_by_itself(d):
    expect(d.post("/v1/accounts", {"name": "slow"}), 201)
    d.fault(type="rpc_error", method="auth.sendCode", code=420, message="FLOOD_WAIT_10")
    a = expect(d.post("/v1/accounts/slow/login", {"phone": "+15550003"}), 429, "flood-wait")
    equal(a.headers["retry-after"], "10")
    equal(expect(d.get("/v1/accounts/slow"), 200).json["flood_waits"][0]["method"], "auth.sendCode")
    d.clear()
    expect(d.request("DELETE", "/v1/accounts/slow"), 200)


def test_a_session_that_telegram_revoked_is_a_state(d):
    d.login("gone", "+15550003")
    d.fault(type="rpc_error", method="phone.createGroupCall", code=401, message="SESSION_REVOKED")
    a = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "account": "gone", "if_exists": "replace"}), 409, "account-not-ready")
    equal(a.json["state"], "revoked")
    expect(d.get("/v1/accounts/gone"), 200, state="revoked")
    expect(d.get("/readyz"), 503, "not-ready")
    expect(d.request("DELETE", "/v1/accounts/gone"), 200)
    wait_for("readiness", lambda: d.get("/readyz").status == 200)


if __name__ == "__main__":
    run(globals(), "--layer", str(LAYER))
