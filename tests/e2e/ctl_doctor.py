"""tgcalldctl doctor: what is well is said to be, and each fault with what to do about it."""
import contextlib
import json
import os
import socket
import subprocess
import tempfile

import store
from ctl import CTL, ctl, ctl_alone, ended
from ctl_commands import scripted
from lib import PATIENCE, check, equal, expect, run


def checks(done):
    return [line.split("\t") for line in done.out.splitlines()]


def faults(done):
    return [row for row in checks(done) if row[1] == "fault"]


def test_a_daemon_that_is_well_has_no_fault(d):
    done = ended(ctl(d, "doctor", "--state-dir", d.state), 0)
    equal(faults(done), [])
    found = {row[0] for row in checks(done) if row[1] == "good"}
    # Of --sandbox there is neither of the others.
    equal(found, {"daemon", "layer", "files", "ready", "account", "clock", *(("network", "configuration", "nodes", "database") if store.NODES > 1 else ())})
    answer = json.loads(ended(ctl(d, "doctor", "--state-dir", d.state, "--json"), 0).out)
    equal([c["check"] for c in answer["checks"]], [row[0] for row in checks(done)])


def test_a_file_that_others_can_read_is_a_fault(d):
    path = os.path.join(d.state, "admin.token")
    mode = os.stat(path).st_mode & 0o777
    os.chmod(path, 0o644)
    try:
        equal(faults(ended(ctl(d, "doctor", "--state-dir", d.state), 1)),
              [["files", "fault", path + " has mode 644, so that others on this machine can get at it", "chmod go= '%s'" % path]])
    finally:
        os.chmod(path, mode)


def test_an_account_that_is_not_logged_in_is_a_fault(d):
    expect(d.post("/v1/accounts", {"name": "idle"}), 201)
    done = ended(ctl(d, "doctor", "--state-dir", d.state), 1)
    check(any(row[0] == "account" and row[2].startswith("idle wait_login") and row[3] for row in faults(done)), done)
    expect(d.request("DELETE", "/v1/accounts/idle"), 200)


def test_a_token_that_is_not_valid_is_a_fault(d):
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("wrong\n")
        f.flush()
        done = ended(ctl_alone("--url", "http://%s:%s" % (d.host, d.port), "--token-file", f.name, "doctor"), 1)
    check(any(row[0] == "account" and row[3] for row in faults(done)), done)


def test_of_a_sandbox_the_files_of_a_service_say_nothing(d):
    if store.NODES > 1:
        return store.OWN_SANDBOX
    p = subprocess.run(["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs none /var/lib && mkdir /var/lib/tgcalld && exec "$@"', "sh",
                        CTL, "--unix", d.unix, "doctor"], capture_output=True, text=True, timeout=PATIENCE)
    if "unshare" in p.stderr or "mount" in p.stderr:
        return "no namespace for a directory of its own: " + p.stderr.strip()
    check(p.returncode == 0 and "files\t" not in p.stdout and "daemon\tgood" in p.stdout, p)
    return None


def test_without_a_daemon_the_rest_is_looked_at_all_the_same():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        config = os.path.join(folder, "tgcalld.conf")
        with open(config, "w") as f:
            f.write("[server]\nnonsense = 1\n")
        env = {"XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "RUNTIME_DIRECTORY": "", "STATE_DIRECTORY": ""}
        done = ctl_alone("--unix", folder + "/none", "doctor", "--config", config, "--state-dir", folder, env=env)
        ended(done, 3)
        found = {row[0]: row for row in faults(done)}
        equal(set(found), {"daemon", "configuration"})
        check("nonsense" in found["configuration"][2] and "--check-config" in found["configuration"][3], done)
        check("none" in found["daemon"][2] and "systemctl start" in found["daemon"][3], done)
        with socket.create_server(("127.0.0.1", 0)) as centre:
            configure(config, "127.0.0.1:%d" % centre.getsockname()[1])
            equal([row[0] for row in faults(ctl_alone("--unix", folder + "/none", "doctor", "--config", config, "--state-dir", folder, env=env))],
                  ["daemon"])


def test_a_configuration_that_is_not_there_is_not_said_to_be_read():
    usual = "/etc/tgcalld/tgcalld.conf"
    if os.path.exists(usual):
        return "this machine has one"
    with tempfile.TemporaryDirectory() as folder:
        # Without a network: no test looks for Telegram's data centres.
        p = subprocess.run(["unshare", "-Urn", CTL, "--unix", folder + "/none", "doctor", "--state-dir", folder], capture_output=True,
                           text=True, timeout=PATIENCE)
    if "unshare" in p.stderr:
        return "no namespace without a network: " + p.stderr.strip()
    found = [line.split("\t") for line in p.stdout.splitlines()]
    equal([row[2] for row in found if row[:2] == ["configuration", "good"]], [usual + " is not there, so that the defaults count"])
    return None


def test_the_usual_configuration_is_not_judged_where_the_daemon_was_started_with_another():
    usual = "/etc/tgcalld/tgcalld.conf"
    if os.path.exists(usual):
        return "this machine has one"
    answers = [(200, {"name": "tgcalld", "version": "1", "environment": "custom", "layer": 229}), (200, {}), (200, {"accounts": []}),
               (200, {"nodes": []})]
    with scripted(*answers) as (there, _), tempfile.TemporaryDirectory() as folder:
        found = checks(ended(ctl_alone(*there, "doctor", "--state-dir", folder), 1))
    rows = [row for row in found if row[0] in ("configuration", "network", "dns")]
    equal([row[:2] for row in rows], [["configuration", "unknown"]])
    check(usual + " is not there" in rows[0][2] and "custom" in rows[0][2] and "--config" in rows[0][3], rows)
    return None


def configure(config, address, *more, **store):
    """A data centre of our own: no test looks for Telegram's."""
    key = os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "keys", "sandbox.pub.pem")
    with open(config, "w") as f:
        f.write("[telegram]\nenvironment = custom\napi_id = 1\napi_hash = x\n%s\n[dc 1]\naddress = %s\npublic_key = %s\n"
                % ("\n".join(more), address, key))
        f.write("[store]\n" + "".join("%s = %s\n" % item for item in store.items()))


def closed_port():
    """Bound, so that nobody else gets the port, and not listening."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    closed.append(s)
    return s.getsockname()[1]


closed = []


@contextlib.contextmanager
def alone():
    """A folder, and what doctor finds in a configuration there without a daemon."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        config = os.path.join(folder, "tgcalld.conf")

        def look(*args):
            return checks(ended(ctl_alone("--unix", folder + "/none", "doctor", "--config", config, "--state-dir", folder, *args), 3))

        yield folder, config, look


def test_each_data_centre_that_cannot_be_reached_is_a_fault():
    with alone() as (_, config, look), socket.create_server(("127.0.0.1", 0)) as centre:
        here, nowhere = centre.getsockname()[1], closed_port()
        configure(config, "127.0.0.1:%d\naddress = 127.0.0.1:%d" % (nowhere, here))
        equal([row[1:3] for row in look() if row[0] == "network"],
              [["good", "data centre 1 can be reached: 127.0.0.1 port %d" % here]])
        configure(config, "127.0.0.1:%d" % nowhere)
        equal([row[1:3] for row in look() if row[0] == "network"],
              [["fault", "data centre 1 cannot be reached: 127.0.0.1 port %d: Connection refused" % nowhere]])


def test_of_a_proxy_its_name_and_its_port_are_tried_and_nothing_else_is():
    with alone() as (_, config, look), socket.create_server(("127.0.0.1", 0)) as centre, socket.create_server(("127.0.0.1", 0)) as proxy:
        centre.settimeout(0)
        address, at = "127.0.0.1:%d" % centre.getsockname()[1], proxy.getsockname()[1]

        def found(url):
            configure(config, address, "proxy = " + url)
            return [row[:3] for row in look() if row[0] in ("dns", "network", "proxy")]

        equal(found("socks5://me:word@localhost:%d" % at)[1:],
              [["proxy", "good", "socks5://localhost:%d can be reached" % at]])
        port = closed_port()
        equal(found("http://127.0.0.1:%d" % port),
              [["proxy", "fault", "http://127.0.0.1:%d cannot be reached: Connection refused" % port]])
        lost = found("socks5://name.invalid:1080")
        equal([row[:2] for row in lost], [["dns", "fault"]])
        check(lost[0][2].startswith("name.invalid is "), lost)
        try:
            centre.accept()
        except BlockingIOError:
            return
    raise AssertionError("the data centre was tried in spite of the proxy")


def test_a_store_and_a_key_elsewhere_are_looked_at_there():
    with alone() as (folder, config, look), socket.create_server(("127.0.0.1", 0)) as centre:
        store, key = os.path.join(folder, "elsewhere.db"), os.path.join(folder, "elsewhere.key")
        configure(config, "127.0.0.1:%d" % centre.getsockname()[1], path=store, key_file=key)
        for name in (store, key, os.path.join(folder, "store.db")):
            with open(name, "w") as f:
                os.fchmod(f.fileno(), 0o644)
        equal([row[2].split()[0] for row in look() if row[:2] == ["files", "fault"]], [store, key])


def test_of_a_daemon_elsewhere_nothing_here_is_looked_at():
    answers = [(200, {"name": "tgcalld", "version": "1", "environment": "production", "layer": 229}), (200, {}),
               (200, {"accounts": [{"name": "a", "state": "ready", "connection": {"state": "ready"}}]}), (200, {"date": 1}),
               (200, {"nodes": []})]
    told = {"daemon", "layer", "ready", "account", "clock"}

    def found(there, *args):
        return {row[0] for row in checks(ended(ctl_alone(*there, "doctor", *args), 1))}

    with alone() as (folder, config, _), socket.create_server(("127.0.0.1", 0)) as centre:
        configure(config, "127.0.0.1:%d" % centre.getsockname()[1])
        with scripted(*answers) as (there, _):
            equal(found(there, "--config", config, "--state-dir", folder), told | {"configuration", "files", "network"})
        with scripted(*answers) as (there, _):
            # It leads here too, but does not say so: as far as the client can tell it is another machine.
            equal(found([word.replace("127.0.0.1", "0.0.0.0") for word in there] + ["--insecure"]), told)
        # Its accounts go by ways of their own: what asks here goes by no other.
        answers[2][1]["accounts"][0]["proxy"] = "socks5://127.0.0.1:9"
        with scripted(*answers) as (there, _):
            equal(found(there, "--config", config, "--state-dir", folder), told | {"configuration", "files"})


DATABASE = {"seen_at": 1790000000, "clock_ahead_ms": -4, "connections_left": 80, "fsync": True, "full_page_writes": True,
            "synchronous_commit": True, "synchronous_standby": False}


def seen_of_nodes(*states, **database):
    """State and detail of what doctor says of nodes that are in these states, the first of which answers, and of their database."""
    nodes = [{"name": "n%d" % i, "state": state, "lease_left_ms": 4000, "seen_at": 1790000000, "self": i == 0} for i, state in enumerate(states)]
    answers = [(200, {"name": "tgcalld", "version": "1", "environment": "production", "layer": 229}), (200, {}), (200, {"accounts": []}),
               (200, {"nodes": nodes, "database": {**DATABASE, **database}})]
    with scripted(*answers) as (there, _):
        done = checks(ctl_alone(*[word.replace("127.0.0.1", "0.0.0.0") for word in there], "--insecure", "doctor"))
    for row in done:
        check(row[1] in ("good", "unknown") or row[3], "no remedy: %r" % row)
    return [tuple(row[1:3]) for row in done if row[0] in ("nodes", "database")]


def test_of_nodes_it_is_told_who_has_the_accounts_and_what_the_database_is_like():
    well = [("good", "80 connections are left"), ("good", "its clock is 0.004 s behind the node's"), ("good", "what is committed is on its disk")]
    equal(seen_of_nodes("active", "waiting"), [("good", "2: n0 active (this one), n1 waiting")] + well)
    equal(seen_of_nodes("active", "waiting", synchronous_standby=True)[-1], ("good", "what is committed is on its disk and a standby's"))
    equal(seen_of_nodes("active"), [("warning", "1: n0 active (this one)")] + well)
    equal(seen_of_nodes("waiting", "leaving"), [("fault", "2: n0 waiting (this one), n1 leaving")] + well)


def test_a_database_that_forgets_is_a_fault_and_one_that_is_full_or_late_is_told():
    def told(**database):
        return [row for row in seen_of_nodes("active", "waiting", **database)[1:] if row[0] != "good"]
    equal(told(), [])
    equal(told(connections_left=4), [("warning", "4 connections are left, fewer than one more node needs")])
    equal(told(clock_ahead_ms=61000), [("warning", "its clock is 61.000 s ahead of the node's")])
    equal([row[0] for row in told(fsync=False)], ["fault"])
    equal([row[0] for row in told(synchronous_commit=False)], ["fault"])
    equal([row[0] for row in told(full_page_writes=False)], ["warning"])


if __name__ == "__main__":
    store.needs_a_durable_server()
    run(globals())
