"""Several nodes at one PostgreSQL database: one has the accounts, the others answer by it, and no login's key is used twice at a time."""
import os
import shutil
import signal
import subprocess
import tempfile

import store
from ctl import ctl
from lib import TGCALLD, Daemon, Process, Unsaid, check, equal, expect, run, wait_for
from events import Reader, is_call
from remote import Remote
from restart import is_on, logins

LEASE = "2 s"
STORE = """[store]
url = %s
key_file = %s
"""
NODE = """[cluster]
node = %s
advertise = http://%s.example:8765
lease = %s
"""


class Node(Daemon):
    """A daemon in a state directory of its own, which may not listen yet; without a NAME it is none of several."""

    def __init__(self, cluster, name, lease=LEASE, key=None, settings="", **more):
        self.name, self.cluster, self.has_answered = name, cluster, False
        self.state, self.unsaid = tempfile.mkdtemp(), Unsaid()
        config = os.path.join(self.state, "tgcalld.conf")
        with open(cluster.remote.config) as f, open(config, "w") as to:
            settings = f.read() + settings + STORE % (cluster.url, key or cluster.key) + (NODE % (name, name, lease) if name else "")
            to.write(settings)
        self.unsaid.settings(settings)
        Process.__init__(self, "--config", config, "--listen", "127.0.0.1:0", "--state-dir", self.state, "--log-level", "debug",
                         **more)

    def waits(self):
        return "waits to take over" in self.log()

    def answers(self):
        """Itself, once it listens; asked with the token that the first node made, which is the database's."""
        mine = os.path.join(self.state, "admin.token")
        first = os.path.join(self.cluster.nodes[0].state, "admin.token")
        if first != mine and not self.has_answered:
            check(not os.path.exists(mine), "a second admin token was made")
            shutil.copy(first, mine)
            self.has_answered = True
        self.read_where_it_listens()
        self.control = self.cluster.remote.ready["control"]
        return self

    def has_accounts(self):
        return any(n["state"] == "active" for n in self.get("/v1/nodes").json["nodes"] if n.get("self"))

    def serving(self):
        """The same, once the accounts are its own."""
        self.answers()
        if self.name:
            wait_for("%s to have the accounts" % self.name, self.has_accounts)
        return self


class Cluster:
    def __init__(self, *sandbox):
        self.remote = Remote("flood_wait_max = 1 s", sandbox=sandbox)
        self.folder = tempfile.mkdtemp()
        self.key = os.path.join(self.folder, "seal.key")
        with open(self.key, "w") as f:
            f.write(os.urandom(32).hex() + "\n")
        os.chmod(self.key, 0o600)
        self.database = "c%s" % os.urandom(6).hex()
        if not store.urls:
            store.server("start", str(os.getpid()))
        self.url = store.urls[self.database] = store.server("create", self.database)
        self.nodes = []

    def node(self, name=None, **more):
        node = Node(self, name, **more)
        self.nodes.append(node)
        return node

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        try:
            if kind is None and self.nodes:
                self.nodes[0].control = self.remote.ready["control"]
                self.nodes[0].at_one_place()
            for n in self.nodes:
                if n.process.poll() is None:
                    n.process.send_signal(signal.SIGCONT)
                n.forget()
        finally:
            self.remote.sandbox.__exit__(kind, *rest)


def first_and_second(c, **more):
    first = c.node("first", **more).serving()
    first.login("alice", "+15550001")
    second = c.node("second", **more)
    wait_for("the second to wait", second.waits)
    return first, second.answers()


def test_a_node_that_waits_takes_over_when_the_other_is_killed():
    with Cluster() as c:
        first, second = first_and_second(c)
        keyed = {"Idempotency-Key": "kept"}
        made = expect(first.post("/v1/calls", {"peer": "@sandbox_group", "title": "Here"}, headers=keyed, unix=True), 201)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        d = second.serving()
        wait_for("alice", lambda: is_on(d, "alice"))
        equal(logins(d), 1)
        again = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "title": "Here"}, headers=keyed, unix=True), 201)
        equal(again.json["call"]["id"], made.json["call"]["id"])
        d.end_cleanly()


def test_a_node_that_waits_answers_by_the_one_that_has_the_accounts():
    with Cluster() as c:
        first, second = first_and_second(c)
        events = Reader(second)
        asked = {"peer": "@sandbox_group", "title": "Asked there"}
        made = expect(second.post("/v1/calls", asked, headers={"Idempotency-Key": "k"}), 201)
        check(made.headers["location"].endswith(made.json["call"]["id"]), made.headers["location"])
        call = made.json["call"]["id"]
        equal(events.until(is_call("made", call))[-1].data["call"]["title"], "Asked there")
        equal(expect(first.get("/v1/calls/" + call), 200).json["call"]["title"], "Asked there")
        again = expect(second.post("/v1/calls", asked, headers={"Idempotency-Key": "k"}), 201)
        equal((again.json["call"]["id"], again.headers["idempotency-replayed"]), (call, "true"))
        equal([a["name"] for a in expect(second.get("/v1/accounts"), 200).json["accounts"]], ["alice"])
        refused = expect(second.post("/v1/calls", {"peer": "@nobody_here"}), 422)
        check("@nobody_here" in refused.json["detail"], refused.json)
        expect(second.get("/v1/calls/1"), 404)
        expect(second.get("/readyz"), 200)
        # What the first told is on the disk, and read from there too.
        page = expect(second.get("/v1/events?after=0&wait=0"), 200).json["events"]
        check(any(e["event"] == "call" and e["data"]["call"]["id"] == call for e in page), page)

        def is_noted(d):
            return any(r["status"] == 422 and r["path"] == "/v1/calls" for r in expect(d.get("/v1/audit"), 200).json["records"])
        check(is_noted(second), "its own are there at once")
        wait_for("the other's to be there too", lambda: is_noted(first))
        events.close()
        second.end_cleanly()
        first.end_cleanly()


def test_a_token_counts_on_every_node_as_soon_as_it_is_answered():
    with Cluster() as c:
        first, second = nodes = first_and_second(c)
        for i in range(30):
            asked, other = nodes[i % 2], nodes[i // 2 % 2]
            made = expect(asked.post("/v1/tokens", {"name": "there", "scopes": ["read"]}), 201).json["token"]
            equal([n.get("/v1/accounts", token=made).status for n in nodes], [200, 200])
            expect(other.request("DELETE", "/v1/tokens/there"), 204)
            equal([n.get("/v1/accounts", token=made).status for n in nodes], [401, 401])
        second.end_cleanly()
        first.end_cleanly()


def test_a_node_that_stands_still_is_waited_for_and_keeps_no_token_from_being_removed():
    with Cluster() as c:
        # Longer than it is waited for: it is neither passed over nor buried meanwhile.
        first, second = first_and_second(c, lease="20 s")
        made = expect(first.post("/v1/tokens", {"name": "there", "scopes": ["read"]}), 201).json["token"]
        expect(second.get("/v1/accounts", token=made), 200)
        second.process.send_signal(signal.SIGSTOP)
        check("did not say" not in first.log(), first.log())
        expect(first.request("DELETE", "/v1/tokens/there"), 204)
        wait_for("the word of that", lambda: "1 of the other nodes did not say within 2 s" in first.log())
        expect(first.get("/v1/accounts", token=made), 401)
        second.process.send_signal(signal.SIGCONT)
        wait_for("the other node to hear of it", lambda: second.get("/v1/accounts", token=made).status == 401)
        second.end_cleanly()
        first.end_cleanly()


def test_what_is_asked_while_nobody_has_the_accounts_is_done_by_who_takes_over():
    with Cluster() as c:
        first, second = first_and_second(c)
        events = Reader(second)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        made = expect(second.post("/v1/calls", {"peer": "@sandbox_group", "title": "Meanwhile", "account": "alice"}), 201)
        check(second.has_accounts(), "it was done by another")
        events.until(is_call("made", made.json["call"]["id"]))
        equal(logins(second), 1)
        events.close()
        second.end_cleanly()


def test_each_node_is_seen_and_what_it_does():
    with Cluster() as c:
        first, second = first_and_second(c)

        def nodes():
            return expect(first.get("/v1/nodes"), 200).json["nodes"]
        wait_for("both", lambda: len(nodes()) == 2)
        seen, lease = nodes(), 1000 * int(LEASE.split()[0])
        for n in seen:
            check(0 <= n.pop("lease_left_ms") <= lease, "what is left of the lease of %s" % n["name"])
            check(n.pop("seen_at") > 0, "when it was seen")
        equal(seen, [
            {"name": "first", "state": "active", "accounts": 1, "advertise": "http://first.example:8765", "self": True},
            {"name": "second", "state": "waiting", "accounts": 0, "advertise": "http://second.example:8765"}])
        token = expect(first.post("/v1/tokens", {"name": "bound", "scopes": ["read"], "accounts": ["alice"]}), 201).json["token"]
        bound = expect(first.get("/v1/nodes", token=token), 200).json["nodes"]
        equal([n["name"] for n in bound if "accounts" not in n], ["first", "second"])
        # One that waits tells the same by what it sees in the database.
        wait_for("the accounts to be counted", lambda: [n.get("accounts") for n in second.get("/v1/nodes").json["nodes"]] == [1, 0])
        equal([n.get("self") for n in second.get("/v1/nodes").json["nodes"]], [None, True])
        counted = expect(second.get("/metrics"), 200).raw.decode().splitlines()
        check("tgcalld_cluster_active 0" in counted and 'tgcalld_cluster_nodes{state="active"} 1' in counted, counted)
        second.end(signal.SIGTERM)
        wait_for("the second to be gone", lambda: len(nodes()) == 1)
        first.end_cleanly()


def test_a_node_tells_what_its_database_is_like():
    with Cluster() as c:
        first = c.node("first").serving()
        wait_for("the look at it", lambda: "database" in expect(first.get("/v1/nodes"), 200).json)
        told = expect(first.get("/v1/nodes"), 200).json["database"]
        # One machine, one clock; the test's server keeps nothing over a failure.
        check(abs(told.pop("clock_ahead_ms")) < 1000, "the clock")
        check(told.pop("connections_left") > 0, "connections")
        check(told.pop("seen_at") > 0, "when")
        show = {name: store.server("sql", c.database, "SHOW " + name) for name in ("fsync", "full_page_writes")}
        equal(told, {"fsync": show["fsync"] == "on", "full_page_writes": show["full_page_writes"] == "on",
                     "synchronous_commit": True, "synchronous_standby": False})
        done = ctl(first, "doctor", "--config", os.path.join(first.state, "tgcalld.conf"))
        rows = [line.split("\t")[:3] for line in done.out.splitlines()]
        check(["nodes", "warning", "1: first active (this one)"] in rows, done)
        check(any(row[0] == "database" and "connections are left" in row[2] for row in rows), done)
        equal(any(row[:2] == ["database", "fault"] and "fsync is off" in row[2] for row in rows), show["fsync"] != "on")
        counted = expect(first.get("/metrics"), 200).raw.decode().splitlines()
        for line in ("tgcalld_cluster_active 1", 'tgcalld_cluster_nodes{state="active"} 1', 'tgcalld_cluster_nodes{state="waiting"} 0',
                     "tgcalld_cluster_takeovers_total 1", "tgcalld_cluster_losses_total 0"):
            check(line in counted, line)
        fields = ctl(first, "nodes").out.rstrip("\n").split("\t")
        check(fields[3].endswith(" s"), fields)
        equal(fields[:3] + fields[4:], ["first", "active", "0", "http://first.example:8765", "yes"])
        first.end_cleanly()


def test_a_node_with_another_seal_key_does_not_even_wait():
    with Cluster() as c:
        first = c.node("first").serving()
        with open(c.key, "w") as f:
            f.write(os.urandom(32).hex() + "\n")
        second = c.node("second")
        equal(second.ended(), 1)
        check("another seal key" in second.log(), second.log())
        first.end_cleanly()


def test_a_daemon_that_is_no_node_and_nodes_do_not_share_a_database():
    with Cluster() as c:
        alone = c.node().serving()
        alone.login("alice", "+15550001")
        node = c.node("node")
        equal(node.ended(), 3)
        check("another daemon uses the database" in node.log(), node.log())
        check(is_on(alone, "alice"), "alice")
        alone.end_cleanly()
        node = c.node("node").serving()
        wait_for("alice", lambda: is_on(node, "alice"))
        alone = c.node()
        equal(alone.ended(), 3)
        check(is_on(node, "alice"), "alice")
        node.end_cleanly()


def test_a_node_with_the_name_of_one_that_lives_does_not_start():
    with Cluster() as c:
        first = c.node("same").serving()
        first.login("alice", "+15550001")
        second = c.node("same")
        equal(second.ended(), 2)
        check("another node at the database is called same" in second.log(), second.log())
        check(is_on(first, "alice"), "alice")
        # One that died is no such.
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        third = c.node("same").serving()
        wait_for("alice", lambda: is_on(third, "alice"))
        third.end_cleanly()


def rotate_seal(node):
    return subprocess.run([TGCALLD, "seal", "rotate", "--state-dir", node.state], capture_output=True, text=True)


def test_the_seal_key_is_changed_for_no_node_that_has_not_the_next_one():
    with Cluster() as c:
        other = os.path.join(c.folder, "other.key")
        shutil.copy(c.key, other)
        first = c.node("first").serving()
        first.login("alice", "+15550001")
        second = c.node("second", key=other)
        wait_for("the second to wait", second.waits)
        second.answers()

        def put_next(beside, text):
            with open(beside + ".next", "w", opener=lambda *a: os.open(*a, 0o600)) as f:
                f.write(text)

        next_key = os.urandom(32).hex()
        put_next(c.key, next_key)
        # It has none, and then one that is not the same.
        for text in (None, os.urandom(32).hex()):
            if text:
                put_next(other, text)
            done = rotate_seal(first)
            equal((done.returncode, done.stdout), (1, ""))
            check("have not said that they have the next seal key: second;" in done.stderr and c.key + ".next" in done.stderr, done)
            expect(second.get("/v1/accounts"), 200)
        put_next(other, next_key)
        equal(rotate_seal(first).returncode, 0)
        expect(first.create("@sandbox_group", title="under the next key"), 201)
        expect(second.get("/v1/accounts"), 200)
        first.end_cleanly()
        d = second.serving()
        wait_for("alice", lambda: is_on(d, "alice"))
        equal(logins(d), 1)
        d.end_cleanly()


def check_config(node):
    """Its own configuration: exit status, and the lines that it is told."""
    done = subprocess.run([TGCALLD, "--config", os.path.join(node.state, "tgcalld.conf"), "--state-dir", node.state, "--check-config"],
                          capture_output=True, text=True)
    return done.returncode, [line for line in done.stderr.splitlines() if " off: " not in line]


def test_check_config_says_what_the_other_nodes_have_against_a_start():
    with Cluster() as c:
        first = c.node("first").serving()
        equal(check_config(first), (0, []))
        namesake, other, alone = c.node("first"), c.node("other", lease="20 s"), c.node()
        for node in (namesake, other, alone):
            node.end()
        status, lines = check_config(namesake)
        equal((status, len(lines)), (2, 1))
        check("another node at the database is called first" in lines[0], lines)
        status, lines = check_config(other)
        equal((status, len(lines)), (0, 1))
        check("the node first has a lease of 2 s, and this one of 20 s" in lines[0], lines)
        status, lines = check_config(alone)
        equal((status, len(lines)), (0, 1))
        check("1 node uses the database" in lines[0], lines)
        # One that died is no such, though its lease holds.
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        equal(check_config(namesake), (0, []))


def test_a_node_that_stops_hands_over_at_once():
    with Cluster() as c:
        first, second = first_and_second(c)
        first.end_cleanly()
        d = second.serving()
        wait_for("alice", lambda: is_on(d, "alice"))
        equal(logins(d), 1)
        d.end_cleanly()


def test_a_node_that_never_had_an_admin_token_does_not_miss_it():
    with Cluster() as c:
        first, second = first_and_second(c)
        os.remove(os.path.join(second.state, "admin.token"))
        first.end_cleanly()
        wait_for("alice at the second", lambda: is_on(second, "alice"))
        check("admin.token" not in second.log(), second.log())
        second.end_cleanly()


def test_a_lease_that_is_not_the_others_is_told():
    with Cluster() as c:
        first, second = c.node("first").serving(), c.node("second", lease="20 s")
        wait_for("the second to wait", second.waits)
        for node, text in ((first, "the node second has a lease of 20 s, and this one of 2 s"),
                           (second, "the node first has a lease of 2 s, and this one of 20 s")):
            wait_for("%s to tell" % node.name, lambda node=node, text=text: text in node.log())
        config = os.path.join(first.state, "tgcalld.conf")
        rows = [line.split("\t") for line in ctl(first, "doctor", "--config", config).out.splitlines()]
        found = [row for row in rows if row[:2] == ["nodes", "warning"]]
        check(len(found) == 1 and "the lease of the node second is longer than the 2 s of " + config in found[0][2] and found[0][3], rows)
        second.answers().end_cleanly()
        first.end_cleanly()


def test_a_node_that_stood_still_over_its_lease_ends_without_a_word():
    with Cluster() as c:
        first, second = first_and_second(c)
        first.process.send_signal(signal.SIGSTOP)
        d = second.serving()
        wait_for("alice", lambda: is_on(d, "alice"))
        first.process.send_signal(signal.SIGCONT)
        equal(first.process.wait(60), 1)
        check("another node had the accounts" in first.log() or "another daemon" in first.log(), first.log()[-2000:])
        check(is_on(d, "alice"), "alice stays where she is")
        equal(logins(d), 1)
        d.end_cleanly()


def test_a_node_that_waited_and_stood_still_ends_before_it_is_needed():
    with Cluster() as c:
        first, second = first_and_second(c)
        second.process.send_signal(signal.SIGSTOP)
        wait_for("it to be buried", lambda: len(first.get("/v1/nodes").json["nodes"]) == 1)
        second.process.send_signal(signal.SIGCONT)
        equal(second.process.wait(60), 1)
        check("took this one for dead" in second.log(), second.log()[-2000:])
        check(is_on(first, "alice"), "alice stays where she is")
        first.end_cleanly()


def test_a_node_without_its_database_sends_nothing_and_goes_on_with_it():
    with Cluster() as c:
        d = c.node("alone").serving()
        d.login("alice", "+15550001")
        store.server("kill")
        try:
            wait_for("the end of its traffic", lambda: d.get("/v1/accounts/alice").json["connection"]["state"] != "ready")
            equal(d.get("/v1/accounts/alice").json["state"], "ready")
            expect(d.get("/readyz"), 503)
        finally:
            store.server("restart")
        wait_for("alice again", lambda: is_on(d, "alice"))
        wait_for("readiness", lambda: d.get("/readyz").status == 200)
        equal(logins(d), 1)
        expect(d.create("@sandbox_group"), 201)
        d.end_cleanly()


def test_what_a_node_can_pass_on_to_nobody_says_that_the_database_is_away():
    with Cluster() as c:
        first = c.node("first").serving()
        first.login("alice", "+15550001")
        second = c.node("second", settings="[server]\nrequest_timeout = 3 s\n")
        wait_for("the second to wait", second.waits)
        second.answers()
        expect(second.get("/v1/accounts"), 200)
        store.server("kill")
        try:
            for a in (second.get("/v1/accounts"), second.create("@sandbox_group"), second.post("/v1/tokens", {"name": "new", "scopes": ["read"]})):
                expect(a, 503, "database-away", sent=False)
                check(int(a.headers["retry-after"]) > 0 and "the database server does not answer" in a.json["detail"], a)
        finally:
            store.server("restart")
        wait_for("the second to pass on", lambda: second.get("/v1/accounts").status == 200)
        second.end_cleanly()
        first.end_cleanly()


def test_what_happens_while_the_database_is_away_is_told_at_every_node_when_it_is_back():
    with Cluster() as c:
        first, second = first_and_second(c, lease="30 s")
        readers = [Reader(d, "?types=call") for d in (first, second)]
        store.server("kill")
        try:
            calls = [expect(first.create("@sandbox_group", if_exists="replace"), 201).json["call"]["id"] for _ in range(3)]
            wait_for("the server to be missed", lambda: "the database server does not answer" in first.log())
        finally:
            store.server("restart")
        told = [r.until(lambda e: e.data["call"]["id"] == calls[-1]) for r in readers]
        equal(told[0], told[1])
        equal(list(dict.fromkeys(e.data["call"]["id"] for e in told[0])), calls)
        for r in readers:
            r.close()


def test_a_node_takes_sockets_that_are_passed():
    # Not above: it takes the program's arguments for its own.
    from activation import passing, tcp
    with Cluster() as c, tcp() as passed:
        first = c.node("first").serving()
        second = c.node("second", **passing(passed))
        wait_for("the second to wait", second.waits)
        second.answers()
        equal(expect(second.get("/v1/accounts"), 200).json["accounts"], [])
        second.end_cleanly()
        first.end_cleanly()


def test_a_node_that_waits_stops_when_it_is_told_to():
    with Cluster() as c:
        first, second = first_and_second(c)
        equal(second.end(signal.SIGTERM), 0)
        check(is_on(first, "alice"), "alice")
        first.end_cleanly()


if __name__ == "__main__":
    run(globals())
