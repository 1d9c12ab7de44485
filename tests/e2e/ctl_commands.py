"""tgcalldctl's commands that are one request each, in a pipe: what they ask for, lines, JSON, pages, jobs and exit statuses."""
import contextlib
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import time

import screen
from ctl import CTL, ctl, ctl_alone, ended, on_a_terminal
from lib import PATIENCE, check, equal, expect, run, wait_for

GROUP = "-1000000006002"


def fields(done):
    """The fields of the one line of a result."""
    check(done.out.endswith("\n") and done.out.count("\n") == 1, done)
    return done.out[:-1].split("\t")


@contextlib.contextmanager
def scripted(*answers):
    """The options that lead to a server which gives each of ANSWERS (status, body) in turn, and the requests that it got."""
    left, asked = list(answers), []

    class Scripted(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, json.loads(body) if body else None, self.headers.get("Prefer")))
            status, answer = left.pop(0)
            self.send_response(status)
            self.end_headers()
            if answer is not None:
                self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("token\n")
            f.flush()
            yield ["--url", "http://127.0.0.1:%d" % server.server_port, "--token-file", f.name], asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    check(not left, "never asked for: %r" % left)


def request_of(*args, answer=(204, None)):
    """The method, path and body that a command line makes."""
    with scripted(answer) as (there, asked):
        ended(ctl_alone(*there, *args), 0)
    return asked[0][:3]


def test_words_become_requests():
    one = (200, {"call": {"id": "5", "state": "active"}})
    equal(request_of("call", "create", "@chat", "--title", "T é", "--at", "1900000000", "--auto-start", "--rtmp",
                     "--if-exists", "fail", "--account", "a", answer=one),
          ("POST", "/v1/calls", {"peer": "@chat", "title": "T é", "schedule_date": 1900000000, "auto_start": True,
                                 "rtmp_stream": True, "if_exists": "fail", "account": "a"}))
    equal(request_of("call", "create", "--conference", answer=one)[2], {"conference": True})
    equal(request_of("call", "create", "x", "--at", "2030-01-31T12:00:00Z", answer=one)[2]["schedule_date"], "2030-01-31T12:00:00Z")
    before = time.time()
    later = request_of("call", "create", "x", "--at", "+10m", answer=one)[2]["schedule_date"]
    check(before + 599 <= later <= time.time() + 601, later)
    # Ids below zero are words, not options.
    equal(request_of("call", "title", "-5", "-6", "--account", "b c&d", answer=one), ("PATCH", "/v1/calls/-5?account=b%20c%26d", {"title": "-6"}))
    equal(request_of("call", "create", "-1001", answer=one)[2], {"peer": "-1001"})
    equal(request_of("call", "set", "5", "--join-muted", "yes", "--messages=off", "--reset-invite-hash", answer=one)[2],
          {"join_muted": True, "messages_enabled": False, "reset_invite_hash": True})
    equal(request_of("call", "invite", "5", "@a", "-7", "+1555"), ("POST", "/v1/calls/5/invitations", {"users": ["@a", "-7", "+1555"]}))
    equal(request_of("call", "record", "5", "--title", "t", "--video"), ("PUT", "/v1/calls/5/recording", {"title": "t", "video": True}))
    equal(request_of("call", "record", "5", "--stop"), ("DELETE", "/v1/calls/5/recording", None))
    equal(request_of("call", "subscribe", "5"), ("PUT", "/v1/calls/5/subscription", {}))
    equal(request_of("call", "participant", "5", "@a/b", "--muted", "no", "--volume", "10000"),
          ("PATCH", "/v1/calls/5/participants/@a%2Fb", {"muted": False, "volume": 10000}))
    equal(request_of("call", "join-as", "@c", "me"), ("PUT", "/v1/peers/@c/join-as", {"join_as": "me"}))
    equal(request_of("peers", "show", "t.me/+a b", answer=(200, {"user": {"_": "user", "id": "1"}}))[1], "/v1/peers/t.me%2F%2Ba%20b")
    equal(request_of("jobs", "list", "--state", "done", "--limit", "5", answer=(200, {"jobs": []}))[1], "/v1/jobs?state=done&limit=5")
    equal(request_of("audit", "--since", "1790000000", "--token", "uid 0", "--limit", "5", answer=(200, {"records": []}))[1],
          "/v1/audit?since=1790000000&token=uid%200&limit=5")
    equal(request_of("tokens", "create", "t", "read", "calls", "--account", "a", "--account", "b", answer=(201, {"token": "x"}))[2],
          {"name": "t", "scopes": ["read", "calls"], "accounts": ["a", "b"]})
    hook = (200, {"name": "w", "url": "u", "secret": "s"})
    equal(request_of("webhooks", "create", "w", "u", "--type", "call", "--type", "gap", "--account", "a", answer=hook),
          ("POST", "/v1/webhooks", {"name": "w", "url": "u", "types": ["call", "gap"], "account": "a"}))
    equal(request_of("webhooks", "set", "w", "--url", "v", answer=hook), ("PATCH", "/v1/webhooks/w", {"url": "v"}))
    for verb, paused in (("pause", True), ("resume", False)):
        equal(request_of("webhooks", verb, "w", answer=hook), ("PATCH", "/v1/webhooks/w", {"paused": paused}))
    equal(request_of("webhooks", "delete", "w"), ("DELETE", "/v1/webhooks/w", None))
    equal(request_of("webhooks", "rotate", "w", answer=hook), ("POST", "/v1/webhooks/w/rotate", {}))
    equal(request_of("webhooks", "test", "w", answer=(202, {"id": "1"})), ("POST", "/v1/webhooks/w/test", {}))
    equal(request_of("webhooks", "deliveries", "w", "--state", "failed", "--limit", "5", answer=(200, {"deliveries": []}))[1],
          "/v1/webhooks/w/deliveries?state=failed&limit=5")
    equal(request_of("webhooks", "replay", "w", "--after", "7", "--until", "9", "--failed", answer=(202, {"events": 2})),
          ("POST", "/v1/webhooks/w/replay", {"after": 7, "until": 9, "failed": True}))
    plan = (200, {"name": "s", "upcoming": []})
    equal(request_of("schedules", "create", "s", "--peer", "-1001", "--title", "T é", "--rule", "FREQ=DAILY", "--start", "2036-12-01T20:00:00",
                     "--zone", "Europe/Berlin", "--announce", "1h", "--end-after", "90m", "--late-max", "300", "--rtmp", "--account", "a", answer=plan),
          ("POST", "/v1/schedules", {"name": "s", "peer": "-1001", "title": "T é", "rrule": "FREQ=DAILY", "start": "2036-12-01T20:00:00",
                                     "timezone": "Europe/Berlin", "announce": 3600, "end_after": 5400, "late_max": 300, "rtmp_stream": True,
                                     "account": "a"}))
    equal(request_of("schedules", "create", "s", "--peer", "x", "--at", "2036-12-01T20:00:00+01:00", answer=plan)[2]["at"], "2036-12-01T20:00:00+01:00")
    equal(request_of("schedules", "edit", "s", "--no-title", "--no-announce", "--no-end-after", "--no-late-max", "--rtmp", "no", answer=plan),
          ("PATCH", "/v1/schedules/s", {"title": None, "announce": None, "end_after": None, "late_max": None, "rtmp_stream": False}))
    equal(request_of("schedules", "list", "--account", "a", "--limit", "5", answer=(200, {"schedules": []}))[1], "/v1/schedules?account=a&limit=5")
    for verb in ("show", "upcoming"):
        equal(request_of("schedules", verb, "s", answer=plan), ("GET", "/v1/schedules/s", None))
    equal(request_of("schedules", "skip", "s", answer=plan), ("POST", "/v1/schedules/s/skip", {}))
    equal(request_of("schedules", "delete", "s"), ("DELETE", "/v1/schedules/s", None))
    equal(request_of("schedules", "delete", "s", "--end"), ("DELETE", "/v1/schedules/s?end=true", None))
    equal(request_of("call", "join", "5", '{"ssrc": 7}', "--muted", "--join-as", "me", answer=(200, {"connection": {}})),
          ("POST", "/v1/calls/5/join", {"params": {"ssrc": 7}, "muted": True, "join_as": "me"}))
    equal(request_of("call", "check", "5", "-7", "3000000001", "--account", "a", answer=(200, {"sources": []})),
          ("POST", "/v1/calls/5/check?account=a", {"sources": [-7, 3000000001]}))
    equal(request_of("call", "leave", "5", "-7"), ("POST", "/v1/calls/5/leave", {"source": -7}))
    equal(request_of("call", "message", "5", "T é", "--stars", "3", "--send-as", "@c", answer=(200, {"updates": {"_": "updates"}})),
          ("POST", "/v1/calls/5/messages", {"text": "T é", "stars": "3", "send_as": "@c"}))
    equal(request_of("call", "unsay", "5", "1", "2"), ("DELETE", "/v1/calls/5/messages", {"ids": [1, 2]}))
    account = (200, {"name": "a"})
    equal(request_of("accounts", "add", "a", answer=(201, {"name": "a"})), ("POST", "/v1/accounts", {"name": "a"}))
    for given, sent in (("none", "none"), ("default", None), ("socks5://h:1", "socks5://h:1")):
        equal(request_of("accounts", "proxy", "a", given, answer=account), ("PATCH", "/v1/accounts/a", {"proxy": sent}))
    equal(request_of("accounts", "export", "a", "mtcute", answer=(200, {"text": "t", "warning": "w"})),
          ("POST", "/v1/accounts/a/session", {"format": "mtcute"}))
    equal(request_of("logout", "a", answer=(200, {"name": "a"})), ("POST", "/v1/accounts/a/logout", {}))


def test_the_manual_names_each_command_and_option():
    with open(os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "tgcalldctl.1")) as f:
        manual = f.read()
    # mdoc writes --json as Fl -json.
    options = set(re.findall(r" -([a-z-]+)", manual))

    def commands(*path):
        done = ended(ctl_alone(*path, "--help"), 0)
        for option in set(re.findall(r"^ .*--([a-z-]+)", done.out, re.M)) - {"usage"}:
            check(option in options, "%r has --%s, which the manual has not" % (path, option))
        return re.findall(r"^  ([a-z-]+) ", done.out.partition("\nCommands:\n")[2], re.M)

    for command in commands():
        check(re.search(r"^\.(?:It|Ss) (?:Cm )?%s\b" % command, manual, re.M), command)
        for verb in commands(command):
            check(re.search(r"^\.It Cm %s (?:Op Cm )?%s\b" % (command, verb), manual, re.M), "%s %s" % (command, verb))
            commands(command, verb)


def test_what_cannot_be_a_request_is_2():
    for args, why in ((("call", "creat"), "did you mean 'call create'"), (("call", "frobnicate"), "is no command"),
                      (("call", "show"), "ID is missing"), (("call", "show", "5", "6"), "one word too many"),
                      (("call", "title", "5"), "TITLE is missing"), (("call", "list", "--nonsense"), "nonsense"),
                      (("call", "create", "x", "--title", "a", "--title", "b"), "given twice"),
                      (("call", "record", "5", "--stop", "--title", "x"), "--title does not go with --stop"),
                      (("call", "set", "5", "--join-muted", "perhaps"), "not yes or no"),
                      (("call", "participant", "5", "x", "--volume", "1e3"), "not a whole number"),
                      (("method", "a.b", "{"), "no JSON: line 1"), (("method", "a.b", "[]"), "no object"),
                      (("call", "check", "5", "x"), "not a whole number"), (("call", "join", "5", "[]"), "no object"),
                      (("accounts", "proxy", "a"), "no proxy on stdin"),
                      (("accounts", "show", "x" * 3000), "longer than any request"), (("nonsense",), "is no command"),
                      (("schedules", "create", "a", "--at", "1"), "--peer is missing"),
                      (("schedules", "create", "a", "--peer", "x"), "give --at DATE, or for many --start DATE --zone ZONE --rule RULE"),
                      (("schedules", "create", "a", "--peer", "x", "--rule", "FREQ=DAILY", "--zone", "UTC"), "--rule goes with --start"),
                      (("schedules", "create", "a", "--peer", "x", "--rule", "FREQ=DAILY", "--start", "s"), "--zone ZONE"),
                      (("schedules", "create", "a", "--peer", "x", "--at", "1", "--rule", "FREQ=DAILY"), "give one or the other"),
                      (("schedules", "edit", "a"), "nothing is to be changed"),
                      (("schedules", "edit", "a", "--at", "1", "--start", "s"), "give one or the other"),
                      (("schedules", "edit", "a", "--title", "t", "--no-title"), "--no-title does not go with --title"),
                      (("schedules", "edit", "a", "--no-title", "--no-title"), "given twice"),
                      (("schedules", "edit", "a", "--announce", "1500ms"), "--announce: '1500ms' is not a time such as"),
                      (("schedules", "edit", "a", "--end-after", "soon"), "is not a time such as")):
        ended(ctl_alone("--unix", "/nowhere", *args), 2, why)


def test_a_url_and_a_path_that_are_too_long_together_are_2(d):
    url = "http://%s:%s/" % (d.host, d.port)
    for command in (("accounts",), ("events",)):
        done = ctl_alone("--url", url + "x" * (2040 - len(url)), "--token-file", d.state + "/admin.token", *command)
        ended(done, 2, "longer than any request")


def test_a_field_in_a_pipe_is_whole():
    detail = "ü" * 3000 + "end"
    with scripted((200, {"can_create": False, "can_stream": False, "missing": [{"right": "r", "remedy": detail}]})) as (there, _):
        equal(fields(ended(ctl_alone(*there, "peers", "preflight", "@c"), 0))[4].encode(), detail.encode())


def test_a_call_is_joined_spoken_in_and_left(d):
    call = fields(ended(ctl(d, "call", "create", GROUP, "--title", "Within"), 0))[0]
    params = json.dumps({"ssrc": 3000000001, "ufrag": "a"})
    check("transport" in json.loads(ended(ctl(d, "call", "join", call, params, "--muted"), 0).out))
    equal(ended(ctl(d, "call", "check", call, "3000000001", "7"), 0).out, "%d\n" % (3000000001 - 2**32))
    ended(ctl(d, "call", "set", call, "--messages", "yes"), 0)
    said = fields(ended(ctl(d, "call", "message", call, "hello"), 0))
    check(said[0].isdigit() and len(said) == 1, said)
    equal(ended(ctl(d, "call", "unsay", call, said[0]), 0).out, "")
    equal(ended(ctl(d, "call", "leave", call, "3000000001"), 0).out, "")
    equal(ended(ctl(d, "call", "participants", call), 0).out, "")
    check("updates" in json.loads(ended(ctl(d, "call", "join", call, "-", "--json", lines=['{"ssrc":', '5}']), 0).out))
    ended(ctl(d, "call", "end", call), 0)


def test_an_account_gets_a_way_of_its_own_and_its_password_is_no_word(d):
    equal(fields(ended(ctl(d, "accounts", "add", "via"), 0))[:2], ["via", "wait_login"])
    for line in ("socks5://me:word@127.0.0.1:9", "http://127.0.0.1:9"):
        done = ended(ctl(d, "accounts", "proxy", "via", "--json", lines=[line]), 0)
        equal(json.loads(done.out)["proxy"], line.replace("me:word@", ""))
    equal(json.loads(ended(ctl(d, "accounts", "proxy", "via", "none", "--json"), 0).out)["proxy"], "none")
    check("proxy" not in json.loads(ended(ctl(d, "accounts", "proxy", "via", "default", "--json"), 0).out))
    ended(ctl(d, "accounts", "proxy", "via", "socks5://nowhere"), 1, "tgcalldctl: ", "/proxy")
    ended(ctl(d, "accounts", "remove", "via"), 0)


def test_a_login_is_exported_alone_to_a_pipe(d):
    d.login("exported", "+15550001")
    done = ended(ctl(d, "accounts", "export", "exported", "telethon"), 0, "keep it as you keep a password")
    check(done.out.startswith("1") and len(done.out) > 200 and done.out.count("\n") == 1, done)
    ended(ctl(d, "accounts", "export", "exported", "word"), 1, "/format")
    ended(ctl(d, "accounts", "remove", "exported"), 0)


def test_which_account_is_said_by_its_option(d):
    d.login("another", "+15550003")
    for args in (("peers", "show", "me"), ("call", "create", GROUP), ("schedules", "create", "a", "--peer", GROUP, "--at", "+1h")):
        done = ended(ctl(d, *args), 1, "Say which: --account another or --account sandbox")
        check("?account" not in done.err and "member" not in done.err, done)
    ended(ctl(d, "accounts", "remove", "another"), 0)


def test_a_webhook_gets_all_types_again_and_a_try_says_why_it_did_not_count():
    equal(request_of("webhooks", "set", "ops", "--all-types", answer=(200, {"name": "ops"})), ("PATCH", "/v1/webhooks/ops", {"types": []}))
    for args in (("--all-types", "--type", "call"), ("--type", "call", "--all-types")):
        ended(ctl_alone("--unix", "/nowhere", "webhooks", "set", "ops", *args), 2, "does not go with")
    why = "HTTP 302: redirects are not followed"
    tried = (200, {"deliveries": [{"id": "5", "try": 1, "at": 1, "took_ms": 7, "status": 302, "error": why, "state": "retried"},
                                  {"id": "6", "try": 1, "at": 1, "took_ms": 7, "error": "nobody is there", "state": "failed"}]})
    with scripted(tried) as (there, _):
        equal(ended(ctl_alone(*there, "webhooks", "deliveries", "ops"), 0).out,
              "1\t5\t1\tretried\t302\t7\t%s\n1\t6\t1\tfailed\tnobody is there\t7\tnobody is there\n" % why)
    with scripted(tried) as (there, _):
        shown = on_a_terminal(*there, "webhooks", "deliveries", "ops").splitlines()
        equal([line.strip() for line in shown if "REASON" in line], ["REASON: " + why, "REASON: nobody is there"])


def test_dates_and_reasons_are_whole_on_a_narrow_screen():
    if screen.missing():
        return screen.missing()
    remedy = "Ask an administrator of the chat for the right \"Manage video chats\""
    kept = {"wish": {"peer": {"_": "peerChannel", "channel_id": "5"}, "account": "sandbox", "title": "A title that is much too long for this"},
            "state": "paused", "call": {"id": "4028511103888654336"}, "retry_at": 1796055499, "last_end": {"how": "admin"}, "remedy": remedy}
    with scripted((200, {"live": [kept]})) as (there, _), screen.Screen(100, 24) as s:
        s.run(CTL, *there, "live", "list")
        text = s.ended(0)
        check(re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text) and "  REMEDY: " + remedy + "\n" in text and "…" in text, text)
    return None


def test_a_call_from_its_creation_to_its_end(d):
    call = fields(ended(ctl(d, "call", "create", GROUP, "--title", "By hand"), 0))
    equal(call[1:7], ["active", GROUP, "By hand", "", "0", "sandbox"])
    listed = [line.split("\t") for line in ended(ctl(d, "call", "list", "--state", "active"), 0).out.splitlines()]
    equal(listed, [call])
    equal(fields(ended(ctl(d, "call", "title", call[0], "Renamed"), 0))[3], "Renamed")
    equal(fields(ended(ctl(d, "call", "show", call[0]), 0))[3], "Renamed")
    check(fields(ended(ctl(d, "call", "link", call[0]), 0))[0].startswith("https://t.me/"))
    equal(ended(ctl(d, "call", "invite", call[0], "@bobby"), 0).out, "")
    equal(ended(ctl(d, "call", "participants", call[0]), 0).out, "")
    again = ended(ctl(d, "call", "create", GROUP, "--json"), 0)
    equal((json.loads(again.out)["existing"], json.loads(again.out)["call"]["id"]), (True, call[0]))
    ended(ctl(d, "call", "create", GROUP, "--if-exists", "fail"), 1, "has a call")
    equal(fields(ended(ctl(d, "call", "end", call[0]), 0))[1], "discarded")
    ended(ctl(d, "call", "show", "1"), 1, "tgcalldctl: ")


def test_a_chat_is_kept_live(d):
    equal(request_of("live", "start", "@c", "--title", "t", "--rtmp", "--max-per-hour", "9", "--rotate-key", "--account", "a", answer=(200, {"state": "running"})),
          ("PUT", "/v1/peers/@c/live?account=a", {"title": "t", "rtmp_stream": True, "max_per_hour": 9, "rotate_key": True}))
    equal(ended(ctl(d, "live", "list"), 0).out, "")
    started = fields(ended(ctl(d, "live", "start", "@sandbox_readonly"), 0))
    equal((started[0], started[1]), ("-1000000006003", "sandbox"))
    def why():
        return fields(ended(ctl(d, "live", "show", "@sandbox_readonly"), 0))[-1]
    wait_for("the refusal", lambda: "CHAT_ADMIN_REQUIRED" in why())
    equal(fields(ended(ctl(d, "live", "list", "--account", "sandbox"), 0))[0], "-1000000006003")
    ended(ctl(d, "live", "stop", "@sandbox_readonly"), 0)
    ended(ctl(d, "live", "show", "@sandbox_readonly"), 1, "tgcalldctl: ", "tgcalldctl live start PEER", "tgcalldctl live list")


def test_a_schedule_from_its_creation_to_its_end(d):
    where = ("--peer", GROUP, "--title", "Daily", "--zone", "Europe/Berlin")
    made = fields(ended(ctl(d, "schedules", "create", "daily", *where, "--start", "2036-12-01T20:00:00", "--rule", "FREQ=DAILY", "--announce", "1h"), 0))
    first = 2111770800  # 20:00 of Berlin
    equal(made, ["daily", "waiting", str(first), GROUP, "Daily", "sandbox", "", "FREQ=DAILY", "Europe/Berlin", "", "", "", "", "", "",
                 "2036-12-01T20:00:00", "no", "3600", "", "3600"])
    equal(fields(ended(ctl(d, "schedules"), 0)), made[:13])
    equal(fields(ended(ctl(d, "schedules", "show", "daily"), 0)), made)
    dates = [first + 86400 * i for i in range(5)]
    equal(ended(ctl(d, "schedules", "upcoming", "daily"), 0).out, "".join("%d\n" % at for at in dates))
    equal(json.loads(ended(ctl(d, "schedules", "upcoming", "daily", "--json"), 0).out)["upcoming"], dates)
    edited = fields(ended(ctl(d, "schedules", "edit", "daily", "--no-announce", "--end-after", "2h", "--title", "Every day"), 0))
    equal((edited[4], edited[17:19]), ("Every day", ["", "7200"]))
    skipped = fields(ended(ctl(d, "schedules", "skip", "daily"), 0))
    equal((skipped[2], skipped[14]), (str(first + 86400), str(first)))
    # What the API refuses says which word it was, and what to do.
    ended(ctl(d, "schedules", "create", "daily", *where[:2], "--at", "+1h"), 1, "tgcalldctl: ", "tgcalldctl schedules edit daily")
    ended(ctl(d, "schedules", "edit", "daily", "--rule", "FREQ=SOMETIMES"), 1, "/rrule")
    ended(ctl(d, "schedules", "edit", "daily", "--announce", "5"), 1, "/announce")
    paused = {"name": "s", "state": "paused", "reason": "another user", "remedy": "take it over", "upcoming": []}
    with scripted((200, {"schedules": [paused]})) as (there, _):
        equal(ended(ctl_alone(*there, "schedules"), 0).out.split("\t")[12], "another user\n")
    equal(ended(ctl(d, "schedules", "delete", "daily", "--end"), 0).out, "")
    ended(ctl(d, "schedules", "show", "daily"), 1, "tgcalldctl: ", "tgcalldctl schedules list")
    equal(ended(ctl(d, "schedules"), 0).out, "")


def test_peers_and_what_is_missing_there(d):
    equal(fields(ended(ctl(d, "peers", "show", "me"), 0)), ["1001", "user", "alice", "Alice"])
    equal(fields(ended(ctl(d, "peers", "show", "@sandbox_channel"), 0))[0], "-1000000006001")
    equal(fields(ended(ctl(d, "peers", "preflight", "@sandbox_channel"), 0))[:2], ["yes", "yes"])
    lacking = fields(ended(ctl(d, "peers", "preflight", "@sandbox_noright"), 0))
    equal((lacking[0], lacking[3]), ("no", "manage_call, creator"))
    check("Administrators" in lacking[4], lacking)
    equal(len(fields(ended(ctl(d, "peers", "rtmp", "@sandbox_channel"), 0))), 2)
    ended(ctl(d, "peers", "show", "@nobody_of_that_name"), 1, "tgcalldctl: ")
    equal(ended(ctl(d, "call", "join-as", "@sandbox_channel"), 0).out.splitlines()[0], "1001\tAlice")


def test_a_token_is_shown_once_and_alone_in_a_pipe(d):
    token = ended(ctl(d, "tokens", "create", "ci", "read", "--expires", "+1h"), 0).out
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(token)
        f.flush()
        there = ["--url", "http://%s:%s" % (d.host, d.port), "--token-file", f.name]
        ended(ctl_alone(*there, "accounts"), 0)
        ended(ctl_alone(*there, "call", "create", GROUP), 1, "tgcalldctl: ", "calls")
        listed = ended(ctl(d, "tokens"), 0)
        check("\nci\tread\t" in listed.out and token.strip() not in listed.out, listed)
        equal(ended(ctl(d, "tokens", "revoke", "ci"), 0).out, "")
        ended(ctl_alone(*there, "accounts"), 1, "token")


def test_a_method_answers_json_whatever_it_is(d):
    equal(json.loads(ended(ctl(d, "method", "users.getUsers", '{"id": ["me"]}'), 0).out)[0]["id"], "1001")
    equal(json.loads(ended(ctl(d, "method", "users.getUsers", "-", lines=['{"id":', '["me"]}']), 0).out)[0]["username"], "alice")
    check("_" in json.loads(ended(ctl(d, "method", "help.getConfig"), 0).out))
    ended(ctl(d, "method", "users.getUser", "{}"), 1, "users.getUsers")
    with scripted((200, True)) as (there, _):
        equal(ended(ctl_alone(*there, "method", "a.b"), 0).out, "true\n")


def test_what_is_not_waited_for_is_a_job(d):
    job = fields(ended(ctl(d, "call", "create", "@sandbox_channel", "--title", "Later", "--no-wait"), 0))
    equal(job[1], "call_create")
    # Its own row in the list, and its answer.
    shown = json.loads(ended(ctl(d, "jobs", "show", job[0], "--json"), 0).out)
    equal(shown["id"], job[0])
    check(job[0] in [line.split("\t")[0] for line in ended(ctl(d, "jobs"), 0).out.splitlines()])
    ended(ctl(d, "jobs", "show", "77"), 1, "tgcalldctl: ")


def test_a_job_is_followed_to_its_end():
    def job(state, **more):
        return {"id": "77", "request": "call_create", "state": state, "created_at": 1, **more}
    done = job("done", status=201, answer={"call": {"id": "5", "state": "active"}})
    with scripted((202, job("queued")), (200, job("waiting", until=1900000000)), (200, job("waiting", until=1900000000)),
                  (200, done)) as (there, asked):
        out = ended(ctl_alone(*there, "call", "create", "x"), 0, "as job 77", "as Telegram asks")
        equal(out.err.count("as Telegram asks"), 1)
        equal(fields(out)[:2], ["5", "active"])
        equal([a[:2] for a in asked], [("POST", "/v1/calls")] + 3 * [("GET", "/v1/jobs/77")])
        equal(asked[0][3], "wait=10")
    problem = {"title": "Telegram refused", "detail": "CHAT_ADMIN_REQUIRED", "remedy": "Ask an admin."}
    with scripted((202, job("queued")), (200, job("failed", status=403, problem=problem))) as (there, _):
        equal(ended(ctl_alone(*there, "call", "create", "x"), 1, "CHAT_ADMIN_REQUIRED", "Ask an admin.").out, "")
    with scripted((202, job("queued")), (200, [])) as (there, _):
        ended(ctl_alone(*there, "call", "create", "x"), 3, "no tgcalld")


def test_all_pages_come_unless_a_number_is_asked_for():
    first = (200, {"calls": [{"id": "1"}], "next_cursor": "a/b"})
    last = (200, {"calls": [{"id": "2", "title": "second"}]})
    with scripted(first, last) as (there, asked):
        equal([line.split("\t")[0] for line in ended(ctl_alone(*there, "call", "list", "--state", "active"), 0).out.splitlines()], ["1", "2"])
        equal(asked[1][1], "/v1/calls?state=active&cursor=a%2Fb")
    with scripted(first, last) as (there, _):
        equal([json.loads(line)["calls"][0]["id"] for line in ended(ctl_alone(*there, "call", "list", "--json"), 0).out.splitlines()], ["1", "2"])
    with scripted(first, last) as (there, _):
        equal([line.split()[0] for line in on_a_terminal(*there, "call", "list").splitlines()[:3]], ["ID", "1", "2"])
    with scripted(first) as (there, _):
        equal(len(ended(ctl_alone(*there, "call", "list", "--limit", "1"), 0).out.splitlines()), 1)


def test_who_is_in_a_call_has_a_name():
    answer = {"participants": [{"peer": {"_": "peerUser", "user_id": "7"}, "muted": True, "date": 5},
                               {"peer": {"_": "peerChannel", "channel_id": "9"}, "date": 6}], "count": 2, "version": 1,
              "users": [{"_": "user", "id": "7", "first_name": "A", "last_name": "B"}], "chats": [{"_": "channel", "id": "9", "title": "C"}]}
    with scripted((200, answer)) as (there, _):
        equal(ended(ctl_alone(*there, "call", "participants", "5"), 0).out, "7\tA B\tyes\t\t\t5\n-1000000000009\tC\t\t\t\t6\n")
    with scripted((200, answer)) as (there, _):
        equal(json.loads(ended(ctl_alone(*there, "call", "participants", "5", "--json"), 0).out), answer)


def test_answers_of_another_kind_are_no_success():
    for args, answer in ((("call", "show", "5"), {}), (("jobs",), {"jobs": 5}), (("call", "create", "x"), {"call": []}),
                         (("accounts", "show", "a"), 5), (("tokens", "create", "a", "read"), None)):
        with scripted((200, answer)) as (there, _):
            equal(ended(ctl_alone(*there, *args), 3, "no tgcalld").out, "")


def test_a_result_that_cannot_be_written_is_1(d):
    with open("/dev/full", "w") as full:
        p = subprocess.run([CTL, "--unix", d.unix, "accounts"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    equal(p.returncode, 1)
    check("No space left" in p.stderr, p.stderr)


def test_who_reads_no_further_ends_it_quietly(d):
    read, write = os.pipe()
    os.close(read)
    p = subprocess.run([CTL, "--unix", d.unix, "accounts"], stdout=write, stderr=subprocess.PIPE, timeout=PATIENCE)
    os.close(write)
    equal(p.stderr, b"")


def test_a_table_and_a_record_at_a_terminal(d):
    if screen.missing():
        return screen.missing()
    expect(d.create("@sandbox_channel", title="Ein recht langer Titel, der nicht auf den Schirm passt", if_exists="replace"), 201)
    with screen.Screen(80, 24) as s:
        s.run(CTL, "--unix", d.unix, "call", "list", "--state", "active")
        text = s.ended(0)
        lines = text.splitlines()
        check(lines[1].split()[:4] == ["ID", "STATE", "PEER", "TITLE"], text)
        check("Ein recht" in lines[2] and "…" in lines[2] and "-1000000006001" in lines[2], text)
        check(all(len(line) <= 80 for line in lines), text)
        s.run(CTL, "--unix", d.unix, "accounts", "show", "sandbox")
        s.wait("NAME", "sandbox\n", "STATE", "ready\n", "USERNAME", "alice")
        s.ended(0)
        s.run(CTL, "--unix", d.unix, "tokens", "create", "shown", "read")
        s.wait("TOKEN", "tgc_", "shown this once")
        s.run(CTL, "--unix", d.unix, "tokens", "revoke", "shown")
        s.wait("Done.")
        s.ended(0)
    return None


def test_each_new_command_before_a_person(d):
    if screen.missing():
        return screen.missing()
    d.login("shown", "+15550001")
    text = expect(d.post("/v1/accounts/shown/session", {"format": "telethon"}), 200).json["text"]
    call = expect(d.create(GROUP, account="sandbox", title="On a screen", if_exists="replace"), 201).json["call"]["id"]
    on = ("--unix", d.unix)
    with screen.Screen(100, 40) as s:
        s.run(CTL, *on, "accounts", "export", "shown", "telethon")
        check(text[:40] not in s.ended(2) and "--yes" in s.text(), "it shows")
        s.run(CTL, *on, "accounts", "export", "shown", "telethon", "--yes")
        check(text in s.ended(0).replace("\n", ""), s.text())
        s.run(CTL, *on, "accounts", "proxy", "shown")
        s.wait("Proxy (hidden): ")
        wait_for("silence", lambda: not s.echoes())
        s.type("socks5://me:word@127.0.0.1:9")
        s.wait("PROXY", "socks5://127.0.0.1:9")
        check("word" not in s.ended(0) and s.echoes(), s.text())
        s.run(CTL, *on, "call", "join", call, '{"ssrc": 5}', "--account", "sandbox")
        s.wait('{"', "transport")
        s.ended(0)
        s.run(CTL, *on, "call", "check", call, "5", "--account", "sandbox")
        s.wait("SOURCE\n5\n")
        s.ended(0)
        s.run(CTL, *on, "call", "message", call, "hello", "--account", "sandbox")
        s.wait("MESSAGE")
        s.ended(0)
        s.run(CTL, *on, "call", "leave", call, "5", "--account", "sandbox")
        s.wait("Done.")
        s.ended(0)
    expect(d.request("DELETE", "/v1/accounts/shown"), 200)
    return None


def test_colours_are_for_terminals_that_want_them(d):
    check("\033[1m" in on_a_terminal("--unix", d.unix, "accounts", env={"TERM": "xterm"}))
    for env in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
        check("\033" not in on_a_terminal("--unix", d.unix, "accounts", env=env))


if __name__ == "__main__":
    run(globals())
