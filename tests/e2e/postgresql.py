"""A daemon whose store is in PostgreSQL, and what befalls a server: restarts, deaths, standing still, another daemon."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid

os.environ["TGCALLD_TEST_STORE"] = "postgresql"

from lib import BUILD, TGCALLD, Daemon, PATIENCE, Process, at_once, check, equal, expect, run, wait_for
from remote import Remote
from restart import account, is_on, kill, logins, start
from store import change, needs_one_process, server, server_folder, url


def keyed(d, title, key, **more):
    return d.request("POST", "/v1/calls", {"peer": "@sandbox_group", "title": title, "if_exists": "replace", **more},
                     {"Idempotency-Key": key}, timeout=PATIENCE)


def is_ready(d):
    return d.get("/readyz").status == 200


def reasons(d):
    a = d.get("/readyz")
    return [] if a.status == 200 else [x["state"] for x in a.json["reasons"]]


@contextlib.contextmanager
def alice(*more):
    """The daemon of a Remote, with Alice; and at the end there is a server again."""
    with Remote(*more) as r:
        r.daemon.login("alice", "+15550001")
        wait_for("all to be well", lambda: is_ready(r.daemon))
        try:
            yield r
        finally:
            with contextlib.suppress(AssertionError):
                server("thaw")
            server("restart")


def comes_back(d):
    wait_for("the store's return\n" + d.log(), lambda: is_ready(d))


def test_another_daemon_on_its_database_is_refused():
    with alice() as r:
        other = tempfile.mkdtemp()
        shutil.copy(os.path.join(r.daemon.state, "seal.key"), other)
        with Process("--config", r.config, "--listen", "127.0.0.1:0", "--state-dir", other, "--store", url(r.daemon.state)) as p:
            equal(p.ended(), 3)
            check("another daemon uses the database" in p.log(), p.log())
            p.end_cleanly = lambda: None
        check(is_ready(r.daemon))


def test_a_server_that_is_restarted_costs_nothing():
    with alice() as r:
        d = r.daemon
        for n in range(3):
            server("restart")
            expect(keyed(d, "after restart %d" % n, "restart-%d" % n), 201)
        comes_back(d)
        start(r, kill(r))
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        equal(logins(r.daemon), 1)
        for n in range(3):
            a = keyed(r.daemon, "after restart %d" % n, "restart-%d" % n)
            equal((a.status, a.headers["idempotency-replayed"]), (201, "true"))


def test_a_server_that_is_gone_is_told_and_what_needs_no_store_goes_on():
    with alice() as r:
        d = r.daemon
        made = expect(d.create("@sandbox_channel", title="before"), 201).json["call"]
        server("kill")
        expect(d.get("/v1/calls/" + made["id"] + "?account=alice"), 200)
        # An account that nobody would know of after a kill is none.
        refused = d.post("/v1/accounts", {"name": "late"})
        check(refused.status >= 500, refused)
        expect(d.get("/v1/accounts/late"), 404, "not-found")
        wait_for("the word", lambda: reasons(d) == ["store-not-writable"])
        doctor = subprocess.run([os.path.join(BUILD, "tgcalldctl"), "--unix", d.unix, "doctor", "--config", r.config, "--state-dir", d.state],
                                capture_output=True, text=True).stdout
        check("ready\tfault\tthe database server does not answer" in doctor and "store.db" not in doctor, doctor)
        server("restart")
        comes_back(d)
        expect(d.post("/v1/accounts", {"name": "late"}), 201)
        start(r, kill(r))
        equal(account(r.daemon, "late")["state"], "wait_login")
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


REQUEST_TIMEOUT = 12


def needs_the_database(call, job):
    """What is asked for while there is none: method, path, body, headers. Nothing of it needs another's outcome."""
    in_a_day = int(time.time()) + 86400
    alices = "?account=alice"
    hook, live, schedule = "/v1/webhooks/used", "/v1/peers/%s/live" + alices, {"account": "alice", "peer": "@sandbox_group", "at": in_a_day}
    conference = {"conference": True, "account": "alice"}
    return [
        ("POST", "/v1/accounts", {"name": "new"}), ("DELETE", "/v1/accounts/spare"),
        ("PATCH", "/v1/accounts/other", {"proxy": "socks5://127.0.0.1:1"}),
        ("POST", "/v1/tokens", {"name": "new", "scopes": ["read"]}), ("DELETE", "/v1/tokens/used"),
        ("POST", "/v1/webhooks", {"name": "new", "url": "http://127.0.0.1:9/"}), ("PATCH", hook, {"paused": True}),
        ("POST", hook + "/rotate", {}), ("POST", hook + "/replay", {"after": 0}), ("GET", hook + "/deliveries"),
        ("DELETE", "/v1/webhooks/other"),
        ("POST", "/v1/schedules", {"name": "new", **schedule}), ("PATCH", "/v1/schedules/used", {"title": "Other"}),
        ("POST", "/v1/schedules/other/skip", {}), ("DELETE", "/v1/schedules/other"),
        ("PUT", live % "@sandbox_group", {}), ("DELETE", live % "@sandbox_channel"),
        ("POST", "/v1/calls", conference, {"Idempotency-Key": "away"}),
        ("POST", "/v1/calls", conference, {"Prefer": "respond-async"}),
        ("POST", "/v1/calls", conference, {"Idempotency-Key": "waits", "Prefer": "wait=2"}),
        ("PATCH", "/v1/calls/" + call + alices, {"auto_start": True}),
        ("GET", "/v1/jobs/" + job), ("GET", "/v1/audit"), ("GET", "/v1/events?after=1&wait=0"),
    ]


def test_what_needs_the_database_is_refused_as_that_while_it_is_gone():
    with alice("[server]\nrequest_timeout = %d s" % REQUEST_TIMEOUT, "[events]\nkeep = 1000") as r:
        d = r.daemon
        call = expect(d.create("@sandbox_channel", title="before", account="alice"), 201).json["call"]["id"]
        for name in ("spare", "other"):
            expect(d.post("/v1/accounts", {"name": name}), 201)
        for name in ("used", "other"):
            expect(d.post("/v1/tokens", {"name": name, "scopes": ["read"]}), 201)
            expect(d.post("/v1/webhooks", {"name": name, "url": "http://127.0.0.1:9/"}), 201)
            expect(d.post("/v1/schedules", {"name": name, "account": "alice", "peer": "@sandbox_group", "at": int(time.time()) + 86400}), 201)
        expect(d.request("PUT", "/v1/peers/@sandbox_channel/live?account=alice", {}), 201)
        job = d.request("POST", "/v1/calls", {"conference": True, "account": "alice"}, {"Prefer": "respond-async"}).json["id"]
        wait_for("the job", lambda: d.get("/v1/jobs/" + job).json["state"] == "done")
        asked = needs_the_database(call, job)

        def ask(i):
            begun = time.monotonic()
            return d.request(*asked[i], timeout=PATIENCE), time.monotonic() - begun

        server("kill")
        # While it is waited for, and when that is known to be in vain.
        for _ in range(2):
            refused = 0
            for what, (a, took) in zip(asked, at_once(len(asked), ask)):
                check(a.status < 500 or (a.status, a.problem()) == (503, "database-away"), (what, a))
                check(took < REQUEST_TIMEOUT + 5, (what, took))
                if a.status == 503:
                    refused += 1
                    check(int(a.headers["retry-after"]) > 0 and "the database server does not answer" in a.json["detail"], (what, a))
                    check("[store] url" in a.json["remedy"], (what, a))
            check(refused > 15, refused)
        server("restart")
        comes_back(d)
        expect(d.request("POST", "/v1/calls", {"conference": True, "account": "alice"}, {"Idempotency-Key": "away"}), 201)
        expect(d.get("/v1/jobs/" + job), 200)
        expect(d.request("DELETE", "/v1/accounts/spare"), 200)


def test_what_was_asked_for_under_a_key_is_done_once_whatever_befalls_the_server():
    """Each is asked for until it has an answer that stands, while the server is killed, frozen and restarted."""
    with alice() as r:
        d, counted = r.daemon, r.daemon.counting()
        over = threading.Event()

        def befall():
            ways = (lambda: server("kill"), lambda: server("freeze"), lambda: None)
            n = 0
            while not over.is_set():
                ways[n % 3]()
                time.sleep(0.2)
                if n % 3 == 1:
                    server("thaw")
                server("restart")
                over.wait(0.3)
                n += 1

        def ask(i):
            found = []
            for n in range(3):
                key, title = str(uuid.uuid4()), "call %d of %d" % (n, i)
                a = wait_for(title, lambda: (lambda a: a if a.status in (200, 201) else None)(
                    d.request("POST", "/v1/calls", {"conference": True, "account": "alice"}, {"Idempotency-Key": key}, timeout=PATIENCE)))
                found.append((key, a.json["call"]["id"]))
            return found

        trouble = threading.Thread(target=befall)
        trouble.start()
        try:
            found = sum(at_once(4, ask), [])
        finally:
            over.set()
            trouble.join()
        comes_back(d)
        equal(len({call for _, call in found}), 12)
        equal(counted("phone.createConferenceCall"), 12)
        start(r, kill(r))
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        for key, call in found:
            a = r.daemon.request("POST", "/v1/calls", {"conference": True, "account": "alice"}, {"Idempotency-Key": key})
            equal((a.status, a.json["call"]["id"]), (201, call))


def test_a_stop_while_the_server_stands_still_ends():
    with alice() as r:
        server("freeze")
        r.daemon.process.send_signal(signal.SIGTERM)
        status = r.daemon.ended()
        check(status in (0, 1), r.daemon.log())
        state = r.daemon.state
        r.daemon.forget()
        server("thaw")
        start(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_who_lost_the_database_to_another_daemon_uses_its_accounts_no_more():
    """One that stood still, and whose connection the server ended meanwhile. A key used at two places is lost for good."""
    with alice() as r:
        first, other = r.daemon, tempfile.mkdtemp()
        # The first one's token opens the other too: it is the database's.
        for name in ("seal.key", "admin.token"):
            shutil.copy(os.path.join(first.state, name), other)
        first.process.send_signal(signal.SIGSTOP)
        change(first.state, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tgcalld'"
                            " AND datname = current_database()")
        r.daemon = Daemon("--store", url(first.state), config=r.config, state=other)
        r.daemon.control = r.ready["control"]
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        first.process.send_signal(signal.SIGCONT)
        check(first.ended() != 0, first.log())
        first.forget()
        check(is_on(r.daemon, "alice"))
        expect(r.daemon.create("@sandbox_group", title="the second one's"), 201)


def test_no_copy_is_made_of_what_is_no_file_and_a_dump_is_one():
    with alice() as r:
        d = r.daemon
        expect(keyed(d, "in the dump", "dumped"), 201)
        p = subprocess.run([TGCALLD, "backup", os.path.join(r.dir, "copy"), "--state-dir", d.state], capture_output=True, text=True)
        equal((p.returncode, p.stdout, os.path.exists(os.path.join(r.dir, "copy"))), (1, "", False))
        check("pg_dump" in p.stderr, p.stderr)
        d.end_cleanly()
        words = ("-h", server_folder(), "-U", "tgcalld")
        name = url(d.state).partition("@/")[2].partition("?")[0]
        dump = subprocess.run(["pg_dump", *words, name], capture_output=True, check=True).stdout
        again = server("create", "restored")
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *words, "restored"], input=dump, check=True, stdout=subprocess.DEVNULL)
        state = d.state
        d.forget()
        r.daemon = Daemon("--store", again, config=r.config, state=state)
        r.daemon.control = r.ready["control"]
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        equal(keyed(r.daemon, "in the dump", "dumped").headers["idempotency-replayed"], "true")


def test_after_a_restore_readers_are_told_of_a_gap_and_numbers_can_be_kept_from_coming_again():
    """With the statement that tgcalld(8) has for it."""
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "config", "tgcalld.8")) as f:
        statement = f.read().partition("\nUPDATE meta SET")[2].partition("\n.Ed")[0].replace("\\e", "\\")
    with alice() as r:
        d, state = r.daemon, r.daemon.state
        expect(keyed(d, "in the dump", "first"), 201)
        words = ("-h", server_folder(), "-U", "tgcalld")
        dump = subprocess.run(["pg_dump", *words, url(state).partition("@/")[2].partition("?")[0]], capture_output=True, check=True).stdout
        expect(keyed(d, "after it", "second"), 201)
        # What is told by now; some more numbers may be on their way.
        seen = wait_for("events", lambda: d.get("/v1/events?wait=0&after=0").json["next"])
        d.end_cleanly()
        d.forget()

        def restored(name, *then):
            at = server("create", name)
            for text in (dump.decode(), *then):
                subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *words, name], input=text, text=True, check=True,
                               stdout=subprocess.DEVNULL)
            r.daemon = Daemon("--store", at, config=r.config, state=state)
            r.daemon.control = r.ready["control"]
            wait_for("alice", lambda: is_on(r.daemon, "alice"))
            return r.daemon

        def first_after(d, number):
            e = wait_for("an event", lambda: d.get("/v1/events?wait=1&after=%d" % number).json["events"])[0]
            equal((e["event"], e["data"]["resumes_after"]), ("gap", e["id"]))
            return e["id"]

        far = 1000000
        d = restored("restored")
        # Numbers were put by for the process that the dump is of: none of them is given again.
        check(first_after(d, seen) > seen)
        # Who is further than that has to go back.
        check(first_after(d, far) < far)
        d.end_cleanly()
        d.forget()
        d = restored("raised", "UPDATE meta SET" + statement)
        check(first_after(d, far - 5) == far + 1)
        check(first_after(d, seen) == far + 1)


def test_a_store_in_a_file_that_is_left_behind_is_told_of_and_its_logins_can_be_taken_along():
    """As tgcalld(8) says it is done."""
    with Remote() as r:
        r.daemon.end_cleanly()
        r.daemon.forget()
        state = tempfile.mkdtemp()
        at = server("create", "moved")

        def begin(store):
            config = os.path.join(state, "tgcalld.conf")
            with open(r.config) as f, open(config, "w") as to:
                to.write(f.read() + "[store]\n" + store)
            r.daemon = Daemon(config=config, state=state)
            r.daemon.control = r.ready["control"]
            return r.daemon

        def leave():
            r.daemon.end_cleanly()
            log = r.daemon.log()
            r.daemon.forget()
            return [line for line in log.splitlines() if "leaves behind" in line]

        def ctl(*words, **more):
            return subprocess.run([os.path.join(BUILD, "tgcalldctl"), "--unix", r.daemon.unix, *words], capture_output=True, text=True,
                                  check=True, **more).stdout

        d = begin("path = %s/store.db\n" % state)
        d.login("alice", "+15550001")
        session = ctl("accounts", "export", "alice", "telethon")
        check(not leave())
        with open(os.path.join(state, "store.db"), "rb") as f:
            before = f.read()
        d = begin("url = %s\n" % at)
        ctl("import", "alice", "telethon", input=session)
        wait_for("alice", lambda: is_on(d, "alice"))
        equal(logins(d), 1)
        told = leave()
        equal(len(told), 1)
        check("has no accounts, and the store %s/store.db has 1" % os.path.realpath(state) in told[0].replace(state, os.path.realpath(state)), told)
        with open(os.path.join(state, "store.db"), "rb") as f:
            equal(f.read(), before)
        # One that has accounts misses none.
        begin("url = %s\n" % at)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        check(not leave())
        begin("url = %s\n" % at)


def test_check_config_says_whether_the_database_lets_one_in():
    with alice() as r:
        def told(at):
            p = subprocess.run([TGCALLD, "--config", r.config, "--store", at, "--state-dir", r.daemon.state, "--check-config"],
                               capture_output=True, text=True)
            check("woRd" not in p.stdout + p.stderr, p)
            return p.returncode, p.stdout, p.stderr

        here = url(r.daemon.state)
        status, out, err = told(here)
        equal((status, out), (0, r.config + ": good; the database answers\n"))
        # A server that forgets is named, for what it forgets by.
        for name in ("fsync", "full_page_writes"):
            equal("warning: the database server has %s off" % name in err, server("sql", "postgres", "SHOW " + name) == "off")
        equal(all("off" in line for line in err.splitlines()), True)
        server("kill")
        status, out, err = told(here)
        equal((status, out), (0, r.config + ": good\n"))
        check("warning: the database server does not answer" in err, err)
        server("restart")
        for wrong, words in ((here.replace("@/s", "@/no-"), "no such database"), (here + "&colour=woRd", "parameter"),
                             (here.replace("tgcalld@", "tgcalld:woRd/@"), "%2F")):
            status, out, err = told(wrong)
            equal((status, out), (2, ""))
            check(words in err, err)


def test_check_config_says_whether_the_database_is_this_daemons():
    with alice() as r:
        d = r.daemon
        here, empty = url(d.state), server("create", "empty")

        def told(at=here, state=d.state, config=r.config):
            p = subprocess.run([TGCALLD, "--config", config, "--store", at, "--state-dir", state, "--check-config"],
                               capture_output=True, text=True)
            lines = [line for line in p.stderr.splitlines() if " off: " not in line]
            return p.returncode, p.stdout, lines

        def tables():
            return server("sql", "empty", "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")

        equal(told(), (0, r.config + ": good; the database answers\n", []))
        equal(told(empty), (0, r.config + ": good; the database answers, and is empty: the first start makes the store in it\n", []))
        equal(tables(), "0")
        # A service's key is a credential, which the command line has not.
        elsewhere = tempfile.mkdtemp()
        status, _, lines = told(state=elsewhere)
        equal((status, len(lines)), (0, 1))
        check("whether the seal key is the database's is not known" in lines[0], lines)
        equal(os.listdir(elsewhere), [])

        def refused(words, **more):
            status, out, lines = told(**more)
            equal((status, out, len(lines)), (2, "", 1))
            check(words in lines[0], lines)

        with open(os.path.join(elsewhere, "seal.key"), "w", opener=lambda *a: os.open(*a, 0o600)) as f:
            f.write(os.urandom(32).hex() + "\n")
        refused("another seal key", state=elsewhere)
        production = os.path.join(elsewhere, "production.conf")
        with open(production, "w") as f:
            f.write("[telegram]\napi_id = 1\napi_hash = 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e\n")
        refused("belongs to the environment \"custom\"", config=production)
        with open(os.path.join(elsewhere, "none.conf"), "w") as f, open(r.config) as of:
            f.write(of.read() + "[store]\nkey_file = %s/none\n" % elsewhere)
        refused("that was to be given is not there", config=f.name)

        (is_of,), = change(d.state, "SELECT version FROM tgcalld_schema")

        def make_it(version):
            change(d.state, "UPDATE tgcalld_schema SET version = ?", version)
        make_it(is_of + 1)
        refused("written by a newer tgcalld")
        make_it(is_of - 1)
        status, out, lines = told()
        equal((status, out, len(lines)), (0, r.config + ": good; the database answers\n", 1))
        check("is of version %d, and a start changes it to %d" % (is_of - 1, is_of) in lines[0], lines)
        make_it(is_of)


def in_file(r, url, more=""):
    """R's configuration with a store there."""
    path = os.path.join(tempfile.mkdtemp(), "tgcalld.conf")
    with open(r.config) as f, open(path, "w") as to:
        to.write(f.read() + "[store]\nurl = %s\n%s" % (url, more))
    return path


def test_a_database_that_is_configured_wrongly_is_no_failure_of_the_run():
    """A service manager starts anew what failed, and not what nobody configured well; one that is away is none of that."""
    with alice() as r:
        here = url(r.daemon.state)
        server("sql", "postgres", "DROP ROLE IF EXISTS barred; CREATE ROLE barred NOLOGIN")
        barred = here.replace("tgcalld@", "barred@")
        no_host = here.partition("?")[0] + "?host=/nowhere"

        def ends(at, more):
            with Process("--config", in_file(r, at, more), "--listen", "127.0.0.1:0", "--state-dir", tempfile.mkdtemp()) as p:
                status = p.ended()
                p.end_cleanly = lambda: None
                check("woRd" not in p.log(), p.log())
                return status, p.log()

        for more in ("", "[cluster]\nnode = one\n"):
            for wrong, words in ((here.replace("@/s", "@/no-"), "no such database"), (barred, "refuses the login"),
                                 (here + "&colour=woRd", "none that libpq knows"), (here + "&sslmode=maybe", "maybe")):
                status, log = ends(wrong, more)
                equal((status, words in log), (2, True))
                checked = subprocess.run([TGCALLD, "--config", in_file(r, wrong, more), "--check-config"], capture_output=True, text=True)
                equal((checked.returncode, words in checked.stderr), (2, True))
            status, log = ends(no_host, more)
            equal((status, "does not answer" in log), (1, True))


if __name__ == "__main__":
    needs_one_process()
    if subprocess.run(["pg_dump", "--version"], stdout=subprocess.DEVNULL).returncode:
        print("1..0 # SKIP there is no PostgreSQL here")
    else:
        run(globals())
