"""Each command of tgcalldctl in a terminal: done, and refused, misused, or without a daemon. What it asks a person is `terminal.py`'s."""
import os
import re
import tempfile

import screen
import store
from ctl import CTL, ctl_alone, ended
from lib import check, equal, expect, run, wait_for

GROUP = "-1000000006002"
SCHEMA = os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "schema", "layer-229.tl")
# Command, its words, and what is to be seen in this order; {call} and the like are of values(). The order is a story.
STORY = (
    ("accounts list", [], ["NAME", "STATE", "sandbox "]),
    ("accounts add", ["shown"], ["NAME", "shown", "STATE", "wait_login"]),
    ("accounts proxy", ["shown", "none"], ["PROXY", "none"]),
    ("login", ["shown", "--phone", "+15550003"], ["Code (hidden): "]),
    ("accounts show", ["shown"], ["NAME", "shown", "STATE", "ready", "USERNAME", "carol"]),
    ("accounts export", ["shown", "mtcute", "--yes"], ["keep it as you keep a password"]),
    ("logout", ["shown"], ["NAME", "shown", "STATE", "logged_out"]),
    ("accounts remove", ["shown"], ["The account is forgotten."]),
    ("call create", [GROUP, "--title", "Seen", "--at", "+1h"], ["ID", "STATE", "scheduled", "TITLE", "Seen", "SCHEDULED"]),
    ("call list", [], ["ID", "STATE", "PEER", "TITLE", "scheduled", GROUP, "Seen"]),
    ("call subscribe", ["{call}"], ["Done."]),
    ("call start", ["{call}"], ["ID", "STATE", "active"]),
    ("call show", ["{call}"], ["ID", "STATE", "active", "TITLE", "Seen"]),
    ("call title", ["{call}", "Seen by all"], ["TITLE", "Seen by all"]),
    ("call set", ["{call}", "--messages", "yes"], ["ID", "TITLE", "Seen by all"]),
    ("call invite", ["{call}", "@bobby"], ["Done."]),
    ("call link", ["{call}"], ["LINK", "https://t.me/"]),
    ("call record", ["{call}", "--title", "Kept"], ["Done."]),
    ("call join", ["{call}", '{"ssrc": 5}'], ['{"', "transport"]),
    ("call participants", ["{call}"], ["ID", "NAME", "1001", "Alice"]),
    ("call participant", ["{call}", "me", "--muted", "yes"], ["Done."]),
    ("call check", ["{call}", "5"], ["SOURCE\n5\n"]),
    ("call message", ["{call}", "hello"], ["MESSAGE"]),
    ("call unsay", ["{call}", "{message}"], ["Done."]),
    ("call leave", ["{call}", "5"], ["Done."]),
    ("call join-as", [GROUP], ["ID", "NAME", "1001", "Alice"]),
    ("call end", ["{call}"], ["ID", "STATE", "discarded"]),
    ("peers show", ["me"], ["ID", "1001", "KIND", "user", "USERNAME", "alice"]),
    ("peers preflight", ["@sandbox_noright"], ["CAN CREATE", "no", "MISSING", "manage_call", "REMEDY"]),
    ("peers rtmp", ["@sandbox_channel"], ["URL", "rtmps://", "KEY"]),
    ("live start", ["@sandbox_readonly", "--title", "On"], ["CHAT", "-1000000006003", "STATE", "TITLE", "On"]),
    ("live show", ["@sandbox_readonly"], ["CHAT", "-1000000006003", "STATE"]),
    ("live list", [], ["CHAT", "STATE", "-1000000006003"]),
    ("live stop", ["@sandbox_readonly"], ["Done."]),
    ("schedules create", ["seen", "--peer", "@sandbox_channel", "--title", "Soon", "--at", "+2h"], ["NAME", "seen", "STATE", "waiting", "NEXT", "20", "Soon"]),
    ("schedules list", [], ["NAME", "STATE", "seen", "waiting", "Soon"]),
    ("schedules show", ["seen"], ["NAME", "seen", "CHAT", "-1000000006001"]),
    ("schedules upcoming", ["seen"], ["AT", "20"]),
    ("schedules edit", ["seen", "--title", "Later"], ["TITLE", "Later"]),
    ("schedules skip", ["seen"], ["STATE", "done", "SKIPPED", "20"]),
    ("schedules delete", ["seen"], ["Done."]),
    ("method", ["users.getUsers", '{"id": ["me"]}'], ['"alice"']),
    ("jobs list", [], ["ID", "{job}"]),
    ("jobs show", ["{job}"], ["ID", "{job}", "STATE", "waiting"]),
    ("jobs cancel", ["{job}"], ["ID", "{job}", "STATE", "failed"]),
    ("nodes", [], ["n1", "n2"] if store.NODES > 1 else ["There are none."]),
    ("events", ["--types", "call"], ["made"]),
    ("tokens list", [], ["NAME", "SCOPES", "admin"]),
    ("tokens create", ["seen", "read"], ["TOKEN", "tgc_", "shown this once"]),
    ("tokens revoke", ["seen"], ["Done."]),
    ("webhooks create", ["seen", "http://127.0.0.1:9/"], ["SECRET", "whsec_", "shown this once"]),
    ("webhooks list", [], ["NAME", "STATE", "seen", "active"]),
    ("webhooks set", ["seen", "--type", "gap"], ["NAME", "seen", "TYPES", "gap"]),
    ("webhooks pause", ["seen"], ["STATE", "paused"]),
    ("webhooks resume", ["seen"], ["STATE", "active"]),
    ("webhooks show", ["seen"], ["URL", "http://127.0.0.1:9/"]),
    ("webhooks test", ["seen"], ["EVENT"]),
    ("webhooks deliveries", ["{hook}"], ["AT", "EVENT", "STATE", "failed"]),
    ("webhooks replay", ["seen"], ["EVENTS"]),
    ("webhooks rotate", ["seen"], ["SECRET", "whsec_", "shown this once"]),
    ("webhooks delete", ["seen"], ["Done."]),
    ("audit", [], ["AT", "WHO", "METHOD", "DELETE"]),
    ("schema list", [], ["LAYER", "138", "229"]),
    ("schema check", [SCHEMA], ["LAYER", "229"]),
    ("schema diff", [SCHEMA], ["From layer 229 to 229"]),
    ("doctor", [], ["CHECK", "STATE", "daemon", "good", "clock"]),
    ("completion", ["bash"], ["_tgcalldctl"]),
)
# Taking over another client's session is shown by terminal.py.
IMPORT = ("import", ["copy", "telethon"], [])
# These ask no daemon, and refuse something of their own.
LOCAL = {"schema check": ["/nowhere.tl"], "schema diff": ["/nowhere.tl"]}
# The exit status of each with a token that is not valid, and without a daemon, where that is not 1 and 3: what needs no token, or
# no daemon.
STATUSES = {"schema list": "03", "completion": "00", **dict.fromkeys(LOCAL, "11")}
FAILING = ('echo 12345 | "$0" $1 "${@:3}" >/dev/null; echo "refused=$?"; echo 12345 | "$0" $2 "${@:3}" >/dev/null; echo "away=$?"; '
           '"$0" "${@:3}" --no-such-option >/dev/null; echo "misused=$?"')


def commands():
    """All that --help tells of, one level after the other."""
    def below(*path):
        return re.findall(r"^  ([a-z-]+) ", ended(ctl_alone(*path, "--help"), 0).out.partition("\nCommands:\n")[2], re.M)
    return sorted(" ".join(path) for c in below() for path in ([(c, verb) for verb in below(c)] or [(c,)]))


def filled(words, values):
    return [re.sub(r"^{(\w+)}$", lambda m: values[m[1]], w) for w in words]


def waiting_job(d):
    """The id of a job that Telegram has wait."""
    d.fault(type="rpc_error", method="help.getNearestDc", code=420, message="FLOOD_WAIT_600")
    job = expect(d.post("/v1/methods/help.getNearestDc?account=sandbox", headers={"Prefer": "respond-async"}), 202).json["id"]
    wait_for("its wait", lambda: d.get("/v1/jobs/" + job).json["state"] == "waiting")
    return job


def tried_hook(d):
    """A webhook that nobody receives, and that was tried."""
    expect(d.post("/v1/webhooks", {"name": "tried", "url": "http://127.0.0.1:9/", "types": ["job"]}), 201)
    expect(d.post("/v1/webhooks/tried/test"), 202)
    wait_for("its try", lambda: expect(d.get("/v1/webhooks/tried/deliveries"), 200).json["deliveries"])
    return "tried"


def test_each_command_that_help_tells_of_is_here():
    equal(sorted(command for command, _, _ in (*STORY, IMPORT)), commands())


def test_each_command_is_done_before_a_person(d):
    if screen.missing():
        return screen.missing()
    values = {"job": waiting_job(d), "hook": tried_hook(d)}
    with screen.Screen(120, 400) as s:
        for command, words, seen in STORY:
            where = [] if command in LOCAL or command == "completion" else ["--unix", d.unix]
            s.run(CTL, *where, *command.split(), *filled(words, values))
            s.wait(*filled(seen, values))
            if command == "login":
                # What is typed before is thrown away.
                wait_for("silence", lambda: not s.echoes())
                s.type("12345")
            text = s.ended(0)
            check("tgcalldctl: " not in text, text)
            if command == "call create":
                values["call"] = re.search(r"^ID +(\d+)", text, re.M).group(1)
            elif command == "call message":
                values["message"] = re.search(r"^MESSAGE +(\d+)", text, re.M).group(1)
    return None


def test_each_command_fails_by_its_status_and_tells_stderr_why(d):
    if screen.missing():
        return screen.missing()
    with tempfile.NamedTemporaryFile("w") as token, screen.Screen(120, 400) as s:
        token.write("tgc_of_nobody\n")
        token.flush()
        refused = "--url http://%s:%s --token-file %s" % (d.host, d.port, token.name)
        for command, words, _ in (*STORY, IMPORT):
            words = LOCAL.get(command, filled(words, {"call": "1", "hook": "1", "job": "1", "message": "1"}))
            s.run("bash", "-c", FAILING, CTL, refused, "--unix /nowhere/api.sock", *command.split(), *words)
            text = s.ended(0)
            whole = re.search(r"\n(.*)refused=(\d)\n(.*)away=(\d)\n(.*)misused=2\n", text, re.S)
            check(whole, text)
            said, status, of_none, away, usage = whole.groups()
            equal((command, status + away), (command, STATUSES.get(command, "13")))
            # What the doctor finds is its result.
            if status == "1" and command != "doctor":
                check("tgcalldctl: " in said and ("/nowhere.tl" if command in LOCAL else "token") in said, text)
            if away == "3" and command != "doctor":
                check("/nowhere/api.sock" in of_none, text)
            check("no-such-option" in usage and "--help" in usage, text)
    return None


if __name__ == "__main__":
    store.needs_a_durable_server()
    run(globals())
