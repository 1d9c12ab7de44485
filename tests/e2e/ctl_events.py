"""tgcalldctl events: lines of what happened, and who follows misses nothing over a restart and is told of a gap."""
import http.server
import json
import signal
import subprocess
import tempfile
import threading
import time

from ctl import CTL, ctl, ctl_alone, ended, on_a_terminal
from lib import PATIENCE, Daemon, check, equal, expect, run, running, start_other, wait_for


def lines(done):
    return [line.split("\t") for line in done.out.splitlines()]


def test_what_happened_is_lines_or_json(d):
    call = expect(d.create("@sandbox_channel", title="Seen"), 201).json["call"]
    rows = wait_for("the event of the call", lambda: lines(ended(ctl(d, "events", "--types", "call"), 0)))
    equal(rows[-1][2:7], ["call", "sandbox", "made", call["id"], "active"])
    expect(d.request("PATCH", "/v1/calls/" + call["id"], {"title": "Other"}), 200)
    changed = wait_for("the change", lambda: lines(ended(ctl(d, "events", "--types", "call", "--after", rows[-1][0]), 0)))
    check(changed and changed[0][4] == "changed" and "title" in changed[0][7], changed)
    events = [json.loads(line) for line in ended(ctl(d, "events", "--json"), 0).out.splitlines()]
    equal([e["id"] for e in events], sorted(e["id"] for e in events))
    check({"account", "call", "updateGroupCall"} <= {e["event"] for e in events}, events)
    ids = [row[0] for row in lines(ended(ctl(d, "events"), 0))]
    equal(ids, [str(e["id"]) for e in events])
    equal(ended(ctl(d, "events", "--after", ids[-1]), 0).out, "")
    shown = on_a_terminal("--unix", d.unix, "events", "--types", "call")
    check(call["id"] in shown and "made" in shown and "\t" not in shown, shown)


def test_a_schedule_a_chat_that_is_live_and_a_key_say_which_and_why(d):
    expect(d.post("/v1/schedules", {"name": "soon", "peer": "@sandbox_channel", "at": 2111770800}), 201)
    expect(d.post("/v1/schedules/soon/skip"), 200)
    expect(d.request("PUT", "/v1/peers/@sandbox_readonly/live", {}), 201)
    expect(d.post("/v1/peers/@sandbox_channel/rtmp", {"revoke": True}), 200)
    wait_for("the refusal", lambda: expect(d.get("/v1/peers/@sandbox_readonly/live"), 200).json.get("reason"))
    told = lambda: lines(ended(ctl(d, "events", "--types", "schedule,live,stream_key"), 0))
    wait_for("all of it", lambda: {row[2] for row in told()} == {"schedule", "live", "stream_key"} and
             any(row[2] == "live" and row[11] for row in told()))
    rows = told()
    equal({(*row[2:5], row[6], *row[8:11]) for row in rows if row[2] == "schedule"},
          {("schedule", "sandbox", "created", "waiting", "soon", "-1000000006001", ""),
           ("schedule", "sandbox", "skipped", "done", "soon", "-1000000006001", "2111770800")})
    paused = [row for row in rows if row[2] == "live" and row[11]][-1]
    equal((paused[6], paused[9]), ("paused", "-1000000006003"))
    check("CHAT_ADMIN_REQUIRED" in paused[11], paused)
    equal([(row[9], row[11]) for row in rows if row[2] == "stream_key"], [("-1000000006001", "request")])
    shown = on_a_terminal("--unix", d.unix, "events", "--types", "schedule")
    check(shown.split()[:4] == ["ID", "AT", "EVENT", "ACCOUNT"] and shown.count("ACCOUNT") == 1 and "soon  -1000000006001" in shown, shown)
    expect(d.request("DELETE", "/v1/peers/@sandbox_readonly/live"), 204)


def test_what_cannot_be_followed_says_so(d):
    done = ended(ctl(d, "events", "--after", "900000"), 0, "events are missing here")
    equal([row[2] for row in lines(done)], ["gap"])
    ended(ctl(d, "events", "--after", "x"), 2, "not the id of an event")
    ended(ctl(d, "events", "--account", "nobody"), 1, "tgcalldctl: ")
    ended(ctl_alone("--unix", "/nowhere", "events", "--follow", "--after", "5"), 3, "/nowhere")


def test_who_has_nothing_to_say_and_does_not_wait_is_not_asked_without_end():
    asked = []

    class Hasty(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(time.monotonic())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"events": [], "next": 5}')

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Hasty) as server, tempfile.NamedTemporaryFile("w") as token:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        token.write("token\n")
        token.flush()
        p = start_other(CTL, "--url", "http://127.0.0.1:%d" % server.server_port, "--token-file", token.name, "events", "--follow",
                        stdin=subprocess.DEVNULL)
        try:
            wait_for("a few requests", lambda: len(asked) > 3)
        finally:
            p.kill()
            p.wait(PATIENCE)
            running.discard(p)
            server.shutdown()
            thread.join()
    check(asked[3] - asked[0] > 0.6, asked[:4])


class Following:
    """The program at work, and what it wrote so far."""

    def __init__(self, d, *args):
        self.out, self.err = tempfile.NamedTemporaryFile(), tempfile.NamedTemporaryFile()
        self.process = start_other(CTL, "--unix", d.unix, "events", "--follow", *args, stdin=subprocess.DEVNULL, stdout=self.out,
                                   stderr=self.err)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)
        running.discard(self.process)

    def rows(self):
        with open(self.out.name) as f:
            return [line.split("\t") for line in f.read().splitlines()]

    def said(self):
        with open(self.err.name) as f:
            return f.read()

    def wait(self, what):
        wait_for("%r among %r, %s" % (what, self.rows(), self.said()), lambda: any(what in row for row in self.rows()))


def test_who_follows_misses_nothing_over_a_restart():
    with Daemon() as d:
        first = expect(d.create("@sandbox_channel"), 201).json["call"]["id"]
        state = d.state
        # Its account stands in the store before it ends.
        with Following(d, "--after", "0") as f:
            f.wait(first)
            d.end_cleanly()
            wait_for("the loss to be told", lambda: "trying again" in f.said())
            with Daemon(state=state) as again:
                wait_for("the account", lambda: again.get("/readyz").status == 200)
                second = expect(again.create("@sandbox_group"), 201).json["call"]["id"]
                f.wait(second)
                check("there again" in f.said() and "missing" not in f.said(), f.said())
                followed = f.rows()
                equal([row[0] for row in followed], [row[0] for row in lines(ended(ctl(again, "events"), 0))][:len(followed)])
                f.process.send_signal(signal.SIGINT)
                equal(f.process.wait(PATIENCE), -signal.SIGINT)


def test_without_a_number_it_begins_with_what_happens_now(d):
    with Following(d, "--types", "call") as f:
        # It has come to the log as soon as it is told of any of these.
        def until_told():
            expect(d.create("@sandbox_group", if_exists="replace"), 201)
            return f.rows()
        rows = wait_for("an event", until_told)
        before = int(lines(ended(ctl(d, "events", "--types", "call"), 0))[0][0])
        check(int(rows[0][0]) > before, rows)


if __name__ == "__main__":
    run(globals())
