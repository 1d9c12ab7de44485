"""Accounts and the steps of a login."""
from lib import check, equal, expect, run, wait_for


def test_the_sandbox_account_is_there_and_ready(d):
    a = expect(d.get("/v1/accounts/sandbox"), 200, state="ready", environment="sandbox", layer=229, dc=1)
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


def test_a_login_moves_to_its_home_data_centre(d):
    a = d.login("carol", "+15550003")
    equal((a.json["dc"], a.json["user"]["first_name"]), (2, "Carol"))


def test_an_unknown_number_waits_for_registration(d):
    expect(d.post("/v1/accounts", {"name": "new"}), 201)
    expect(d.post("/v1/accounts/new/login", {"phone": "+15551234"}), 200, state="wait_code")
    expect(d.post("/v1/accounts/new/login/code", {"code": "12345"}), 200, state="wait_registration")
    expect(d.request("DELETE", "/v1/accounts/new"), 200)


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
    d.fault(type="rpc_error", method="auth.sendCode", code=420, message="FLOOD_WAIT_3")
    a = expect(d.post("/v1/accounts/slow/login", {"phone": "+15550003"}), 429, "flood-wait")
    equal(a.headers["retry-after"], "3")
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
    run(globals())
