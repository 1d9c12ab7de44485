"""The program itself: command line, configuration, files, exit statuses, stopping."""
import contextlib
import grp
import http.client
import json
import os
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

from remote import Remote
from lib import BUILD, PATIENCE, TGCALLD, Daemon, Process, check, equal, expect, run, start, wait_for
from store import IS_A_FILE, POSTGRESQL, needs_one_process, url


def tgcalld(*args, **env):
    p = subprocess.run([TGCALLD, *args], capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **env})
    return p.returncode, p.stdout, p.stderr


def in_file(text):
    f = tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False)
    f.write(text)
    f.close()
    return f.name


def test_help_and_version_are_0():
    status, out, _ = tgcalld("--help")
    equal(status, 0)
    check("--sandbox" in out and "sandbox" in out)
    equal(tgcalld("sandbox", "--help")[0], 0)
    status, out, _ = tgcalld("--version")
    equal((status, out.split()[0]), (0, "tgcalld"))


def test_an_unusable_command_line_is_2():
    for args in (["--nonsense"], ["--listen", "nowhere"], ["--layer", "x"], ["surplus"], ["sandbox", "--chats", "-1"],
                 ["sandbox", "--listen", "192.0.2.1:1"], ["--listen", "192.0.2.1:80", "--sandbox"]):
        status, _, err = tgcalld(*args)
        equal((args, status), (args, 2))
        check(err.strip(), args)


def test_faults_of_a_configuration_are_all_named():
    path = in_file("[server]\nnonsense = 1\nmax_body = -4\n[telegram]\nenvironment = moon\n[oddly]\na = 1\n")
    status, _, err = tgcalld("--config", path, "--check-config")
    equal(status, 2)
    for word in (path + ":2", "nonsense", path + ":3", "max_body", path + ":5", "environment", "oddly"):
        check(word in err, "%s is not in %s" % (word, err))
    os.unlink(path)


def test_check_config_says_what_was_read_and_what_a_login_lacks():
    keys = "[telegram]\napi_id = 1\napi_hash = 0123456789abcdef0123456789abcdef\n"
    with_keys, without = in_file(keys), in_file("[server]\nqueue_size = 5\n")
    equal(tgcalld("--config", with_keys, "--check-config"), (0, with_keys + ": good\n", ""))
    status, out, err = tgcalld("--config", without, "--check-config")
    equal((status, out), (0, without + ": good, but for logins\n"))
    for word in ("api_id", "https://my.telegram.org", without):
        check(word in err, "%s is not in %s" % (word, err))
    equal(tgcalld("--sandbox", "--check-config"), (0, "no configuration file is read with --sandbox: good\n", ""))
    status, out, err = tgcalld("--check-config")
    if not os.path.exists("/etc/tgcalld/tgcalld.conf"):
        equal(status, 0)
        check("tgcalld.conf is not there" in out and "but for logins" in out and "tgcalld.conf" in err, (out, err))


def test_check_config_reads_what_is_named_too():
    with open(os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "keys", "production.pem")) as f:
        key = f.read()
    custom = "[telegram]\nenvironment = custom\n%s[dc 1]\naddress = 127.0.0.1:1\npublic_key = %s\n"
    good, bad = in_file(key), in_file("-----BEGIN RSA PUBLIC KEY-----\nnonsense\n-----END RSA PUBLIC KEY-----\n")
    schema = in_file("// LAYER 300\nboolFalse#bc799737 = Bool;\nodd#zz = Odd;\n")
    equal(tgcalld("--config", in_file(custom % ("", good)), "--check-config")[0], 0)
    for text, said in ((custom % ("layer = 77\n", good), (":3: [telegram] layer:", "138, 229")),
                       (custom % ("layer = 300\nschema = %s\n" % schema, bad), (schema + ":3:5", bad)),
                       ("[server]\nunix_group = no-such-group\nqueue_size = 0\n[telegram]\nlayer = 2\n",
                        (":2: [server] unix_group:", ":3: [server] queue_size:", ":5: [telegram] layer:"))):
        path = in_file(text)
        status, out, err = tgcalld("--config", path, "--check-config")
        equal((status, out), (2, ""))
        for word in said:
            check(word in err, "%r is not in %s" % (word, err))


def test_a_state_directory_that_others_can_read_is_told_of():
    state, path = tempfile.mkdtemp(), in_file("")
    for mode, told in ((0o755, True), (0o710, True), (0o700, False)):
        os.chmod(state, mode)
        status, _, err = tgcalld("--config", path, "--state-dir", state, "--check-config")
        equal((status, "chmod 700 " + state in err), (0, told))
        with Daemon(state=state) as d:
            equal("chmod 700 " + state in d.log(), told)


def test_closed_standard_files_do_no_harm():
    state = tempfile.mkdtemp()
    p = subprocess.Popen(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", TGCALLD, "--sandbox", "--listen", "127.0.0.1:0",
                          "--state-dir", state])
    try:
        wait_for("the file listen", lambda: os.path.exists(os.path.join(state, "listen")) or p.poll() is not None)
        p.terminate()
        equal(p.wait(PATIENCE), 0)
    finally:
        p.kill()


def test_a_missing_layer_is_2_and_lists_those_there_are():
    state = os.path.join(tempfile.mkdtemp(), "state")
    status, _, err = tgcalld("--sandbox", "--layer", "77", "--state-dir", state)
    equal(status, 2)
    check("--layer" in err and "138, 229" in err, err)
    check(not os.path.exists(state))


def test_a_broken_schema_is_2_with_line_and_column():
    path = in_file("// LAYER 300\nboolFalse#bc799737 = Bool;\nodd#zz = Odd;\n")
    status, _, err = tgcalld("--sandbox", "--schema", path)
    equal(status, 2)
    check(path + ":3:" in err, err)
    os.unlink(path)


def test_a_schema_that_no_login_could_be_made_with_is_2_and_says_what_it_lacks():
    with open(os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "schema", "layer-229.tl")) as f:
        text = f.read()
    path = in_file(text.replace("\ninvokeWithLayer#", "\ninvokeWithStrata#").replace("// LAYER 229", "// LAYER  300"))
    for more in ([], ["--check-config"]):
        status, _, err = tgcalld("--sandbox", "--schema", path, "--layer", "300", *more)
        equal(status, 2)
        check("layer 300 lacks" in err and "invokeWithLayer" in err, err)
    # Among others it is only one that is known.
    equal(tgcalld("--sandbox", "--schema", path, "--check-config")[0], 0)
    bare = in_file("boolFalse#bc799737 = Bool;\n")
    status, _, err = tgcalld("--sandbox", "--schema", bare, "--layer", "301")
    equal(status, 2)
    check("no schema of layer 301" in err and bare + " has no line" in err, err)
    for p in (path, bare):
        os.unlink(p)


def test_a_state_directory_serves_one_daemon():
    with Daemon() as d:
        status, _, err = tgcalld("--sandbox", "--state-dir", d.state)
        equal(status, 3)
        check(d.state in err, err)


def test_without_a_state_directory_a_private_one_comes_and_goes():
    p = start("--sandbox", "--listen", "127.0.0.1:0", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    state = p.stdout.readline().split("state directory: ")[1].split(" (")[0]
    words = p.stdout.readline().split("in another terminal: ")[1].split()
    equal(words, ["tgcalldctl", "--unix", os.path.join(state, "api.sock"), "accounts"])
    wait_for("the file listen", lambda: os.path.exists(os.path.join(state, "listen")))
    equal(stat.S_IMODE(os.stat(state).st_mode), 0o700)
    # The account logs in once the socket is there.
    seen = wait_for("the sandbox's account", lambda: (lambda out: "sandbox\tready" in out and out)(
        subprocess.run([os.path.join(BUILD, words[0]), *words[1:]], capture_output=True, text=True, timeout=PATIENCE).stdout))
    check("alice" in seen, seen)
    p.terminate()
    equal(p.wait(PATIENCE), 0)
    p.stdout.close()
    check(not os.path.exists(state))


def test_files_are_private(d):
    for name in ("admin.token", "listen", "api.sock"):
        equal(stat.S_IMODE(os.stat(os.path.join(d.state, name)).st_mode) & 0o077, 0)


def test_no_secret_in_the_log_and_no_core_dump(d):
    check("sandbox" in d.log() and d.token not in d.log() and "12345" not in d.log())
    with open("/proc/%d/limits" % d.process.pid) as f:
        equal([line.split()[-3:] for line in f if line.startswith("Max core file size")], [["0", "0", "bytes"]])
    check(not os.access("/proc/%d/environ" % d.process.pid, os.R_OK) or os.geteuid() == 0)


def test_the_unix_socket_needs_no_token(d):
    expect(d.get("/v1/accounts/sandbox", unix=True), 200, state="ready")
    expect(d.request("POST", "/v1/calls", {"peer": "@sandbox_channel", "if_exists": "replace"}, unix=True), 201)


def test_a_group_that_the_daemon_is_not_in_is_2_with_the_way():
    os.chmod(tempfile.tempdir, 0o711)
    state = tempfile.mkdtemp()
    us = {}
    if os.geteuid() == 0:
        us = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chown(state, 65534, 65534)
    mine = {os.getegid(), *os.getgroups(), 65534}
    group = next(g.gr_name for g in grp.getgrall() if g.gr_gid not in mine)
    path = in_file("[server]\nunix_group = %s\n" % group)
    os.chmod(path, 0o644)
    try:
        p = subprocess.run([TGCALLD, "--config", path, "--listen", "127.0.0.1:0", "--state-dir", state],
                           capture_output=True, text=True, timeout=PATIENCE, **us)
    except PermissionError:
        return "another user cannot run %s" % TGCALLD
    if "schema" in p.stderr:
        return "another user cannot read the sources"
    equal(p.returncode, 2)
    for word in (group, "unix_group", "SupplementaryGroups=" + group):
        check(word in p.stderr, p.stderr)
    return None


def test_a_group_that_cannot_reach_the_socket_is_warned_of():
    name = grp.getgrgid(os.getegid()).gr_name
    path = in_file("[server]\nunix_group = %s\n" % name)
    open_place = tempfile.mkdtemp()
    os.chmod(open_place, 0o755)
    with Daemon(config=path) as d:
        check("members of %s cannot reach the Unix socket" % name in d.log(), d.log())
    with Daemon("--unix", os.path.join(open_place, "api.sock"), config=path) as d:
        check("cannot reach" not in d.log(), d.log())
        st = os.stat(d.unix)
        equal((stat.S_IMODE(st.st_mode), st.st_gid), (0o660, os.getegid()))


def test_strangers_are_refused(d):
    expect(d.get("/v1/accounts", token=False), 401, "unauthorized")
    expect(d.get("/nothing", token=False), 401, "unauthorized")
    expect(d.get("/v1/accounts", token="tgc_" + "x" * 43), 401, "unauthorized")
    expect(d.get("/v1/accounts", headers={"Host": "evil.example"}), 403, "forbidden")
    expect(d.get("/v1/accounts", headers={"Origin": "http://evil.example"}), 403, "forbidden")
    expect(d.get("/nothing"), 404, "unknown-route")
    for path in ("/healthz", "/readyz", "/version"):
        expect(d.get(path, token=False), 200)
    equal(expect(d.request("DELETE", "/v1/accounts"), 405, "method-not-allowed").headers["allow"].replace(" ", ""), "GET,HEAD,POST")
    expect(d.request("HEAD", "/v1/accounts"), 200)


def test_a_page_can_be_tried_against_the_sandbox():
    page = "http://localhost:3000"
    with Daemon("--cors-origin", page, "--cors-origin", "https://app.example", "--host", "box.local") as d:
        answer = expect(d.get("/v1/calls", headers={"Origin": page, "Host": "box.local:8765"}), 200)
        equal(answer.headers["access-control-allow-origin"], page)
        answer = d.request("OPTIONS", "/v1/calls", token=False, headers={
            "Origin": "https://app.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})
        equal((answer.status, answer.headers["access-control-allow-origin"]), (204, "https://app.example"))
        expect(d.get("/v1/calls", headers={"Origin": "http://localhost:3001"}), 403, "forbidden")
        expect(d.get("/v1/calls", headers={"Host": "other.local"}), 403, "forbidden")


def test_a_restart_keeps_the_token():
    with Daemon() as first:
        pass
    with Daemon(state=first.state) as d:
        equal(d.token, first.token)
        expect(d.get("/v1/accounts"), 200)


def test_a_lost_admin_token_is_told_of_and_has_a_way_back():
    with Daemon() as first:
        words = ("--store", url(first.state)) if POSTGRESQL else ()
        equal(tgcalld("token", "reset", "--state-dir", first.state, *words)[0], 3)
        expect(first.get("/v1/accounts"), 200)
        other = expect(first.post("/v1/tokens", {"name": "other", "scopes": ["read"]}), 201).json["token"]
    admin = os.path.join(first.state, "admin.token")
    for lose in (lambda: os.unlink(admin), lambda: open(admin, "w").write("tgc_nonsense\n")):
        lose()
        with Process("--sandbox", "--listen", "127.0.0.1:0", "--state-dir", first.state, *words) as p:
            wait_for("the daemon", lambda: "listening on" in p.log())
            check("tgcalld token reset --state-dir " + first.state in p.log(), p.log())
    status, out, err = tgcalld("token", "reset", "--state-dir", first.state, *words)
    equal((status, err), (0, ""))
    check(admin in out, out)
    equal(stat.S_IMODE(os.stat(admin).st_mode), 0o600)
    with Daemon(state=first.state) as d:
        check("token reset" not in d.log(), d.log())
        check(d.token != first.token and d.token not in out)
        expect(d.get("/v1/accounts"), 200)
        expect(d.get("/v1/accounts", token=first.token), 401)
        expect(d.get("/v1/accounts", token=other), 200)


def test_a_token_is_reset_only_where_a_daemon_was():
    state = os.path.join(tempfile.mkdtemp(), "state")
    status, _, err = tgcalld("token", "reset", "--state-dir", state)
    equal(status, 2)
    check(state in err and "/var/lib/tgcalld" in err and not os.path.exists(state), err)
    for words in (["token"], ["token", "make"], ["token", "reset", "now"], ["token", "reset", "--layer", "1"]):
        equal((words, tgcalld(*words)[0]), (words, 2))
    equal(tgcalld("token", "--help")[0], 0)


def test_who_may_not_look_into_the_state_is_told_so_and_not_that_there_is_none():
    if os.geteuid() != 0:
        return "only root can be somebody else"
    with Daemon() as d:
        pass
    os.chmod(tempfile.gettempdir(), 0o711)
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    copy = os.path.join(folder, "copy")
    for words in (["token", "reset"], ["backup", copy], ["seal", "rotate"]):
        try:
            p = subprocess.run([TGCALLD, *words, "--state-dir", d.state], capture_output=True, text=True, timeout=PATIENCE,
                               user=54321, group=54321, extra_groups=[])
        except PermissionError:
            return "another user cannot run " + TGCALLD
        equal((words, p.returncode), (words, 1))
        for word in (d.state, "Permission denied", "as root"):
            check(word in p.stderr, p.stderr)
    return None


def test_where_a_key_cannot_be_written_the_reason_is_told():
    status, _, err = tgcalld("sandbox", "--public-key-out", "/nowhere/key.pem")
    check(status != 0 and "/nowhere/key.pem: No such file" in err, (status, err))


def test_what_root_writes_stays_the_daemons():
    if os.geteuid() != 0:
        return "only root can give files away"
    if POSTGRESQL:
        return IS_A_FILE
    with Daemon() as d:
        pass
    os.chmod(tempfile.gettempdir(), 0o711)
    # By now some files are root's, as what root made before them may be.
    for name in (".", "store.db", "seal.key"):
        os.chown(os.path.join(d.state, name), 12345, 12346)
    equal(tgcalld("token", "reset", "--state-dir", d.state)[0], 0)
    for name in ("admin.token", "store.db", "lock"):
        st = os.stat(os.path.join(d.state, name))
        equal((name, st.st_uid, st.st_gid), (name, 12345, 12346))
    return None


def test_a_restart_finds_the_sandbox_as_it_was():
    with Daemon() as first:
        call = expect(first.create("@sandbox_channel", title="still here"), 201).json["call"]
        calls = first.sandbox_calls()
    equal(stat.S_IMODE(os.stat(os.path.join(first.state, "sandbox")).st_mode), 0o700)
    equal(stat.S_IMODE(os.stat(os.path.join(first.state, "sandbox", "world.json")).st_mode), 0o600)
    with Daemon(state=first.state) as d:
        again = expect(d.create("@sandbox_channel", title="another"), 200, existing=True).json["call"]
        equal((again["id"], again["access_hash"], again["title"]), (call["id"], call["access_hash"], "still here"))
        equal(d.sandbox_calls(), calls)
        expect(d.get("/v1/calls/" + call["id"]), 200)


def test_a_killed_sandbox_is_found_as_it_was():
    def world(state):
        with contextlib.suppress(FileNotFoundError), open(os.path.join(state, "sandbox", "world.json")) as f:
            return f.read()
        return ""
    d = Daemon()
    try:
        call = expect(d.create("@sandbox_channel", title="before the blow"), 201).json["call"]
        wait_for("the call on the disk", lambda: '"before the blow"' in world(d.state))
        d.end(signal.SIGKILL)
    finally:
        d.forget()
    os.unlink(os.path.join(d.state, "listen"))  # of the one that was killed
    with Daemon(state=d.state) as again:
        found = expect(again.create("@sandbox_channel"), 200, existing=True).json["call"]
        equal((found["id"], found["title"]), (call["id"], "before the blow"))


def test_a_world_that_cannot_be_written_is_told_of_and_ends_with_1():
    state = tempfile.mkdtemp()
    # Nothing can be written in this place, as on a full disk.
    os.makedirs(os.path.join(state, "sandbox", "world.json.new", "in the way"))
    d = Daemon(state=state)
    try:
        expect(d.create("@sandbox_channel"), 201)
        equal(d.end(), 1)
        check("world.json" in d.log(), d.log())
    finally:
        d.forget()


def test_requests_under_way_are_answered_before_the_stop():
    with Daemon("--log-level", "debug") as d:
        d.fault(type="delay", method="phone.createGroupCall", ms=4000)
        answers = []
        clients = [threading.Thread(target=lambda: answers.append(d.create("@sandbox_group", if_exists="replace")))
                   for _ in range(4)]
        for c in clients:
            c.start()
        wait_for("the first at the data centre", lambda: d.counts().get("phone.createGroupCall"))
        wait_for("the others in line", lambda: d.log().count("waits for a create in the same chat") == 3)
        d.end_cleanly()
        for c in clients:
            c.join()
        equal((len(answers), {a.status for a in answers} - {201, 503}), (4, set()))
        check(any(a.status == 201 for a in answers), answers)


def begin_unanswered(d, answers):
    """A create that the data centre has and never answers; what the daemon says of it goes into answers."""
    d.fault(type="no_answer", method="phone.createGroupCall", count=0)
    client = threading.Thread(target=lambda: answers.append(d.create("@sandbox_group", if_exists="replace")))
    client.start()
    wait_for("the request at the data centre", lambda: d.counts().get("phone.createGroupCall"))
    return client


def test_a_stop_does_not_wait_for_ever():
    with Daemon() as d:
        answers = []
        client = begin_unanswered(d, answers)
        d.end_cleanly()
        client.join()
        expect(answers[0], 503, "stopping")


def test_a_second_signal_does_not_wait_and_is_clean_all_the_same():
    with Daemon() as d:
        answers = []
        client = begin_unanswered(d, answers)
        d.process.send_signal(signal.SIGTERM)
        wait_for("the stop", lambda: "stopping" in d.log())
        d.process.send_signal(signal.SIGHUP)
        d.process.send_signal(signal.SIGINT)
        equal(d.ended(), 0)
        check("stopping without waiting for answers" in d.log(), d.log())
        client.join()
        expect(answers[0], 503, "stopping")


def test_signals_right_behind_each_other_are_as_clean():
    """Ctrl-C reaches a script and its daemon, and the script then sends its own: nothing may be lost by the second."""
    for first, second in ((signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)):
        with Daemon() as d:
            call = expect(d.create("@sandbox_channel"), 201).json["call"]
            d.process.send_signal(first)
            d.process.send_signal(second)
            equal((d.ended(), os.path.exists(os.path.join(d.state, "listen"))), (0, False))
        with Daemon(state=d.state) as again:
            equal(expect(again.create("@sandbox_channel"), 200, existing=True).json["call"]["id"], call["id"])


def test_the_sandbox_alone_takes_two_signals_too():
    p = start("sandbox", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    p.stdout.readline()
    p.send_signal(signal.SIGINT)
    p.send_signal(signal.SIGTERM)
    equal(p.wait(PATIENCE), 0)
    p.stdout.close()


def test_long_work_says_what_it_does_and_for_how_long():
    bootstrap = os.path.join(os.environ["TGCALLD_SRCDIR"], "bootstrap")
    gate, log = os.path.join(tempfile.tempdir, "gate"), os.path.join(tempfile.tempdir, "build.log")
    os.mkfifo(gate)
    p = subprocess.Popen(["bash", bootstrap, "progress-in", "building", log, "bash", "-c", "echo CC one.o; read -r x < " + gate],
                         stdout=subprocess.PIPE, text=True, env={**os.environ, "TGCALLD_PROGRESS": "0.05"})
    # The command runs until it is told to end, so that one of the lines comes after it said something.
    line = next(line for line in p.stdout if "one.o" in line)
    check(re.fullmatch(r"building \d+ s so far: CC one.o\n", line), line)
    with open(gate, "w") as f:
        f.write("\n")
    # Nobody holds the output open, and nothing is said after the end.
    p.stdout.read()
    equal(p.wait(PATIENCE), 0)
    p.stdout.close()


def test_ctrl_c_ends_the_demo_cleanly():
    """A terminal's Ctrl-C reaches the script and the daemon, and the script stops the daemon too."""
    bootstrap = os.path.join(os.environ["TGCALLD_SRCDIR"], "bootstrap")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("bash", ["bash", bootstrap, "demo-in", BUILD], {**os.environ, "TMPDIR": tempfile.tempdir})
    said = b""
    try:
        while b"Another one" not in said:
            said += os.read(terminal, 65536)
        os.write(terminal, b"\x03")
        while True:
            said += os.read(terminal, 65536)
    except OSError:
        pass  # the terminal's end
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    equal((status, [n for n in os.listdir(tempfile.tempdir) if n.startswith("tgcalld-demo")]), (0, []))


def test_sighup_reads_the_log_settings_and_names_what_must_wait():
    with Remote("[log]", "level = warning", "[server]", "queue_size = 10") as r:
        d = r.daemon

        def rewrite(**changes):
            with open(r.config) as f:
                text = f.read()
            for old, new in changes.values():
                check(old in text, old)
                text = text.replace(old, new)
            with open(r.config, "w") as f:
                f.write(text)
            seen = len(d.log())
            d.process.send_signal(signal.SIGHUP)
            wait_for("the end of the reading", lambda: "SIGHUP: the configuration" in d.log()[seen:])
            return d.log()[seen:]

        said = rewrite(level=("level = warning", "level = debug\nformat = json"), queue=("queue_size = 10", "queue_size = 11"))
        check("[server] queue_size has changed" in said and "listen" not in said and "[log]" not in said, said)
        expect(d.get("/healthz"), 200)
        lines = [json.loads(line) for line in wait_for("the request's line", lambda: [
            x for x in d.log().splitlines() if "/healthz" in x])]
        equal((lines[0]["level"], lines[0]["method"], lines[0]["route"], lines[0]["status"]), ("info", "GET", "/healthz", 200))
        said = rewrite(level=("level = debug", "level = loud"))
        check("[log] level" in said and "stays as it was" in said, said)
        expect(d.get("/readyz"), 503, "no-account")


def test_a_log_that_nobody_reads_stops_no_answer_and_no_stop():
    """Its pipe holds some hundred lines."""
    state = tempfile.mkdtemp()
    p = start("--sandbox", "--listen", "127.0.0.1:0", "--state-dir", state, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    listen = os.path.join(state, "listen")
    wait_for("the file listen", lambda: os.path.exists(listen))
    with open(listen) as f:
        connection = http.client.HTTPConnection(f.read().split()[0].removeprefix("http://"), timeout=PATIENCE)
    for _ in range(3000):
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        equal((answer.status, bool(answer.read())), (200, True))
    connection.close()
    p.send_signal(signal.SIGTERM)
    equal(p.wait(PATIENCE), 0)
    p.stderr.close()
    check(not os.path.exists(listen))
    shutil.rmtree(state)


def test_systemd_is_told_when_it_listens_how_it_is_and_when_it_stops():
    place = os.path.join(tempfile.mkdtemp(), "notify")
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(place)
    s.settimeout(PATIENCE)
    os.environ["NOTIFY_SOCKET"] = place
    try:
        d = Daemon()
    finally:
        del os.environ["NOTIFY_SOCKET"]
    with d, s:
        equal(s.recv(256), b"READY=1")
        equal(s.recv(256), b"STATUS=1 account ready, 0 calls live")
        expect(d.create("@sandbox_group"), 201)
        equal(s.recv(256), b"STATUS=1 account ready, 1 call live")
        expect(d.post("/v1/accounts", {"name": "second"}), 201)
        equal(s.recv(256), b"STATUS=1 of 2 accounts ready, 1 call live")
        equal(d.end(signal.SIGINT), 0)
        equal(s.recv(256), b"STOPPING=1")


def test_a_reload_is_told_with_its_time_and_its_end():
    place = os.path.join(tempfile.mkdtemp(), "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(place)
        s.settimeout(PATIENCE)
        with Daemon(env={**os.environ, "NOTIFY_SOCKET": place}) as d:
            equal(s.recv(256), b"READY=1")
            for _ in range(2):
                before = time.monotonic_ns() // 1000
                d.process.send_signal(signal.SIGHUP)
                said = s.recv(256)
                while said.startswith(b"STATUS="):
                    said = s.recv(256)
                check(said.startswith(b"RELOADING=1\nMONOTONIC_USEC="), said)
                check(before <= int(said.rpartition(b"=")[2]) <= time.monotonic_ns() // 1000, said)
                equal(s.recv(256), b"READY=1")


def test_a_watchdog_is_fed_again_and_again():
    place = os.path.join(tempfile.mkdtemp(), "notify")
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(place)
    s.settimeout(PATIENCE)
    os.environ.update(NOTIFY_SOCKET=place, WATCHDOG_USEC="400000")
    try:
        d = Daemon()
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    with d, s:
        equal(s.recv(256), b"READY=1")
        fed = 0
        while fed < 3:
            fed += s.recv(256) == b"WATCHDOG=1"


def test_a_watchdog_is_fed_where_the_machine_has_slept():
    """As it looks afterwards: the clock that counts sleep is ahead of the one that does not."""
    asleep = ["unshare", "-Ur", "--time", "--boottime", "100000"]
    p = subprocess.run([*asleep, "true"], capture_output=True, text=True, timeout=PATIENCE)
    if p.returncode:
        return "no namespace for clocks of its own: " + p.stderr.strip()
    state = tempfile.mkdtemp()
    place = os.path.join(state, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(place)
        s.settimeout(PATIENCE)
        d = Process(*asleep[1:], TGCALLD, "--sandbox", "--listen", "127.0.0.1:0", "--state-dir", os.path.join(state, "state"),
                    program=asleep[0], env={**os.environ, "NOTIFY_SOCKET": place, "WATCHDOG_USEC": "400000"})
        try:
            fed = 0
            while fed < 3:
                fed += s.recv(256) == b"WATCHDOG=1"
            equal(d.end(), 0)
        finally:
            d.forget()
    shutil.rmtree(state)
    return None


def test_the_format_is_the_journals_where_stderr_is_the_journals():
    """The test's own file plays the journal's stream: the variable has its device and inode."""
    log = tempfile.NamedTemporaryFile()
    st = os.fstat(log.fileno())
    for said, starts in (("%d:%d" % (st.st_dev, st.st_ino), "<5>main: listening"), ("1:1", "Z notice main: listening")):
        state = tempfile.mkdtemp()
        log.truncate(0)
        p = start("--sandbox", "--listen", "127.0.0.1:0", "--state-dir", state, stderr=log, stdout=subprocess.DEVNULL,
                  env={**os.environ, "JOURNAL_STREAM": said})
        wait_for("the file listen", lambda: os.path.exists(os.path.join(state, "listen")))
        p.terminate()
        equal(p.wait(PATIENCE), 0)
        with open(log.name) as f:
            check(any(starts in line for line in f), starts)


IN_A_JOURNAL = """
import os, socket, subprocess, sys
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
ours, theirs = socket.socketpair()
st = os.fstat(theirs.fileno())
p = subprocess.Popen([sys.argv[1], "sandbox"], stdout=subprocess.PIPE, stderr=theirs,
                     env={**os.environ, "JOURNAL_STREAM": "%d:%d" % (st.st_dev, st.st_ino)})
theirs.close()
p.stdout.readline()
p.send_signal(1)
journal.settimeout(60)
event = journal.recv(65536)
p.terminate()
p.wait()
assert ours.recv(1) == b"", "something went to stderr too"
sys.stdout.buffer.write(event)
"""


def test_the_journal_is_given_fields():
    p = subprocess.run(["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh", sys.executable, "-c",
                        IN_A_JOURNAL, TGCALLD], capture_output=True, text=True, timeout=PATIENCE)
    if "unshare" in p.stderr or "mount" in p.stderr:
        return "no namespace for a journal of its own: " + p.stderr.strip()
    equal(p.stderr, "")
    fields = dict(line.split("=", 1) for line in p.stdout.splitlines())
    equal(fields, {"MESSAGE": "main: SIGHUP: the sandbox has nothing to reload", "PRIORITY": "5",
                   "SYSLOG_IDENTIFIER": "tgcalld", "TGCALLD_ROOM": "main"})
    return None


if __name__ == "__main__":
    needs_one_process()
    run(globals())
