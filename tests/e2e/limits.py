"""What one client may take of the front end: connections of an address, requests of a token."""
import contextlib
import http.client
import os
import re
import socket
import tempfile
import time

from lib import PATIENCE, Daemon, answers_on, check, equal, expect, run, wait_for

# Nobody is asked for anything at Telegram.
CONFIG = ("[server]\ninsecure = yes\n%s\n[telegram]\nenvironment = custom\n[dc 1]\naddress = 127.0.0.1:1\n"
          "public_key = %s/config/keys/production.pem\n")
HEAD = "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"


@contextlib.contextmanager
def limited(*lines):
    """A daemon, and its port that is not on loopback."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write(CONFIG % ("\n".join(lines), os.environ["TGCALLD_SRCDIR"]))
        f.flush()
        with Daemon("--listen", "0.0.0.0:0", config=f.name) as d:
            with open(os.path.join(d.state, "listen")) as listen:
                yield d, int(re.search(r"^http://0\.0\.0\.0:(\d+)$", listen.read(), re.M)[1])


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def ask(d, s, path="/v1/accounts", token=None):
    """The status; None: the connection is closed."""
    with contextlib.suppress(ConnectionError):
        s.sendall((HEAD % (path, token or d.token)).encode())
        answer = http.client.HTTPResponse(s)
        answer.begin()
        answer.read()
        return answer.status
    return None


def is_served(d, port):
    with connect(port) as s:
        return ask(d, s) == 200


def refused(d):
    return int(re.search(r"^tgcalld_http_connections_refused_total (\d+)$", d.get("/metrics").raw.decode(), re.M)[1])


def test_an_address_has_so_many_connections_outside_loopback():
    with limited("address_connections = 3") as (d, port), contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(port)) for _ in range(3)]
        for s in held:
            equal(ask(d, s), 200)
        check(not is_served(d, port))
        equal(refused(d), 1)
        # Those that are there go on.
        for s in held:
            equal(ask(d, s), 200)
        held[0].close()
        wait_for("room again", lambda: is_served(d, port))
        # On loopback there is no such limit.
        near = [stack.enter_context(connect(int(d.port))) for _ in range(10)]
        for s in near:
            equal(ask(d, s), 200)


def test_event_streams_count_too():
    with limited("address_connections = 2", "workers = 2") as (d, port), contextlib.ExitStack() as stack:
        streams = [stack.enter_context(connect(port)) for _ in range(2)]
        for s in streams:
            s.sendall((HEAD % ("/v1/events", d.token)).encode())
            check(s.recv(4096).startswith(b"HTTP/1.1 200 "))
        check(not is_served(d, port))
        streams[0].close()
        wait_for("room again", lambda: is_served(d, port))


def test_without_a_limit_all_are_served():
    with limited("address_connections = 0") as (d, port), contextlib.ExitStack() as stack:
        for s in [stack.enter_context(connect(port)) for _ in range(40)]:
            equal(ask(d, s), 200)
        equal(refused(d), 0)


def test_a_token_makes_so_many_requests_a_second():
    with limited("token_rate = 1") as (d, _):
        other = expect(d.post("/v1/tokens", {"name": "other", "scopes": ["read"]}, unix=True), 201).json["token"]
        began, statuses = time.monotonic(), []
        with connect(int(d.port)) as s:
            s.sendall((HEAD % ("/v1/accounts", d.token)).encode() * 10)
            for status, headers, body in answers_on(s, 10):
                statuses.append(status)
                if status == 429:
                    equal(headers["Retry-After"], "1")
                    check(b"rate-limited" in body, body)
        equal(statuses[0], 200)
        # However slow the machine is.
        check(set(statuses) <= {200, 429} and statuses.count(200) <= 1 + time.monotonic() - began, statuses)
        equal(d.get("/v1/accounts", token=other).status, 200)
        # What needs no token has no rate, nor has who is known by the socket.
        for _ in range(5):
            expect(d.get("/healthz"), 200)
            expect(d.get("/v1/accounts", unix=True), 200)
        wait_for("its turn", lambda: d.get("/v1/accounts").status == 200)
        refusals = re.findall(r'^tgcalld_http_requests_total\{[^}]*status="429"[^}]*\} (\d+)$', d.get("/metrics", unix=True).raw.decode(), re.M)
        check(sum(map(int, refusals)) >= statuses.count(429), refusals)


def test_without_a_rate_a_token_may_make_as_many_as_it_likes():
    with limited() as (d, _), connect(int(d.port)) as s:
        for _ in range(300):
            equal(ask(d, s), 200)


run(globals())
