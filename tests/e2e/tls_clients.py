"""Clients by their certificates: who gets in, who he is, what he may do, and until when."""
import http.client
import json
import os
import ssl
import subprocess

from lib import PATIENCE, check, equal, expect, run, wait_for
from secure import Authority, Secure, config, openssl
from store import needs_one_process

LIST = "/v1/accounts"
CA = "tls_client_ca = %s\n"
BILLING = "[client billing]\nsubject = CN=billing,O=Example\\, Inc.\nscopes = read\n"
SALES = "[client sales]\nsubject = CN=sales\nscopes = read, calls\nscopes = accounts\naccounts = one, two\n"

authorities = {}


def authority(name="servers"):
    authorities[name] = authorities.get(name) or Authority(name)
    return authorities[name]


def clients():
    return authority("clients")


def server(more=BILLING + SALES, ca=None, before=""):
    return Secure(authority(), more=before + CA % (ca or clients().certificate) + more)


def billing(d, by=None):
    return d.context((by or clients()).make("/O=Example, Inc./CN=billing"))


def sales(d):
    return d.context(clients().make("/CN=sales"))


class Line:
    """One connection of a client's, that stays."""

    def __init__(self, d, context):
        self.http = http.client.HTTPSConnection("127.0.0.1", d.tls_port, context=context, timeout=PATIENCE)
        self.http.connect()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.http.close()

    def ask(self, method="GET", path=LIST, body=None, token=None, **headers):
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        if token:
            headers["Authorization"] = "Bearer " + token
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.send(method, path, json.dumps(body) if body is not None else None, headers)
        return self.answer()

    def send(self, method="GET", path=LIST, body=None, headers=None):
        # Another connection in its place would be another client.
        check(self.http.sock, "the connection is gone")
        self.http.request(method, path, body, headers or {})

    def answer(self):
        a = self.http.getresponse()
        self.headers = a.headers
        return a.status, json.loads(a.read() or b"null")


def once(d, context, *args, **more):
    with Line(d, context) as line:
        return line.ask(*args, **more)


def status(answer):
    return answer[0]


def names(answer):
    equal(answer[0], 200)
    return [a["name"] for a in answer[1]["accounts"]]


def of_version(context, version):
    context.minimum_version = context.maximum_version = version
    return context


def refused(d, context, token=None):
    """By TLS 1.3 a client thinks that it is connected, until it hears that it is not."""
    try:
        answer = once(d, context, token=token)
    except (ssl.SSLError, ConnectionError, http.client.HTTPException):
        return
    raise AssertionError("it was let in: %r" % (answer,))


def self_signed(subject):
    stem = clients().path("self")
    openssl("req", "-x509", *Authority.new_key("ec"), "-nodes", "-keyout", stem + ".key", "-out", stem + ".pem", "-subj", subject, "-days", "1")
    return stem + ".pem", stem + ".key"


def test_nobody_gets_in_without_a_certificate_that_holds():
    with server() as d:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            equal(names(once(d, of_version(billing(d), version))), [])
            for why, shows in (("none, but a token", None), ("by another authority", authority("others").make("/O=Example, Inc./CN=billing")),
                               ("by another authority of the same name", Authority("clients").make("/O=Example, Inc./CN=billing")),
                               ("by itself", self_signed("/O=Example, Inc./CN=billing")),
                               ("expired", clients().make("/O=Example, Inc./CN=billing", days=0)),
                               ("a server's", clients().make("/O=Example, Inc./CN=billing", more="extendedKeyUsage=serverAuth\n"))):
                try:
                    refused(d, of_version(d.context(shows), version), token=d.token)
                except AssertionError as e:
                    raise AssertionError(why) from e
        for says in ("certificate verify failed", "peer did not return a certificate"):
            check("a connection by TLS fails: " + says in d.log(), d.log())


def test_a_client_needs_no_token_and_may_do_what_its_section_says():
    with server() as d:
        with Line(d, billing(d)) as line:
            equal(status(line.ask()), 200)
            code, problem = line.ask("POST", LIST, {"name": "three"})
            equal((code, problem["type"].rsplit("/", 1)[-1].rsplit(":", 1)[-1]), (403, "forbidden"))
            check("[client billing]" in problem["remedy"], problem)
            equal(status(line.ask("GET", "/v1/tokens")), 403)
        with Line(d, sales(d)) as line:
            for name in ("one", "two"):
                equal(status(line.ask("POST", LIST, {"name": name})), 201)
            equal(status(line.ask("POST", LIST, {"name": "other"})), 403)
        expect(d.post(LIST, {"name": "other"}), 201)
        with Line(d, sales(d)) as line, Line(d, billing(d)) as every:
            equal(names(line.ask()), ["one", "two"])
            equal(status(line.ask("GET", LIST + "/other")), status(line.ask("GET", LIST + "/nowhere")))
            equal(names(every.ask()), ["one", "other", "two"])


def test_admin_is_all():
    with server("[client root]\nsubject = CN=root\nscopes = admin\n") as d:
        with Line(d, d.context(clients().make("/CN=root"))) as line:
            equal(status(line.ask("POST", "/v1/tokens", {"name": "made", "scopes": ["read"]})), 201)
            equal(status(line.ask("POST", LIST, {"name": "one"})), 201)


def test_a_token_that_is_named_is_what_counts():
    with server() as d:
        with Line(d, billing(d)) as line:
            equal(status(line.ask("GET", "/v1/tokens", token=d.token)), 200)
            equal(status(line.ask("GET", "/v1/tokens")), 403)
            equal(status(line.ask(token="tgc_wrong")), 401)
            equal(status(line.ask(Authorization="Basic eDp5")), 401)
            equal(status(line.ask()), 200)


def test_who_has_no_section_is_told_what_it_would_be():
    with server() as d:
        with Line(d, d.context(clients().make("/C=DE/O=a\\+b/CN=Caf\u00e9"))) as line:
            code, problem = line.ask()
            equal(code, 401)
            subject = "subject = CN=Caf\\C3\\A9,O=a\\+b,C=DE"
            check(subject in problem["remedy"] and d.config in problem["remedy"], problem)
            equal(line.headers["WWW-Authenticate"], 'Bearer realm="tgcalld"')
            equal(status(line.ask("GET", "/healthz")), 200)
            equal(status(line.ask(token=d.token)), 200)
            # And what is told is what is needed.
            put(d, BILLING + "[client x]\n%s\nscopes = read\n" % subject)
            d.reload()
            equal(status(line.ask()), 200)


def test_the_keys_of_a_client_are_its_own():
    with server() as d:
        with Line(d, sales(d)) as line:
            first = line.ask("POST", LIST, {"name": "one"}, Idempotency_Key='"k"')
            equal(status(first), 201)
            equal(line.ask("POST", LIST, {"name": "one"}, Idempotency_Key='"k"'), first)
            equal(status(line.ask("POST", LIST, {"name": "one"}, Idempotency_Key='"k"', token=d.token)), 409)


def test_the_audit_names_the_client():
    with server() as d:
        with Line(d, sales(d)) as line, Line(d, billing(d)) as other:
            equal(status(line.ask("POST", LIST, {"name": "one"}, X_Request_Id="made")), 201)
            equal(status(other.ask("POST", LIST, {"name": "two"}, X_Request_Id="refused")), 403)
        with Line(d, d.context(clients().make("/CN=nobody"))) as line:
            equal(status(line.ask(X_Request_Id="unknown")), 401)
        found = {r["request_id"]: r for r in expect(d.get("/v1/audit?limit=1000"), 200).json["records"] if "request_id" in r}
        for id_, who, code in (("made", "client sales", 201), ("refused", "client billing", 403)):
            r = found[id_]
            equal((r["who"], r["status"], r["peer"]), (who, code, "127.0.0.1"))
        check("who" not in found["unknown"], found)
        equal([r["request_id"] for r in expect(d.get("/v1/audit?token=client%20sales"), 200).json["records"]], ["made"])
        wait_for("the line of the log", lambda: "client sales" in d.log())


def test_a_client_is_held_to_the_rate_of_a_token_whichever_connection_it_is_on():
    with server(before="token_rate = 1\n") as d:
        context = billing(d)
        with Line(d, context) as one, Line(d, context) as other:
            # More than one in the second of each; slow as the machine may be, one is refused.
            def refusal():
                return next((a for a in (line.ask() for _ in range(50) for line in (one, other)) if a[0] == 429), None)
            wait_for("a refusal", lambda: (refusal() or [0])[0] == 429)


def put(d, more, ca=None):
    """What the configuration is by the next SIGHUP."""
    with open(config(*d.pair, CA % (ca or clients().certificate) + more)) as f:
        text = f.read()
    with open(d.config, "w") as f:
        f.write(text)


def test_what_is_taken_away_is_so_on_connections_that_are_there():
    with server() as d:
        expect(d.post(LIST, {"name": "other"}), 201)
        with Line(d, billing(d)) as line, Line(d, sales(d)) as other:
            equal((names(line.ask()), names(other.ask())), (["other"], []))
            # Fewer rights, and others.
            put(d, BILLING.replace("read", "calls") + SALES.replace("one, two", "other"))
            check("restart to apply" not in d.reload(), d.log())
            equal((status(line.ask()), names(other.ask())), (403, ["other"]))
            # None; and another's.
            put(d, SALES.replace("CN=sales", "CN=others"))
            d.reload()
            equal((status(line.ask()), status(other.ask())), (401, 401))
            # A configuration that cannot be used changes nothing.
            put(d, BILLING + SALES.replace("calls", "cals"))
            seen = len(d.log())
            d.process.send_signal(1)
            wait_for("the end of the reading", lambda: "the configuration stays as it was" in d.log()[seen:])
            equal(status(line.ask()), 401)
            put(d, BILLING + SALES)
            d.reload()
            equal((names(line.ask()), names(other.ask())), (["other"], []))


def test_authorities_are_read_again_and_count_for_connections_that_are_there():
    before, after = Authority("same"), Authority("same")
    with server(ca=before.certificate) as d:
        old, new = billing(d, before), billing(d, after)
        refused(d, new)
        with Line(d, old) as line:
            equal(status(line.ask()), 200)
            with open(before.certificate) as f:
                was = f.read()
            with open(after.certificate) as f, open(before.certificate, "w") as to:
                to.write(f.read())
            d.reload()
            equal(status(line.ask()), 401)
            equal(status(line.ask(token=d.token)), 200)
            refused(d, old)
            with Line(d, new) as fresh:
                equal(status(fresh.ask()), 200)
                # Both, as while one takes the other's place.
                with open(before.certificate, "a") as to:
                    to.write(was)
                d.reload()
                equal((status(fresh.ask()), status(line.ask())), (200, 200))
                # What is no certificate changes nothing.
                with open(before.certificate, "w") as to:
                    to.write("none\n")
                check("no certificate in PEM" in d.reload(), d.log())
                equal((status(fresh.ask()), status(line.ask())), (200, 200))


def follow(line):
    line.send("GET", "/v1/events")
    answer = line.http.getresponse()
    equal(answer.status, 200)
    return answer


def test_events_are_followed_and_end_with_the_right_to_them():
    with server() as d:
        with Line(d, billing(d)) as line, Line(d, sales(d)) as bound, Line(d, billing(d)) as poll:
            stream, its = follow(line), follow(bound)
            after = poll.ask("GET", "/v1/events?wait=0")[1]["next"]
            for name in ("other", "two"):
                expect(d.post(LIST, {"name": name}), 201)
            for s, first in ((stream, "other"), (its, "two")):
                data = next(text for text in iter(s.readline, b"") if text.startswith(b"data:"))
                equal(json.loads(data[5:])["account"], first)
            code, page = poll.ask("GET", "/v1/events?wait=60&after=%d" % after)
            equal((code, page["events"][0]["data"]["account"]), (200, "other"))
            # One waits while its client is taken away, and another's keeps what it had.
            poll.send("GET", "/v1/events?wait=60&after=%d" % expect(d.get("/v1/events?wait=0"), 200).json["next"])
            wait_for("who waits", lambda: metric(d, "tgcalld_event_followers") == 3)
            put(d, SALES)
            d.reload()
            while stream.readline():  # to its end, which is in order: an IncompleteRead would be raised
                pass
            expect(d.post(LIST, {"name": "one"}), 201)
            equal(status(poll.answer()), 401)
            data = next(text for text in iter(its.readline, b"") if text.startswith(b"data:") and b'"one"' in text)
            equal(json.loads(data[5:])["account"], "one")
            equal(status(once(d, billing(d))), 401)


def metric(d, name):
    text = expect(d.get("/metrics"), 200).raw.decode()
    return next((int(float(row.split()[1])) for row in text.splitlines() if row.startswith(name + " ")), None)


def pipe(path):
    os.unlink(path)
    os.mkfifo(path)


def test_what_is_no_regular_file_is_refused():
    for at in range(3):
        files = [*authority().make("/CN=localhost"), clients().path("ca%d.pem" % at)]
        with open(clients().certificate) as f, open(files[2], "w") as to:
            to.write(f.read())
        with Secure(authority(), more=CA % files[2] + BILLING, pair=files[:2]) as d:
            context = billing(d)
            pipe(files[at])
            check("no regular file" in d.reload(), d.log())
            equal(status(once(d, context)), 200)
        check_config(files[0], files[1], CA % files[2] + BILLING, "%s: it is no regular file" % files[at])


def check_config(certificate, key, more, says):
    done = subprocess.run([os.path.join(os.environ["TGCALLD_BUILDDIR"], "tgcalld"), "--config", config(certificate, key, more), "--listen",
                           "https://127.0.0.1:0", "--check-config"], capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    equal((done.returncode, says in done.stderr), (2 if says else 0, True))


def test_check_config_says_what_is_wrong_with_clients():
    pair = authority().make("/CN=localhost")
    ca = CA % clients().certificate
    check_config(*pair, ca + BILLING + SALES, "")
    for more, says in ((ca + BILLING + BILLING, "[client billing] given twice, first in line"), (ca + BILLING.replace("read", "write"), "'write' is not one of read, calls"),
                       (ca + BILLING.replace("CN=billing", "/CN=billing"), "-nameopt RFC2253"), (BILLING, "without tls_client_ca"),
                       (CA % pair[1] + BILLING, "no certificate in PEM")):
        check_config(*pair, more, says)


needs_one_process()
run(globals())
