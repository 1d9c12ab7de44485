"""Logins that are ended from elsewhere, bans, freezes and layers that are too old: what the daemon says of each, that it is quiet
afterwards, counted at the sandbox, and that nobody else is struck.

usage: baddays.py [SECONDS]     (how long it has to be quiet)"""
import sys
import os
import time

sys.path.insert(0, os.path.join(os.environ["TGCALLD_SRCDIR"], "tests", "bench"))

from lib import check, control, equal, expect, run, wait_for  # noqa: E402
from remote import Remote  # noqa: E402
from accounts import telethon  # noqa: E402

QUIET_S = float(sys.argv[1]) if len(sys.argv) > 1 else 8
LOOKED_AT_S = 60
# What befalls each, what its state is then, and what a call is answered.
FATES = {
    "duplicated": ({"act": "duplicate"}, "duplicated", "account-not-ready"),
    "revoked": ({"act": "revoke"}, "revoked", "account-not-ready"),
    "unregistered": ({"act": "revoke", "error": "AUTH_KEY_UNREGISTERED"}, "revoked", "account-not-ready"),
    "expired": ({"act": "revoke", "error": "SESSION_EXPIRED"}, "revoked", "account-not-ready"),
    "banned": ({"act": "ban"}, "banned", "account-not-ready"),
    "deactivated": ({"act": "ban", "error": "USER_DEACTIVATED"}, "banned", "account-not-ready"),
    "frozen": ({"act": "freeze"}, "frozen", "account-not-ready"),
}
WELL = ("well1", "well2", "well3")


class Days:
    """A daemon with an account for each fate, and some that none befalls."""

    def __enter__(self):
        self.remote = Remote(sandbox=("--accounts", str(len(FATES) + len(WELL)))).__enter__()
        self.d = self.remote.daemon
        logins = self.sandbox("GET", "/accounts")["accounts"]
        self.users = {}
        for name, login in zip((*FATES, *WELL), logins):
            expect(self.d.post("/v1/accounts", {"name": name, "session": {"format": "telethon", "text": telethon(login)}}), 201)
            self.users[name] = login["user"]
        return self

    def __exit__(self, *failure):
        self.remote.__exit__(*failure)

    def sandbox(self, method, path, body=None):
        return control(self.remote.ready["control"], method, path, body)

    def befall(self, name):
        return self.sandbox("POST", "/account", {"user": self.users[name], **FATES[name][0]})

    def account(self, name):
        return expect(self.d.get("/v1/accounts/" + name), 200).json

    def write(self, name):
        return self.d.post("/v1/methods/messages.readHistory?account=" + name, {"peer": {"_": "inputPeerSelf"}, "max_id": 0})

    def heard(self, since):
        return self.sandbox("GET", "/log?since=%d" % since)

    def looks_at_the_freeze(self, events):
        """A freeze can end: who wants more than reads of an account has that looked at, now and then. And the rest."""
        look = {"event": "rpc", "method": "help.getAppConfig", "user": self.users["frozen"]}
        asked = [e for e in events if look.items() <= e.items()]
        return asked, [e for e in events if e not in asked]

    def is_there(self, name):
        """Without asking Telegram."""
        state = self.account(name)
        return state["state"] == FATES[name][1] and state


def test_each_fate_has_its_state_its_remedy_and_then_silence():
    with Days() as days:
        before = days.sandbox("GET", "/state")
        for name in FATES:
            keys = days.befall(name)["keys"]
            equal(keys, 0 if name == "frozen" else 1)
        expect(days.write("frozen"), 409, "account-not-ready")
        # Nobody asks for the others: that their links were closed is enough to be told.
        for name, (_, state, problem) in FATES.items():
            a = wait_for(name, lambda: days.is_there(name))
            check(a["reason"] and a["remedy"], a)
            equal(a["connection"]["state"], "ready" if name == "frozen" else "off")
            expect(days.write(name), 409, problem)
        expect(days.d.get("/readyz"), 503)
        # From here on nothing leaves: no dial, no key exchange, no query.
        left = before["connections"] - len(FATES) + 1
        wait_for("the end of their links there too", lambda: days.sandbox("GET", "/state")["connections"] == left)
        log, quiet = days.heard(0)["next"], days.sandbox("GET", "/state")
        equal(quiet["connections"], left)
        until = time.monotonic() + QUIET_S
        while time.monotonic() < until:
            for name in FATES:
                expect(days.write(name), 409)
            time.sleep(0.25)
        asked, rest = days.looks_at_the_freeze(days.heard(log)["events"])
        equal(rest, [])
        check(len(asked) <= 1 + QUIET_S / LOOKED_AT_S, asked)
        print("# in %g s of requests for each: %d connections, key exchanges and queries of theirs; %d looks at the freeze"
              % (QUIET_S, len(rest), len(asked)))
        after = days.sandbox("GET", "/state")
        equal([after[k] for k in ("connections", "keys")], [quiet[k] for k in ("connections", "keys")])
        for name in WELL:
            equal(days.account(name)["state"], "ready")
            expect(days.d.method("updates.getState", "?account=" + name), 200)


def test_a_frozen_account_reads_and_is_ready_again_when_it_is_thawed():
    with Days() as days:
        days.befall("frozen")
        expect(days.write("frozen"), 409, "account-not-ready")
        equal(days.account("frozen")["state"], "frozen")
        expect(days.d.method("updates.getState", "?account=frozen"), 200)
        days.sandbox("POST", "/account", {"user": days.users["frozen"], "act": "restore"})
        # Whoever asks for the app's configuration finds out; the daemon itself asks once an hour.
        expect(days.d.method("help.getAppConfig", "?account=frozen", hash=0), 200)
        equal(days.account("frozen")["state"], "ready")


def test_a_login_that_was_revoked_can_be_made_anew_and_a_banned_number_cannot():
    with Days() as days:
        for name in ("revoked", "banned"):
            days.befall(name)
            wait_for(name, lambda: days.is_there(name))
        phone = "+1556%07d" % (days.users["revoked"] - 200000)
        expect(days.d.post("/v1/accounts/revoked/login", {"phone": phone}), 200, state="wait_code")
        expect(days.d.post("/v1/accounts/revoked/login/code", {"code": "12345"}), 200, state="ready")
        phone = "+1556%07d" % (days.users["banned"] - 200000)
        refused = expect(days.d.post("/v1/accounts/banned/login", {"phone": phone}), 400, "telegram-refused")
        equal(refused.json["telegram"]["message"], "PHONE_NUMBER_BANNED")
        check(refused.json["remedy"])


def test_a_layer_that_is_too_old_stops_logins_and_no_account_that_is_in():
    with Days() as days:
        days.sandbox("POST", "/opts", {"login_layer_min": 9999})
        expect(days.d.post("/v1/accounts", {"name": "new"}), 201)
        expect(days.d.post("/v1/accounts/new/login", {"phone": "+15550001"}), 409)
        a = days.account("new")
        equal(a["state"], "layer_too_old")
        check("newer schema" in a["remedy"], a)
        for name in WELL:
            expect(days.d.method("updates.getState", "?account=" + name), 200)
        days.sandbox("POST", "/opts", {"login_layer_min": 0})
        expect(days.d.post("/v1/accounts/new/login", {"phone": "+15550001"}), 200, state="wait_code")


def test_too_many_codes_and_passwords_are_told_with_what_to_do():
    with Days() as days:
        days.sandbox("POST", "/opts", {"codes_max": 2, "passwords_max": 2})
        expect(days.d.post("/v1/accounts", {"name": "new"}), 201)
        for _ in range(2):
            expect(days.d.post("/v1/accounts/new/login", {"phone": "+15550002"}), 200, state="wait_code")
        sent = days.sandbox("GET", "/state")["methods"]["auth.sendCode"]
        refused = expect(days.d.post("/v1/accounts/new/login", {"phone": "+15550002"}), 400, "telegram-refused")
        equal(refused.json["telegram"]["message"], "PHONE_NUMBER_FLOOD")
        check("wait" in refused.json["remedy"])
        # Once each: no login call is repeated by itself.
        equal(days.sandbox("GET", "/state")["methods"]["auth.sendCode"], sent + 1)
        days.sandbox("POST", "/opts", {"codes_max": 0})
        expect(days.d.post("/v1/accounts/new/login", {"phone": "+15550002"}), 200, state="wait_code")
        expect(days.d.post("/v1/accounts/new/login/code", {"code": "12345"}), 200, state="wait_password")
        for _ in range(2):
            refused = expect(days.d.post("/v1/accounts/new/login/password", {"password": "wrong"}), 400)
            equal(refused.json["telegram"]["message"], "PASSWORD_HASH_INVALID")
        refused = expect(days.d.post("/v1/accounts/new/login/password", {"password": "correct horse"}), 429, "flood-wait")
        check(int(refused.headers["retry-after"]) > 86000)
        equal(days.sandbox("POST", "/clear", {}), {})


run(globals())
