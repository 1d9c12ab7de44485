"""tgcalldctl in a pipe: every way to log in, import, lists, exit statuses. `terminal.py` has it before a person."""
import base64
import contextlib
import http.server
import json
import os
import pty
import socket
import subprocess
import tempfile
import threading

from lib import BUILD, PATIENCE, check, equal, expect, run, start_other, wait_for
from remote import Remote, login_of_another

CTL = os.path.join(BUILD, "tgcalldctl")


class Done:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return "exit status %d, stdout %r, stderr %r" % (self.status, self.out, self.err)


def ctl_alone(*args, lines=(), env=None):
    """The program with LINES on its stdin."""
    p = subprocess.run([CTL, *args], input="".join(line + "\n" for line in lines), capture_output=True, text=True,
                       timeout=PATIENCE, env={**os.environ, **(env or {})})
    done = Done(p.returncode, p.stdout, p.stderr)
    check("\033" not in p.stdout + p.stderr, "escapes in a pipe: %r" % done)
    return done


def ctl(d, *args, lines=()):
    return ctl_alone("--unix", d.unix, *args, lines=lines)


def ended(done, status, *words):
    """The status, and words of stderr."""
    equal((done.status, done), (status, done))
    for word in words:
        check(word in done.err, "%r is not in %r" % (word, done))
    return done


def forget(d, name):
    expect(d.request("DELETE", "/v1/accounts/" + name), 200)


def accept(d, url, by="sandbox"):
    """What an app does that scans the code: BY, another account, accepts it."""
    token = base64.b64encode(base64.urlsafe_b64decode(url.removeprefix("tg://login?token=") + "==")).decode()
    return expect(d.method("auth.acceptLoginToken", "?account=" + by, token=token), 200)


def test_help_and_version_are_0_and_name_each_command():
    done = ctl_alone("--help")
    equal(done.status, 0)
    check("\nstring" not in done.out, "a summary is broken up: %r" % done)
    for command in ("accounts", "audit", "call", "completion", "doctor", "events", "import", "jobs", "live", "login", "logout", "method", "peers", "schedules", "schema", "tokens", "webhooks"):
        check("  " + command in done.out, done)
        equal(ctl_alone(command, "--help").status, 0)
    done = ctl_alone("--version")
    equal((done.status, done.out.split()[0]), (0, "tgcalldctl"))


def test_an_unusable_command_line_is_2():
    for args in ([], ["--nonsense"], ["nonsense"], ["login"], ["login", "a", "b"], ["login", "a", "--qr", "--phone", "+1"],
                 ["accounts", "x"], ["import"], ["import", "a", "telethon", "1Abc"],
                 ["--url", "http://127.0.0.1:1", "accounts"], ["--url", "127.0.0.1:1", "--token-file", "/dev/null", "accounts"],
                 ["--url", "http://[", "--unix", "/x", "--token-file", "/x", "accounts"],
                 ["--unix", "/x", "--token-file", "/nowhere", "accounts"], ["--unix", "/x", "--token-file", "/dev/null", "accounts"]):
        done = ctl_alone(*args)
        equal((args, done.status), (args, 2))
        check("tgcalldctl" in done.err, done)
    check("did you mean 'login'" in ctl_alone("logn", "x").err)


def test_without_a_daemon_it_is_3():
    with tempfile.TemporaryDirectory() as folder:
        places = {"XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "RUNTIME_DIRECTORY": "", "STATE_DIRECTORY": ""}
        # Where the service runs on this machine, it is found.
        if not os.path.exists("/run/tgcalld/api.sock"):
            ended(ctl_alone("accounts", env=places), 3, folder + "/tgcalld/api.sock", "/run/tgcalld/api.sock", "--unix or --url")
        ended(ctl_alone("--unix", folder + "/none", "accounts"), 3, folder + "/none: No such file")
        with open(folder + "/token", "w") as f:
            f.write("some.token\n")
        for url, why in (("http://127.0.0.1:1", "http://127.0.0.1:1: Connection refused"), ("http://[", "http://["),
                         ("https://name.invalid", "name.invalid")):
            ended(ctl_alone("--url", url, "--token-file", folder + "/token", "accounts"), 3, why)


def test_who_may_not_use_the_socket_is_told_so(d):
    if os.geteuid() != 0:
        return "only root can be somebody else"
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(tempfile.gettempdir(), 0o711)
        os.chmod(folder, 0o711)
        os.mkdir(folder + "/tgcalld")
        os.chmod(folder + "/tgcalld", 0o700)
        os.link(d.unix, folder + "/tgcalld/api.sock")
        env = {**os.environ, "XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "RUNTIME_DIRECTORY": "", "STATE_DIRECTORY": ""}
        try:
            p = subprocess.run([CTL, "accounts"], capture_output=True, text=True, timeout=PATIENCE, env=env, user=54321,
                               group=54321, extra_groups=[])
        except PermissionError:
            return "another user cannot run " + CTL
        ended(Done(p.returncode, p.stdout, p.stderr), 3, "this user may not use", "Permission denied", "unix_group")
    return None


def test_the_usual_socket_is_found_and_a_dead_one_passed_over(d):
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/tgcalld")
        os.mkdir(folder + "/run")
        os.mkdir(folder + "/run/tgcalld")
        os.symlink(d.unix, folder + "/tgcalld/api.sock")
        dead = socket.socket(socket.AF_UNIX)
        dead.bind(folder + "/run/tgcalld/api.sock")
        dead.close()
        places = {"XDG_RUNTIME_DIR": folder + "/run", "XDG_STATE_HOME": folder, "RUNTIME_DIRECTORY": "", "STATE_DIRECTORY": ""}
        check("sandbox\t" in ended(ctl_alone("accounts", env=places), 0).out)


def test_accounts_are_rows_or_json(d):
    done = ended(ctl(d, "accounts"), 0)
    equal(done.out, "sandbox\tready\t1001\talice\tAlice\t1\tready\n")
    done = ended(ctl(d, "accounts", "--json"), 0)
    equal(json.loads(done.out), d.get("/v1/accounts").json)


def test_a_url_and_a_token_lead_there_too_and_no_proxy_is_asked(d):
    url = "http://%s:%s" % (d.host, d.port)
    token = d.state + "/admin.token"
    done = ctl_alone("--url", url + "/", "--token-file", token, "accounts", env={"http_proxy": "http://127.0.0.1:1"})
    check("sandbox\t" in ended(done, 0).out)
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("wrong\n")
        f.flush()
        ended(ctl_alone("--url", url, "--token-file", f.name, "accounts"), 1, "A valid token is needed", "admin.token")


def test_a_token_goes_in_the_clear_to_this_machine_alone():
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("token\n")
        f.flush()
        def ask(url, *more):
            return ctl_alone("--url", url, "--token-file", f.name, *more, "accounts")
        # Nobody serves port 1; the first of these is another name's user.
        for url in ("http://127.0.0.1@name.invalid:1", "http://name.invalid:1", "http://0.0.0.0:1", "http://[::]:1", "http://localhost.invalid:1"):
            ended(ask(url), 2, "not on loopback", "https://", "--insecure")
            ended(ask(url, "--insecure"), 3)
        for url in ("http://localhost:1", "http://[::1]:1", "http://127.9.9.9:1", "https://name.invalid:1"):
            ended(ask(url), 3)
        # With the path of a request behind it that would be one to a host v1.
        for url in ("http://", "https://", "http:///"):
            for more in ((), ("--insecure",)):
                ended(ask(url, *more), 2, "names no host")


@contextlib.contextmanager
def other_daemon(body, status=200, answers_posts=False):
    """The options that lead to a server which answers BODY to each GET, and ends the connection of a POST, or answers too."""
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            if answers_posts:
                self.do_GET()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("token\n")
            f.flush()
            yield "--url", "http://127.0.0.1:%d" % server.server_port, "--token-file", f.name
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def on_a_terminal(*args, env=None):
    """What the program writes to a stdout that is a terminal, in a locale of UTF-8."""
    ours, its = pty.openpty()
    out = []

    def read():
        with contextlib.suppress(OSError):
            while part := os.read(ours, 4096):
                out.append(part)

    thread = threading.Thread(target=read)
    thread.start()
    p = subprocess.run([CTL, *args], stdin=subprocess.DEVNULL, stdout=its, stderr=subprocess.PIPE, timeout=PATIENCE,
                       env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb", **(env or {})})
    os.close(its)
    thread.join()
    os.close(ours)
    equal((p.returncode, p.stderr), (0, b""))
    return b"".join(out).decode()


def test_what_is_no_daemon_is_3():
    with other_daemon(b"<html>") as there:
        ended(ctl_alone(*there, "accounts"), 3, "no tgcalld")


def test_a_list_that_leads_to_itself_ends():
    with other_daemon(b'{"records": [{"who": "alice"}], "next_cursor": "5"}') as there:
        done = ended(ctl_alone(*there, "audit", "--json"), 3, "no tgcalld")
        equal(done.out.count("alice"), 2)


def test_json_that_says_nothing_is_no_success():
    for answer in (b"{}", b'{"accounts": 5, "user": 5, "state": 5}'):
        with other_daemon(answer, answers_posts=True) as there:
            ended(ctl_alone(*there, "accounts"), 3, "no tgcalld")
            done = ended(ctl_alone(*there, "import", "a", "telethon", lines=["1A"]), 1, "not known")
            check("is logged in as" not in done.err, done)
    with other_daemon(b"{}", 302) as there:
        ended(ctl_alone(*there, "accounts"), 1, "does not say why")
    with other_daemon(b"42", answers_posts=True) as there:
        ended(ctl_alone(*there, "call", "invite", "5", "@bobby"), 3, "no tgcalld")


def test_a_login_by_lines(d):
    done = ended(ctl(d, "login", "bob", lines=["+15550002", "12345", "correct horse"]), 0, "in its app", "is logged in as Bob (@bobby, id 1002)")
    equal(done.out, "bob\tready\t1002\tbobby\tBob\t1\tready\n")
    equal(expect(d.get("/v1/accounts/bob"), 200).json["state"], "ready")
    # Again: nothing to do; by a number: the daemon refuses.
    ended(ctl(d, "login", "bob"), 0, "is logged in as Bob")
    ended(ctl(d, "login", "bob", "--phone", "+15550002"), 1, "the account is logged in already", "log out first")
    forget(d, "bob")


def test_a_login_is_gone_on_with_where_it_was_left(d):
    ended(ctl(d, "login", "bob", "--phone", "+15550002"), 1, "no code on stdin", "'tgcalldctl login bob' goes on")
    sent = d.counting()
    ended(ctl(d, "login", "bob", lines=["12345"]), 1, "no password on stdin")
    equal(sent("auth.sendCode"), 0)
    done = ended(ctl(d, "login", "bob", "--json", lines=["correct horse"]), 0)
    a = json.loads(done.out)
    equal((a["name"], a["state"], a["user"]["username"]), ("bob", "ready", "bobby"))
    forget(d, "bob")


def test_what_is_wrong_ends_a_script_before_its_next_line_is_sent(d):
    asked = d.counting()
    ended(ctl(d, "login", "bob", lines=["+15550002", "54321", "correct horse"]), 1, "Telegram refused the request", "PHONE_CODE_INVALID")
    equal(asked("auth.checkPassword"), 0)
    equal(expect(d.get("/v1/accounts/bob"), 200).json["state"], "wait_code")
    ended(ctl(d, "login", "bob", lines=["12345", "wrong horse"]), 1, "PASSWORD_HASH_INVALID")
    ended(ctl(d, "login", "bob", lines=["correct horse"]), 0)
    forget(d, "bob")
    ended(ctl(d, "login", "Bob!", lines=["+15550002"]), 1, "/name")
    done = ended(ctl(d, "login", "b", lines=["12"]), 1, "/phone: at least 5 characters")
    check("openapi" not in done.err and "errors" not in done.err, "that is for who writes JSON: %r" % done)
    forget(d, "b")


def test_a_code_is_sent_again_and_a_login_given_up_by_a_word(d):
    ended(ctl(d, "login", "carol", "--phone", "+15550003", lines=["resend"]), 1, "Telegram asks to wait", "resend_at")
    equal(expect(d.get("/v1/accounts/carol"), 200).json["code"]["kind"], "app")
    d.sandbox("POST", "/opts", {"code_timeout_s": 0})
    try:
        ended(ctl(d, "login", "carol", lines=["cancel"]), 1, "The login was given up")
        equal(expect(d.get("/v1/accounts/carol"), 200).json["state"], "wait_login")
        done = ctl(d, "login", "carol", "--phone", "+15550003", lines=["resend", "12345"])
        ended(done, 0, "in its app", "by SMS", "is logged in as Carol")
    finally:
        d.sandbox("POST", "/opts", {"code_timeout_s": 60})
    forget(d, "carol")


def test_a_number_without_an_account_signs_up(d):
    ended(ctl(d, "login", "new", "--phone", "+15551777", lines=["12345", " Dora ", "Dee"]), 0, "it signs up", "Dora Dee (id ")
    forget(d, "new")
    ended(ctl(d, "login", "new", "--phone", "+15551778", lines=["12345", "Dora", ""]), 0, "logged in as Dora (id ")
    forget(d, "new")


def test_an_e_mail_address_is_given_and_proved(d):
    d.sandbox("POST", "/opts", {"email_login": "set_up"})
    try:
        lines = ["carol@example.org", "123456", "12345"]
        ended(ctl(d, "login", "mail", "--phone", "+15550003", lines=lines), 0, "c***@example.org", "in its app", "as Carol")
    finally:
        d.sandbox("POST", "/opts", {"email_login": ""})
    forget(d, "mail")


def shown(err):
    """The links of QR codes among the lines that were said."""
    with open(err) as f:
        return [line.strip() for line in f if line.startswith("tg://login?token=")]


def test_a_qr_code_is_a_link_in_a_pipe_and_leads_in(d):
    with tempfile.NamedTemporaryFile() as err, tempfile.NamedTemporaryFile() as out:
        p = start_other(CTL, "--unix", d.unix, "login", "scanned", "--qr", stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        link = wait_for("the link", lambda: shown(err.name))[0]
        equal(link, expect(d.get("/v1/accounts/scanned/login/qr"), 200).json["qr"]["url"])
        accept(d, link)
        equal(p.wait(PATIENCE), 0)
        with open(out.name) as f:
            equal(f.read(), "scanned\tready\t1001\talice\tAlice\t1\tready\n")
    forget(d, "scanned")


def test_a_qr_code_of_who_has_a_password_reads_it_from_the_pipe(d):
    d.login("phone", "+15550002", password="correct horse")
    with tempfile.NamedTemporaryFile() as err:
        p = start_other(CTL, "--unix", d.unix, "login", "scanned", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=err)
        p.stdin.write(b"qr\ncorrect horse\n")
        p.stdin.close()
        accept(d, wait_for("the link", lambda: shown(err.name))[0], by="phone")
        equal(p.wait(PATIENCE), 0)
    for name in ("phone", "scanned"):
        forget(d, name)


def test_a_session_string_is_imported(d):
    with Remote() as r:
        text = login_of_another(r)
        done = ended(ctl(r.daemon, "import", "copy", "telethon", lines=[text]), 0, "copy is logged in as Alice",
                     "must not be used elsewhere")
        equal(done.out, "copy\tready\t1001\talice\tAlice\t1\tready\n")
        ended(ctl(r.daemon, "import", "copy", "telethon", lines=[text]), 1, "It exists already")
        ended(ctl(r.daemon, "import", "twice", "telethon", lines=[text]), 1, '"copy" has this session already')
    done = ended(ctl(d, "import", "odd", "telethon", lines=["1AAAA"]), 1, "/session/text")
    check("1AAAA" not in done.err + done.out, done)
    ended(ctl(d, "import", "odd", "tdata", lines=[text]), 1, "/session/format")
    ended(ctl(d, "import", "odd", lines=[text]), 2, "which FORMAT")
    ended(ctl(d, "import", "odd", "telethon"), 1, "no line on stdin")
    ended(ctl(d, "import", "odd", "telethon", lines=["x" * 5000]), 1, "a limit was reached")
    expect(d.get("/v1/accounts/odd"), 404)


def test_what_a_name_hides_does_not_reach_the_terminal(d):
    evil = "Eve\033[2J\u202e\nroot"
    ended(ctl(d, "login", "eve", "--phone", "+15551779", lines=["12345", evil.replace("\n", "\x0b"), ""]), 0, "Eve?[2J??root")
    forget(d, "eve")


def test_what_may_have_been_done_is_told_from_what_was_not_sent():
    with other_daemon(b"{}") as there:
        # The server reads the request, and ends the connection.
        ended(ctl_alone(*there, "import", "a", "telethon", lines=["1A"]), 3, "before an answer came, and it may have been done")
        # It speaks no TLS.
        option, url, *token = there
        done = ended(ctl_alone(option, url.replace("http", "https"), *token, "import", "a", "telethon", lines=["1A"]), 3, "can be asked at https://")
        check("may have been done" not in done.err, done)
    # A question changes nothing, whether it arrived or not.
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.NamedTemporaryFile("w") as f:
        f.write("token\n")
        f.flush()
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        done = ended(ctl_alone("--url", "http://127.0.0.1:%d" % server.getsockname()[1], "--token-file", f.name, "accounts"), 3)
        thread.join()
        check("may have been done" not in done.err, done)


def test_what_a_server_hides_in_its_answer_does_not_reach_the_terminal():
    evil = "\033]0;x\a\033[2J\x7f\u009b2J\u202e\u00eb"
    answer = {"accounts": [{"name": "n" + evil, "state": "s" + evil, "reason": "r" + evil}]}
    with other_daemon(json.dumps(answer).encode()) as there:
        text = on_a_terminal(*there, "accounts")
        equal(text.replace(" ", ""), "NAMESTATE\r\nn{0}s{0}\r\nREASON:r{0}\r\n".format("?]0;x??[2J??2J?\u00eb"))
        text = on_a_terminal(*there, "accounts", "--json")
        check(all(" " <= c <= "~" for c in text.rstrip("\r\n")), repr(text))
        equal(json.loads(text), answer)
        # In a pipe it is as it came, but for what JSON escapes.
        done = ended(ctl_alone(*there, "accounts", "--json"), 0)
        check("\u202e\u00eb" in done.out, done)


if __name__ == "__main__":
    run(globals())
