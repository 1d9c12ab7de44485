"""The recipes of config/cookbook, each run as it stands there against the sandbox."""
import contextlib
import datetime
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

from ctl import CTL
from lib import Daemon, PATIENCE, check, equal, expect, run, running, start_other, wait_for
from proxy_servers import Gate

FOLDER = os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "cookbook")
CHAT, GROUP = "@sandbox_channel", "@sandbox_group"


def recipe(name):
    return os.path.join(FOLDER, name)


@contextlib.contextmanager
def surroundings(d, token=None):
    """What the recipes' page says to set, and a folder that is first on PATH."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/bin")
        os.symlink(CTL, folder + "/bin/tgcalldctl")
        os.mkdir(folder + "/tgcalld")
        os.symlink(d.unix, folder + "/tgcalld/api.sock")
        with open(folder + "/token", "w") as f:
            f.write((token or d.token) + "\n")
        yield folder, {**os.environ, "PATH": folder + "/bin:" + os.environ["PATH"], "TGCALLD_TOKEN_FILE": folder + "/token",
                       "TGCALLD_URL": "http://%s:%s" % (d.host, d.port), "XDG_RUNTIME_DIR": folder, "RUNTIME_DIRECTORY": ""}


def cook(env, status, *words):
    p = subprocess.run(words, env=env, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    check(p.returncode == status, "%r: %r" % (words, p))
    return p


def states(d, title):
    return [call["state"] for call in d.get("/v1/calls").json["calls"] if call.get("title") == title]


@contextlib.contextmanager
def bad_line(d, *faults):
    """The address of a line to the daemon on which the first requests meet FAULTS in turn: "lost" is done, and its answer never
    comes; "busy" is refused with 503. And the answers that came through."""
    left, came = list(faults), []

    class Line(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fault = left.pop(0) if left else None
            if fault == "busy":
                return self.answer(503, b'{"title": "Busy"}', {"Retry-After": "1"})
            wanted = {name: self.headers[name] for name in ("Authorization", "Content-Type", "Idempotency-Key")}
            answer = d.request("POST", self.path, body, wanted, token=False)
            if fault == "lost":
                self.close_connection = True
                return None
            came.append(answer)
            return self.answer(answer.status, answer.raw, {})

        def answer(self, status, body, headers):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Line)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "http://127.0.0.1:%d" % server.server_port, came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    check(not left, "faults that never struck: %r" % left)


def program(path, text):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o755)


def read_lines(path):
    with open(path) as f:
        return f.read().splitlines()


def test_each_recipe_is_in_the_page_and_run_here():
    with open(recipe("README.md")) as page, open(__file__) as tests:
        page, tests = page.read(), tests.read()
    names = sorted(set(os.listdir(FOLDER)) - {"README.md", "dashboard.png"})
    for name in names:
        check("`%s`" % name in page, name + " is not in the page")
        check('recipe("%s")' % name in tests, name + " is not run")
    equal(sorted(set(re.findall(r"`([\w-]+\.(?:sh|py|mjs|yaml))`", page)) - {"configuration.yaml", "secrets.yaml"}), names)


def test_a_call_lasts_as_long_as_its_command(d):
    title = r'Quo"te and back\slash é'
    with surroundings(d) as (folder, env):
        look = folder + "/bin/look"
        program(look, "#!/bin/sh\ntgcalldctl call list --state active\nexit 7\n")
        done = cook(env, 7, recipe("call.sh"), CHAT, title, "look")
        check(title in done.stdout, done)
        equal(states(d, title), ["discarded"])
        # Somebody else's call there is left alone, and the command does not run.
        other = expect(d.create(CHAT, title="Of another"), 201).json["call"]["id"]
        done = cook(env, 1, recipe("call.sh"), CHAT, "Second", "look")
        check("call-exists" in done.stderr and not done.stdout, done)
        equal(states(d, "Of another"), ["active"])
        expect(d.request("DELETE", "/v1/calls/" + other), 200)
        cook(env, 2, recipe("call.sh"), CHAT)


def test_the_town_hall_is_announced_once_a_week(d):
    at = datetime.datetime.now().replace(microsecond=0) + datetime.timedelta(days=2)
    words = recipe("town-hall.sh"), GROUP, "Town hall", at.strftime("%Y-%m-%d %H:%M:%S")
    with surroundings(d) as (_, env):
        calls = [json.loads(cook(env, 0, *words).stdout)["call"] for _ in range(2)]
        equal((calls[0]["id"], calls[0]["state"], calls[0]["auto_start"], calls[0]["schedule_date"]),
              (calls[1]["id"], "scheduled", True, int(at.timestamp())))
        equal(len(d.sandbox_calls("Town hall")), 1)
        # Another week's is another request: it is refused aloud, where the chat has a call and where Telegram takes no such date.
        check("call-exists" in cook(env, 22, *words[:3], "2001-01-01 18:00").stdout)
        check("SCHEDULE_DATE_INVALID" in cook(env, 22, words[0], CHAT, "Town hall", "2001-01-01 18:00").stdout)
        # Of what is no date the daemon hears nothing.
        check("curl" not in cook(env, 1, *words[:3], "some day").stderr)
        # A daemon that is busy is asked again.
        with bad_line(d, "busy", "busy") as (url, came):
            cook({**env, "TGCALLD_URL": url}, 0, *words)
        equal([a.headers.get("idempotency-replayed") for a in came], ["true"])
    expect(d.request("DELETE", "/v1/calls/" + calls[0]["id"]), 200)


def test_a_file_is_streamed_to_the_address_with_the_key(d):
    with surroundings(d) as (folder, env):
        program(folder + "/bin/ffmpeg", '#!/bin/sh\nprintf "%%s\\n" "$@" >%s/words\ntgcalldctl call list --state active >%s/calls\nexit "${FAILS:-0}"\n'
                % (folder, folder))
        film = folder + "/a film.mkv"
        with open(film, "w"):
            pass
        where = expect(d.post("/v1/peers/%s/rtmp" % urllib.parse.quote(CHAT)), 200).json
        for fails in ("0", "3"):
            cook({**env, "FAILS": fails}, int(fails), recipe("stream.sh"), CHAT, "Film " + fails, film)
            words = read_lines(folder + "/words")
            equal((words[words.index("-i") + 1], words[-3:]), (film, ["-f", "flv", where["url"] + where["key"]]))
            # What the daemon proposes, word for word.
            equal(words[words.index("-c:v"):-1], where["ffmpeg"].split()[where["ffmpeg"].split().index("-c:v"):-1])
            check("Film " + fails in "".join(read_lines(folder + "/calls")), "there was no call while it ran")
            equal(states(d, "Film " + fails), ["discarded"])
        cook(env, 2, recipe("stream.sh"), CHAT, "No film", folder + "/none")
        equal(states(d, "No film"), [])
        # Where there may be no stream there is no call left.
        check("tgcalldctl: " in cook(env, 1, recipe("stream.sh"), "@sandbox_noright", "Never", film).stderr)
        equal(states(d, "Never"), [])


def test_the_announcer_misses_nothing_over_a_restart():
    state = tempfile.mkdtemp()
    with Daemon(state=state) as d, Gate("%s:%s" % (d.host, d.port)) as gate, surroundings(d) as (folder, env):
        env["TGCALLD_URL"] = "http://127.0.0.1:%d" % gate.port
        program(folder + "/bin/speak", '#!/bin/sh\nprintf "%%s\\n" "$1" >>%s/spoken\n' % folder)
        p = start_other(recipe("announcer.py"), "speak", env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        # A line that never comes is an end, too.
        patience = threading.Timer(PATIENCE, p.kill)
        patience.start()
        try:
            wait_for("its stream", lambda: re.search(r"^tgcalld_event_followers [1-9]", d.get("/metrics").raw.decode(), re.M))
            call = expect(d.create(CHAT, title="Morning"), 201).json["call"]["id"]
            equal(p.stdout.readline(), b"Morning has begun.\n")
            # A call that is renamed is neither.
            expect(d.request("PATCH", "/v1/calls/" + call, {"title": "Noon"}), 200)
            d.end_cleanly()
            with Daemon(state=state) as again:
                expect(again.request("DELETE", "/v1/calls/" + call), 200)
                gate.server = "%s:%s" % (again.host, again.port)
                equal(p.stdout.readline(), b"Noon has ended.\n")
            wait_for("both to be spoken", lambda: os.path.exists(folder + "/spoken") and read_lines(folder + "/spoken")
                     == ["Morning has begun.", "Noon has ended."])
        finally:
            patience.cancel()
            p.kill()
            p.wait()
            p.stdout.close()
            running.discard(p)


def create_by(d, words):
    """There is one call, though the first answer is lost and the second is that the daemon is busy."""
    with surroundings(d) as (_, env):
        title = "By " + os.path.basename(words[-1])
        with bad_line(d, "lost", "busy") as (url, came):
            done = cook({**env, "TGCALLD_URL": url}, 0, *words, GROUP, title)
        equal([a.headers.get("idempotency-replayed") for a in came], ["true"])
        calls = d.sandbox_calls(title)
        equal(len(calls), 1)
        equal(done.stdout.split(), [str(calls[0]["id"]), "active"])
        check("refused" in cook(env, 1, *words, "@sandbox_noright", title).stderr)
        expect(d.request("DELETE", "/v1/calls/" + done.stdout.split()[0]), 200)


def test_python_creates_one_call(d):
    create_by(d, [recipe("calls.py")])


def test_node_creates_one_call(d):
    if not shutil.which("node"):
        return "node is not installed"
    create_by(d, ["node", recipe("calls.mjs")])
    return None


def filled(template, **values):
    """As much of Jinja as the recipe has."""
    def value(found):
        path, filters = found.group(1), found.group(2)
        result = values
        for name in path.split("."):
            result = result.get(name) if isinstance(result, dict) else None
        for name in re.findall(r"\| (\w+)", filters):
            result = {"to_json": json.dumps, "length": len, "default": lambda v: False if v is None else v}[name](result)
        return str(result)
    return re.sub(r"\{\{ ([\w.]+)((?: \| \w+(?:\(\w+\))?)*) \}\}", value, template)


def test_home_assistants_requests_are_served(d):
    try:
        import yaml
    except ImportError:
        return "Python's yaml is not installed"

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!secret", lambda _, node: {"tgcalld_bearer": "Bearer " + d.token}[node.value])
    with open(recipe("home-assistant.yaml")) as f:
        config = yaml.load(f, Loader)
    base = "http://127.0.0.1:8765"

    def ask(what, body=None, **values):
        url = filled(what.get("url") or what["resource"], **values)
        check(url.startswith(base), url)
        return d.request(what.get("method", "get").upper(), url[len(base):], body, headers=what.get("headers"), token=False)

    def sensor(kind):
        rest = next(r for r in config["rest"] if kind in r)
        return filled(rest[kind][0]["value_template"], value_json=expect(ask(rest), 200).json)

    make, end = config["rest_command"]["telegram_call"], config["rest_command"]["telegram_call_end"]
    before = int(sensor("sensor"))
    equal(make["content_type"], "application/json")
    body = filled(make["payload"], peer=GROUP, title='At "home"').encode()
    call = expect(ask(make, body), 201).json["call"]
    equal((call["title"], int(sensor("sensor"))), ('At "home"', before + 1))
    equal(sensor("binary_sensor"), "True")
    expect(ask(end, id=call["id"]), 200)
    equal(int(sensor("sensor")), before)
    return None


if __name__ == "__main__":
    run(globals())
