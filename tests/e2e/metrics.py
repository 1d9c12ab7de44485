"""GET /metrics: what is counted is what happened; a real Prometheus scrapes it and answers all that the board and the alerts ask."""
import collections
import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse

from lib import PATIENCE, Process, check, description, equal, expect, run, wait_for
from store import NODES, ONE_PROCESS

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
ALERTS = os.path.join(SOURCES, "config/prometheus/alerts.yml")
BOARD = os.path.join(SOURCES, "config/grafana/tgcalld.json")


def read(d, **more):
    a = expect(d.get("/metrics", **more), 200)
    equal(a.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
    return a.raw.decode()


def numbers(d):
    """{"family{labels}": value}, of several nodes the sum."""
    sums = collections.Counter()
    for answer in d.of_each("/metrics"):
        for name, _, value in (line.rpartition(" ") for line in expect(answer, 200).raw.decode().splitlines()):
            if name and not name.startswith("#"):
                sums[name] += float(value)
    return sums


def since(d):
    """A function that says by how much a number grew from now on."""
    before = numbers(d)
    return lambda name: numbers(d).get(name, 0) - before.get(name, 0)


def lacks(*programs):
    missing = [p for p in programs if not shutil.which(p)]
    return "%s is not installed" % missing[0] if missing else None


def test_a_daemon_that_is_no_node_tells_of_none(d):
    if NODES > 1:
        return ONE_PROCESS
    check("tgcalld_cluster" not in read(d), "series of a cluster")


def test_what_is_asked_is_counted(d):
    grown = since(d)
    call = expect(d.create("@sandbox_group", title="counted"), 201).json["call"]["id"]
    expect(d.create("@sandbox_readonly"), 400)
    expect(d.get("/v1/calls/" + call), 200)
    expect(d.get("/nowhere"), 404)
    for labels, n in (('method="POST",route="/v1/calls",status="201"', 1), ('method="POST",route="/v1/calls",status="400"', 1),
                      ('method="GET",route="/v1/calls/{id}",status="200"', 1), ('method="GET",route="unknown",status="404"', 1)):
        equal((labels, grown("tgcalld_http_requests_total{%s}" % labels)), (labels, n))
        equal(grown("tgcalld_http_request_seconds_count{%s}" % labels), n)
        equal(grown('tgcalld_http_request_seconds_bucket{%s,le="+Inf"}' % labels), n)
        check(grown("tgcalld_http_request_seconds_sum{%s}" % labels) > 0)
    equal(grown('tgcalld_rpcs_total{method="phone.createGroupCall",outcome="ok"}'), 1)
    equal(grown('tgcalld_rpcs_total{method="phone.createGroupCall",outcome="refused"}'), 1)
    check(grown('tgcalld_rpc_seconds_sum{method="phone.createGroupCall",outcome="ok"}') > 0)
    wait_for("its updates", lambda: grown("tgcalld_updates_total") >= 1 and grown("tgcalld_update_lag_seconds_count") >= 1)
    wait_for("its events", lambda: grown("tgcalld_events_total") >= 1)
    wait_for("the commits", lambda: grown("tgcalld_store_commits_total") >= 1 and grown("tgcalld_store_commit_seconds_count") >= 1)
    equal(grown('tgcalld_calls{state="active"}'), 1)
    expect(d.request("DELETE", "/v1/calls/" + call), 200)
    equal(grown('tgcalld_calls{state="active"}'), 0)


def test_each_account_has_its_state(d):
    states = description.document["components"]["schemas"]["Account"]["properties"]["state"]["enum"]
    now = numbers(d)
    equal(sorted(n for n in now if n.startswith("tgcalld_accounts{")), sorted('tgcalld_accounts{state="%s"}' % s for s in states))
    equal(now['tgcalld_accounts{state="ready"}'], 1)
    equal(now['tgcalld_connections{state="ready"}'], 1)
    grown = since(d)
    expect(d.post("/v1/accounts", {"name": "other"}), 201)
    equal(grown('tgcalld_accounts{state="wait_login"}'), 1)
    expect(d.post("/v1/accounts/other/login", {"phone": "+15550003"}), 200, state="wait_code")
    equal((grown('tgcalld_accounts{state="wait_login"}'), grown('tgcalld_accounts{state="wait_code"}')), (0, 1))
    expect(d.request("DELETE", "/v1/accounts/other"), 200)
    wait_for("its end", lambda: all(grown('tgcalld_accounts{state="%s"}' % s) == 0 for s in states))
    wait_for("its connection's", lambda: grown('tgcalld_connections{state="ready"}') == 0)


def test_waits_and_lost_lines_are_counted(d):
    grown = since(d)
    d.fault(type="rpc_error", method="phone.createGroupCall", code=420, message="FLOOD_WAIT_77", count=1)
    expect(d.create("@sandbox_group"), 429, "flood-wait")
    equal((grown("tgcalld_flood_waits_total"), grown("tgcalld_flood_wait_seconds_total")), (1, 77))
    equal(grown('tgcalld_rpcs_total{method="phone.createGroupCall",outcome="flood_wait"}'), 1)
    d.fault(type="drop_before", method="help.getNearestDc", count=1)
    expect(d.method("help.getNearestDc"), 200)
    equal(grown("tgcalld_reconnects_total"), 1)
    check(grown("tgcalld_connection_attempts_total") >= 1)
    equal(grown('tgcalld_connections{state="ready"}'), 0)


def test_who_follows_is_counted(d):
    grown = since(d)
    follower = http.client.HTTPConnection(d.host, int(d.port), timeout=PATIENCE)
    follower.request("GET", "/v1/events", headers={"Authorization": "Bearer " + d.token})
    with follower.getresponse() as stream:
        equal(stream.status, 200)
        wait_for("the follower", lambda: grown("tgcalld_event_followers") == 1)
    wait_for("its end", lambda: grown("tgcalld_event_followers") == 0)


def test_it_is_for_who_may_read_all(d):
    expect(d.get("/metrics", token=False), 401, "unauthorized")
    reader = expect(d.post("/v1/tokens", {"name": "scrape", "scopes": ["read"]}), 201).json["token"]
    bound = expect(d.post("/v1/tokens", {"name": "bound", "scopes": ["read"], "accounts": ["sandbox"]}), 201).json["token"]
    other = expect(d.post("/v1/tokens", {"name": "calls", "scopes": ["calls"]}), 201).json["token"]
    text = read(d, token=reader)
    expect(d.get("/metrics", token=other), 403, "forbidden")
    a = expect(d.get("/metrics", token=bound), 403, "forbidden")
    check("bound to no account" in a.json["remedy"], a)
    for name in ("Alice", "15550001", "@sandbox", "counted", d.token):
        check(name not in text, name)


def test_promtool_finds_nothing_wrong(d):
    missing = lacks("promtool")
    if missing:
        return missing
    done = subprocess.run(["promtool", "check", "metrics"], input=read(d), capture_output=True, text=True, timeout=PATIENCE)
    equal((done.returncode, done.stdout + done.stderr), (0, ""))


def test_each_alert_is_on_when_it_is_to_be():
    missing = lacks("promtool")
    if missing:
        return missing
    with open(os.path.join(SOURCES, "tests/data/metrics/alerts.yml")) as f:
        cases = f.read().replace("- ALERTS\n", "- %s\n" % os.path.abspath(ALERTS))
    path = os.path.join(tempfile.mkdtemp(), "cases.yml")
    with open(path, "w") as f:
        f.write(cases)
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, timeout=PATIENCE)
    equal((done.returncode, done.stdout + done.stderr if done.returncode else ""), (0, ""))
    with open(ALERTS) as f:
        rules = f.read().split("- alert: ")[1:]
    for rule in rules:
        name = rule.split()[0]
        check(rule.count("remedy: ") == 1 and rule.count("summary: ") == 1, "%s has no summary or no remedy" % name)
        for method, path in re.findall(r"\b([A-Z]+) (/[\w/{}-]+)", rule):
            check(method.lower() in description.document["paths"].get(path, {}), "%s: there is no %s %s" % (name, method, path))
        equal((name, cases.count("alertname: %s}" % name), cases.count('alertname="%s"' % name)), (name, 1, 1))


# --- a real one ---

def queries():
    """What the board asks, a name to each."""
    with open(BOARD) as f:
        board = json.load(f)
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield "%s, %s" % (panel["title"], target["refId"]), target["expr"]
    for annotation in board["annotations"]["list"]:
        yield "annotation " + annotation["name"], annotation["expr"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield "variable " + variable["name"], re.fullmatch(r"label_values\((.*), *\w+\)", variable["query"]["query"])[1]


class Prometheus(Process):
    def __init__(self, d):
        folder = tempfile.mkdtemp()
        with open(os.path.join(folder, "token"), "w") as f:
            f.write(d.token)
        config = {"global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "1s"},
                  "rule_files": [os.path.abspath(ALERTS)],
                  "scrape_configs": [{"job_name": "tgcalld", "authorization": {"credentials_file": os.path.join(folder, "token")},
                                      "static_configs": [{"targets": ["%s:%s" % (d.host, d.port)]}]}]}
        with open(os.path.join(folder, "prometheus.yml"), "w") as f:
            json.dump(config, f)  # which is YAML
        super().__init__("--config.file=" + f.name, "--storage.tsdb.path=" + os.path.join(folder, "data"),
                         "--web.listen-address=127.0.0.1:0", program="prometheus")
        self.address, self.at = None, None

    def end_cleanly(self):
        self.end()

    def find(self):
        at = re.search(r'msg="Listening on" address=(\S+)', self.log())
        check(self.process.poll() is None, self.log())
        self.address = at and at[1]
        return at and "Server is ready to receive web requests" in self.log()

    def ask(self, path, **query):
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path + "?" + urllib.parse.urlencode(query))
            answer = json.loads(connection.getresponse().read())
        equal((query, answer["status"], answer.get("error")), (query, "success", None))
        return answer["data"]

    def query(self, text):
        """What it answers now, or of the moment `at`: a later scrape may have come too late, and have nothing."""
        return self.ask("/api/v1/query", query=text, **({"time": self.at} if self.at else {}))["result"]


def filled(text):
    return text.replace("$job", ".*").replace("$instance", ".*").replace("$__rate_interval", "5m")


def test_a_real_prometheus_answers_all_that_the_board_and_the_alerts_ask(d):
    if NODES > 1:
        return ONE_PROCESS  # each is scraped by itself
    with open(os.path.join(SOURCES, "daemon/store/cluster_metrics.c")) as f:
        of_nodes = f.read()
    missing = lacks("prometheus")
    if missing:
        return missing
    # One of each kind, so that no answer is empty.
    expect(d.method("help.getNearestDc"), 200)
    expect(d.method("contacts.resolveUsername", username="nobody_at_all"), 400)
    with contextlib.closing(http.client.HTTPConnection(d.host, int(d.port), timeout=PATIENCE)) as connection:
        connection._http_vsn_str = "HTTP/2.5"
        connection.request("GET", "/healthz")
        equal(connection.getresponse().status, 505)
    with Prometheus(d) as p:
        wait_for("Prometheus", p.find)
        thrice = "timestamp(tgcalld_build_info) and count_over_time(tgcalld_build_info[10m]) >= 3"
        p.at = wait_for("three scrapes", lambda: p.query(thrice))[0]["value"][1]
        empty = []
        for name, text in queries():
            if not p.query(filled(text)):
                empty.append("%s: %s" % (name, text))
        check(not empty, "no answer to:\n" + "\n".join(empty))
        wait_for("the rules", lambda: all(r["health"] != "unknown" for g in p.ask("/api/v1/rules")["groups"] for r in g["rules"]))
        rules = [r for g in p.ask("/api/v1/rules")["groups"] for r in g["rules"]]
        equal([(r["name"], r["health"]) for r in rules], [(r["name"], "ok") for r in rules])
        # What an alert looks at is there, whatever it is worth now.
        for rule in rules:
            for family in set(re.findall(r"\b(?:tgcalld|process)_\w+|\bup\b", rule["query"])):
                # A daemon that is no node tells of none: these names are held against the code.
                is_there = '"%s"' % family in of_nodes if family.startswith("tgcalld_cluster_") else p.query(family)
                check(is_there, "%s: there is no %s" % (rule["name"], family))
        down = [r["name"] for r in rules if r["state"] == "firing"]
        equal(down, [])


if __name__ == "__main__":
    run(globals())
