"""`tgcalld backup` and `tgcalld seal rotate`, while a daemon runs and while none does, and what is said of a restored copy."""
import contextlib
import os
import resource
import select
import shutil
import socket
import sqlite3
import stat
import subprocess
import tempfile
import time

from lib import TGCALLD, Daemon, Process, at_once, check, control, equal, expect, run, wait_for
from remote import Remote
from restart import stop
from store import IS_A_FILE, POSTGRESQL, needs_a_file, url


def tgcalld(*args, **more):
    p = subprocess.run([TGCALLD, *args], capture_output=True, text=True, timeout=120, **more)
    return p.returncode, p.stdout, p.stderr


def upkeep(r, *args, **more):
    """Of the daemon of R, running or not, with its configuration."""
    if POSTGRESQL and args[0] == "seal":
        args += ("--store", url(r.daemon.state))
    return tgcalld(*args, "--config", r.config, "--state-dir", r.daemon.state, **more)


def key_of(state):
    with open(os.path.join(state, "seal.key")) as f:
        return f.read()


def begin(r, state):
    r.daemon = Daemon(config=r.config, state=state)
    r.daemon.control = r.ready["control"]
    return r.daemon


def is_on(d, name):
    a = expect(d.get("/v1/accounts/" + name), 200).json
    return a["state"] == "ready" and a["connection"]["state"] == "ready"


def is_a_sound_copy(path):
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as db:
        equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        return [name for name, in db.execute("SELECT name FROM accounts ORDER BY name")]


def restore(copy, state, kept):
    """A state directory of a copy, and of what is KEPT beside it."""
    os.makedirs(state, 0o700)
    shutil.copy(copy, os.path.join(state, "store.db"))
    for name in ("seal.key", "admin.token"):
        shutil.copy(os.path.join(kept, name), state)


def test_a_backup_is_taken_while_the_daemon_runs_and_while_it_does_not():
    if POSTGRESQL:
        return IS_A_FILE
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        one, two = os.path.join(r.dir, "one.db"), os.path.join(r.dir, "two.db")
        status, out, err = upkeep(r, "backup", one)
        equal((status, err), (0, ""))
        equal(len(out.splitlines()), 1)
        check(one in out and "seal.key" in out and "configuration" in out, out)
        wait_for("the log", lambda: "backup, asked for by user" in r.daemon.log())
        equal(is_a_sound_copy(one), ["alice"])
        state = stop(r)
        before = sorted(os.listdir(state))
        status, out, err = upkeep(r, "backup", two)
        equal((status, err), (0, ""))
        equal(is_a_sound_copy(two), ["alice"])
        equal(sorted(os.listdir(state)), before)
        for path in (one, two):
            with open(path, "rb") as f:
                data = f.read()
            check(key_of(state).strip().encode() not in data and bytes.fromhex(key_of(state).strip()) not in data)
        begin(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))
        check("copy" not in r.daemon.log(), r.daemon.log())


def test_a_backup_takes_the_place_of_a_file_only_where_it_is_asked_to():
    with Remote() as r:
        path = os.path.join(r.dir, "mine")
        with open(path, "w") as f:
            f.write("mine")
        for _ in ("running", "stopped"):
            status, _, err = upkeep(r, "backup", path)
            equal(status, 1)
            check("--replace" in err, err)
            with open(path) as f:
                equal(f.read(), "mine")
            equal(upkeep(r, "backup", path, "--replace")[0], 0)
            is_a_sound_copy(path)
            with open(path, "w") as f:
                f.write("mine")
            status, _, err = upkeep(r, "backup", os.path.join(r.dir, "no", "where"))
            equal(status, 1)
            check("No such file" in err, err)
            if r.daemon.process.poll() is None:
                r.daemon.end_cleanly()
        check(not [n for n in os.listdir(r.dir) if n.endswith(".part")])


def test_two_backups_of_one_name_at_once_leave_a_whole_copy():
    with Daemon() as d, tempfile.TemporaryDirectory() as folder:
        for n in range(24):
            path = os.path.join(folder, "copy%d.db" % n)
            more = ["--replace"] * (n % 2)
            words = [TGCALLD, "backup", path, "--state-dir", d.state, *more]
            two = []
            for _ in range(2):
                two.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
                time.sleep(0.002 * (n % 12))
            said = []
            for p in two:
                said.append(p.communicate(timeout=120)[1])
                if p.returncode == 0:
                    equal(is_a_sound_copy(path), ["sandbox"])
            status = sorted(p.returncode for p in two)
            check(status == [0, 0] if more else status == [0, 1] and "is there already" in "".join(said), (status, said))
        equal(sorted(os.listdir(folder)), sorted("copy%d.db" % n for n in range(24)))


def test_who_reads_a_backup_does_not_keep_it_from_being_replaced():
    with Daemon() as d, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "copy.db")
        words = [TGCALLD, "backup", path, "--state-dir", d.state, "--replace"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        with contextlib.closing(sqlite3.connect(path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM accounts").fetchall()
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        equal(is_a_sound_copy(path), ["sandbox"])


def test_a_backup_never_takes_the_place_of_the_database():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        database = os.path.join(r.daemon.state, "store.db")
        inode = os.stat(database).st_ino
        for _ in ("running", "stopped"):
            status, _, err = upkeep(r, "backup", database, "--replace")
            check(status == 1 and "a database in use" in err, (status, err))
            equal(os.stat(database).st_ino, inode)
            check(not os.path.exists(database + ".part"))
            if r.daemon.process.poll() is None:
                r.daemon.end_cleanly()
        begin(r, r.daemon.state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_a_backup_never_takes_the_place_of_a_seal_key():
    with Remote() as r:
        state = r.daemon.state
        before = key_of(state)
        for _ in ("running", "stopped"):
            status, _, err = upkeep(r, "backup", os.path.join(state, "seal.key"), "--replace")
            check(status == 1 and "a seal key" in err, (status, err))
            equal(key_of(state), before)
            if r.daemon.process.poll() is None:
                r.daemon.end_cleanly()


def test_the_seal_key_is_changed_while_the_daemon_runs_and_while_it_does_not():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        keys = [key_of(r.daemon.state)]
        for n in range(2):
            status, out, err = upkeep(r, "seal", "rotate")
            equal((status, err), (0, ""))
            equal(len(out.splitlines()), 1)
            check("new key" in out and "backup" in out, out)
            keys.append(key_of(r.daemon.state))
            check(keys[-1] not in keys[:-1] and keys[-1] not in out)
            equal(stat.S_IMODE(os.stat(os.path.join(r.daemon.state, "seal.key")).st_mode), 0o600)
            check(not os.path.exists(os.path.join(r.daemon.state, "seal.key.next")))
            if n == 0:
                expect(r.daemon.create("@sandbox_group", account="alice"), 201)
                stop(r)
        d = begin(r, r.daemon.state)
        wait_for("alice", lambda: is_on(d, "alice"))


def test_a_key_that_is_given_is_followed_by_the_one_that_was_put_beside_it():
    key = os.path.join(tempfile.mkdtemp(), "seal.key")
    with open(key, "w") as f:
        f.write("11" * 32 + "\n")
    os.chmod(key, 0o600)
    with Remote("[store]\nkey_file = " + key) as r:
        r.daemon.login("alice", "+15550001")
        status, _, err = upkeep(r, "seal", "rotate")
        equal(status, 1)
        check(key + ".next" in err and "systemd" in err, err)
        with open(key + ".next", "w") as f:
            f.write("22" * 32 + "\n")
        os.chmod(key + ".next", 0o600)
        status, out, err = upkeep(r, "seal", "rotate")
        equal((status, err), (0, ""))
        check("put that key in the place of " + key in out, out)
        status, _, err = upkeep(r, "seal", "rotate")
        equal(status, 1)
        check("in use" in err, err)
        state = stop(r)
        os.rename(key + ".next", key)
        begin(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def set_version(state, version):
    with contextlib.closing(sqlite3.connect(os.path.join(state, "store.db"))) as db:
        was = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA user_version = %d" % version)
        return was


def test_what_cannot_be_kept_is_refused_with_its_reason():
    with Remote() as r:
        nowhere = os.path.join(r.dir, "nowhere")
        copy = os.path.join(r.dir, "copy.db")
        for more in ([], ["--replace"]):
            status, _, err = upkeep(r, "backup", r.dir, *more)
            check(status == 1 and r.dir + " is a folder" in err, (status, err))
        for words in (["backup", copy], ["seal", "rotate"]):
            status, _, err = tgcalld(*words, "--state-dir", nowhere)
            equal(status, 2)
            check(nowhere in err and not os.path.exists(nowhere), err)
        state = stop(r)
        key = os.path.join(state, "seal.key")
        os.rename(key, key + ".mine")
        status, _, err = upkeep(r, "backup", copy)
        equal(status, 1)
        check("seal.key" in err, err)
        with open(key, "w") as f:
            f.write("11" * 32 + "\n")
        os.chmod(key, 0o600)
        for words in (["backup", copy], ["seal", "rotate"]):
            status, _, err = upkeep(r, *words)
            equal(status, 1)
            check("another seal key" in err, err)
        os.rename(key + ".mine", key)
        version = set_version(state, 999)
        status, _, err = upkeep(r, "backup", copy)
        check(status == 1 and "newer" in err, err)
        set_version(state, version)
        os.rename(os.path.join(state, "store.db"), os.path.join(state, "elsewhere.db"))
        status, _, err = upkeep(r, "backup", copy)
        equal(status, 2)
        check("there is no database" in err and not os.path.exists(os.path.join(state, "store.db")), err)
        with open(os.path.join(state, "store.db"), "w") as f:
            f.write("no database at all, but a text that somebody put here\n" * 40)
        status, _, err = upkeep(r, "backup", copy)
        check(status == 1 and "database" in err, err)
        check(not os.path.exists(copy) and not os.path.exists(copy + ".part"))
        os.replace(os.path.join(state, "elsewhere.db"), os.path.join(state, "store.db"))
        begin(r, state)


def test_a_stranger_may_not_ask():
    if os.geteuid() != 0:
        return "only root can be somebody else"
    with Remote() as r:
        for folder in (tempfile.gettempdir(), r.daemon.state):
            os.chmod(folder, 0o711)
        os.chmod(os.path.join(r.daemon.state, "lock"), 0o666)
        os.chmod(r.config, 0o644)
        os.chmod(r.dir, 0o711)
        try:
            status, out, err = upkeep(r, "seal", "rotate", user=54321, group=54321, extra_groups=[])
        except PermissionError:
            return "another user cannot run " + TGCALLD
        check(status == 1 and out == "" and "root" in err, (status, err))
        # The daemon looks at who asks too, should the socket's file be open to all.
        os.chmod(os.path.join(r.daemon.state, "upkeep.sock"), 0o666)
        key = key_of(r.daemon.state)
        status, out, err = upkeep(r, "seal", "rotate", user=54321, group=54321, extra_groups=[])
        check(status == 1 and out == "" and "only the daemon's user and root" in err, (status, err))
        equal(key_of(r.daemon.state), key)


def test_what_root_does_stays_the_daemons():
    if os.geteuid() != 0:
        return "only root can be somebody else"
    with Remote() as r:
        state = stop(r)
        for folder, _, names in os.walk(state):
            for path in [folder] + [os.path.join(folder, n) for n in names]:
                os.chown(path, 54321, 54321)
        os.chmod(tempfile.gettempdir(), 0o711)
        copy = os.path.join(r.dir, "roots.db")
        equal(upkeep(r, "seal", "rotate")[::2], (0, ""))
        equal(upkeep(r, "backup", copy)[::2], (0, ""))
        equal(os.stat(copy).st_uid, 0)
        for name in os.listdir(state):
            equal((name, os.stat(os.path.join(state, name)).st_uid), (name, 54321))
        for name in os.listdir(state):
            os.chown(os.path.join(state, name), 0, 0)
        os.chown(state, 0, 0)
        begin(r, state)


def test_a_daemon_that_is_named_by_a_long_path_is_asked_too():
    state = os.path.join(tempfile.mkdtemp(), *["long" * 12] * 4)
    with Daemon("--unix", "none", state=state) as d:
        copy = os.path.join(tempfile.mkdtemp(), "copy.db")
        status, _, err = tgcalld("backup", copy, "--state-dir", state)
        equal((status, err), (0, ""))
        equal(is_a_sound_copy(copy), ["sandbox"])
        equal(stat.S_IMODE(os.stat(os.path.join(state, "upkeep.sock")).st_mode), 0o600)
    check(not os.path.exists(os.path.join(state, "upkeep.sock")))


def test_a_daemon_that_cannot_answer_is_told_of_with_3():
    with Daemon() as d:
        os.rename(os.path.join(d.state, "upkeep.sock"), os.path.join(d.state, "away.sock"))
        status, _, err = tgcalld("seal", "rotate", "--state-dir", d.state)
        equal(status, 3)
        check("stop it first" in err, err)
        os.rename(os.path.join(d.state, "away.sock"), os.path.join(d.state, "upkeep.sock"))
        equal(tgcalld("seal", "rotate", "--state-dir", d.state)[0], 0)


def ask_by_hand(state, packet, fds=()):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(30)
        s.connect(os.path.join(state, "upkeep.sock"))
        socket.send_fds(s, [packet], list(fds))
        return s.recv(4096).decode()


def files_of(pid):
    found = set()
    for name in os.listdir("/proc/%d/fd" % pid):
        with contextlib.suppress(FileNotFoundError):
            st = os.stat("/proc/%d/fd/%s" % (pid, name))
            found.add((st.st_dev, st.st_ino))
    return found


def test_what_is_no_request_is_refused_and_leaves_nothing_open():
    with Daemon() as d:
        files = [tempfile.TemporaryFile() for _ in range(2)]
        pipe = os.pipe()
        fds = [f.fileno() for f in files]
        for packet, given in ((b"nonsense", []), (b"backup", []), (b"backup", pipe[1:]), (b"backup", fds), (b"seal", fds),
                              (b"seal rotate and more", fds[:1]), (b"x" * 4000, fds), (b"nonsense", fds[:1]),
                              (b"", fds[:1])):
            answer = ask_by_hand(d.state, packet, given)
            check(answer.startswith("-") and "does not understand" in answer, (packet, answer))
        # Who says nothing does not keep the others waiting for ever.
        silent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        silent.connect(os.path.join(d.state, "upkeep.sock"))
        check(ask_by_hand(d.state, b"backup", fds[:1]).startswith("0 a copy of"))
        check(os.pread(fds[0], 16, 0) == b"SQLite format 3\0")
        silent.close()
        ours = {(os.fstat(fd).st_dev, os.fstat(fd).st_ino) for fd in fds}
        wait_for("all to be closed", lambda: not ours & files_of(d.process.pid))
        for fd in pipe:
            os.close(fd)


def cpu_s(d):
    with open("/proc/%d/stat" % d.process.pid) as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def comes_to_rest(d):
    """Waits until the daemon has nothing to do any more."""
    last = [cpu_s(d)]

    def is_at_rest():
        time.sleep(0.5)
        last.append(cpu_s(d))
        return last[-1] == last[-2]
    wait_for("rest", is_at_rest)


def test_who_asks_where_no_descriptor_is_to_be_had_is_awaited_without_work():
    with Daemon() as d, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        # It says where it listens before it has the descriptors to serve it.
        expect(d.get("/readyz"), 200)
        comes_to_rest(d)
        soft, hard = resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, (3, hard))
        before = cpu_s(d)
        s.connect(os.path.join(d.state, "upkeep.sock"))
        s.send(b"seal rotate")
        check(not select.select([s], [], [], 2)[0])
        check(cpu_s(d) - before < 0.2, cpu_s(d) - before)
        resource.prlimit(d.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
        s.settimeout(60)
        check(s.recv(4096).startswith(b"0 "))


def test_an_answer_that_is_none_is_no_success_and_moves_no_terminal():
    with Daemon() as d, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        path = os.path.join(d.state, "upkeep.sock")
        os.rename(path, path + ".away")
        server.bind(path)
        server.listen(1)
        for answer, status, says in ((b"done", 1, "is not known"), (b"", 1, "is not known"), (b"7 done", 1, "is not known"),
                                     (b"0", 1, "is not known"), (b"0 a\x1b]0;b\x07c\nd", 0, "a?]0;b?c?d\n"),
                                     ("0 \u00e9\u009b2J".encode(), 0, "\u00e9?2J\n"), (b"0 \xff\x9b", 0, "??\n")):
            p = subprocess.Popen([TGCALLD, "seal", "rotate", "--state-dir", d.state], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, encoding="utf-8")
            with server.accept()[0] as s:
                s.recv(100)
                if answer:
                    s.send(answer)
            out = p.communicate(timeout=60)[0]
            check(p.returncode == status and says in out and "\x1b" not in out, (answer, p.returncode, out))
        os.rename(path + ".away", path)


def test_several_ask_at_once_while_calls_are_made():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")

        def ask(n):
            if n % 3 == 0:
                return upkeep(r, "seal", "rotate")[0]
            if n % 3 == 1:
                return upkeep(r, "backup", os.path.join(r.dir, "copy%d.db" % n))[0]
            return d.create("@sandbox_group", account="alice", if_exists="replace").status
        got = at_once(9, ask)
        equal([got[n] for n in range(9) if n % 3 < 2], [0] * 6)
        equal([got[n] for n in range(2, 9, 3)], [201] * 3)
        for n in range(1, 9, 3):
            equal(is_a_sound_copy(os.path.join(r.dir, "copy%d.db" % n)), ["alice"])
        state = stop(r)
        begin(r, state)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_a_restored_copy_says_so_once_and_goes_on():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        copy = os.path.join(r.dir, "copy.db")
        equal(upkeep(r, "backup", copy)[0], 0)
        r.daemon.login("carol", "+15550003")
        state = stop(r)
        os.replace(copy, os.path.join(state, "store.db"))
        d = begin(r, state)
        log = d.log()
        check("is a copy, made at 2" in log and "AUTH_KEY_DUPLICATED" in log and "must not run any more" in log, log)
        wait_for("alice", lambda: is_on(d, "alice"))
        expect(d.get("/v1/accounts/carol"), 404)
        stop(r)
        check("copy" not in begin(r, state).log())


def test_a_copy_that_is_used_elsewhere_says_where_it_was_and_does_not_run_beside_it():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        copy = os.path.join(r.dir, "copy.db")
        equal(upkeep(r, "backup", copy)[0], 0)
        first, other = r.daemon.state, os.path.join(r.dir, "other")
        restore(copy, other, first)
        p = Process("--config", r.config, "--listen", "127.0.0.1:0", "--state-dir", other)
        equal(p.ended(), 3)
        check(first in p.log() and "stop that one first" in p.log(), p.log())
        p.forget()
        check("alice" in [a["name"] for a in r.daemon.get("/v1/accounts").json["accounts"]])
        stop(r)
        r.daemon = Daemon(config=r.config, state=other)
        r.daemon.control = r.ready["control"]
        check("is a copy" in r.daemon.log() and first in r.daemon.log(), r.daemon.log())
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def is_refused_beside_another(r, state):
    p = Process("--config", r.config, "--listen", "127.0.0.1:0", "--state-dir", state)
    equal(p.ended(), 3)
    check("another daemon on this machine" in p.log() and "AUTH_KEY_DUPLICATED" in p.log(), p.log())
    p.forget()


def test_a_copy_that_was_used_and_what_it_was_made_of_never_run_side_by_side():
    with Remote() as r:
        r.daemon.login("alice", "+15550001")
        copy = os.path.join(r.dir, "copy.db")
        equal(upkeep(r, "backup", copy)[0], 0)
        first, other = stop(r), os.path.join(r.dir, "other")
        restore(copy, other, first)
        for _ in range(2):
            for runs, stands in ((other, first), (first, other)):
                begin(r, runs)
                is_refused_beside_another(r, stands)
                wait_for("alice", lambda: is_on(r.daemon, "alice"))
                # Not even a new key takes it out of the family.
                equal(upkeep(r, "seal", "rotate")[0], 0)
                stop(r)
        begin(r, first)
        wait_for("alice", lambda: is_on(r.daemon, "alice"))


def test_a_login_that_was_ended_as_used_at_two_places_is_told_and_used_no_more():
    with Remote() as r:
        d = r.daemon
        d.login("alice", "+15550001")
        d.login("carol", "+15550003")
        d.fault(type="rpc_error", method="phone.createGroupCall", code=406, message="AUTH_KEY_DUPLICATED")
        expect(d.create("@sandbox_group", account="alice"), 409)
        a = expect(d.get("/v1/accounts/alice"), 200, state="duplicated").json
        check(a["reason"] and "/v1/accounts/alice/login" in a["remedy"], a)
        equal(a["connection"]["state"], "off")
        expect(d.create("@sandbox_group", account="alice"), 409, "account-not-ready")
        # Nothing goes out for it any more, in this process and in the next.
        before = heard(r)
        for _ in range(2):
            expect(r.daemon.get("/v1/peers/@bobby?account=alice"), 409, "account-not-ready")
            state = stop(r)
            begin(r, state)
            expect(r.daemon.get("/v1/accounts/alice"), 200, state="duplicated")
            wait_for("carol", lambda: is_on(r.daemon, "carol"))
        equal(heard(r), before)
        d = r.daemon
        expect(d.post("/v1/accounts/alice/login", {"phone": "+15550001"}), 200, state="wait_code")
        expect(d.post("/v1/accounts/alice/login/code", {"code": "12345"}), 200, state="ready")
        expect(d.create("@sandbox_group", account="alice"), 201)


def heard(r):
    """What was asked for at Alice's data centre."""
    events = control(r.ready["control"], "GET", "/log?since=0")["events"]
    return [e for e in events if e.get("dc") == 1]


def test_a_state_that_was_moved_is_told_of():
    with Remote() as r:
        first = stop(r)
        moved = first + ".moved"
        os.rename(first, moved)
        d = begin(r, moved)
        check("comes from elsewhere" in d.log() and first in d.log() and "for good" in d.log(), d.log())
        stop(r)
        check("elsewhere" not in begin(r, moved).log())


if __name__ == "__main__":
    needs_a_file()
    run(globals())
