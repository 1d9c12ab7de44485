"""HTTP by TLS: what is spoken and what is refused, the pair that is shown and read again, streams, slow clients."""
import contextlib
import http.client
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import warnings

from lib import PATIENCE, Process, answers_on, at_once, check, equal, expect, run, wait_for
from secure import CONFIG, HEAD, Authority, Secure, config, in_file, openssl
from store import needs_one_process

ours = None


def authority():
    global ours
    ours = ours or Authority()
    return ours


shared = None


def daemon():
    global shared
    shared = shared or Secure(authority())
    return shared


def refused(context, d):
    try:
        d.connect(context).close()
    except (ssl.SSLError, ConnectionError) as e:
        return str(e)
    raise AssertionError("it was let in")


def of_version(d, version, ciphers="DEFAULT:@SECLEVEL=0"):
    """What speaks that alone; Python finds the oldest deprecated."""
    warnings.simplefilter("ignore", DeprecationWarning)
    context = d.context()
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(ciphers)
    return context


def test_requests_are_served_by_tls_1_2_and_1_3():
    d = daemon()
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with d.connect(of_version(d, version)) as s:
            equal(s.version(), name)
            for _ in range(3):
                status, body = d.ask(s)
                equal((status, body.strip()), (200, b'{"accounts":[]}'))


def test_older_versions_are_refused():
    d = daemon()
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        check("alert protocol version" in refused(of_version(d, version), d))


def test_what_is_weak_is_refused():
    d = daemon()
    for ciphers in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256",
                    "AECDH-AES128-SHA", "NULL-SHA256"):
        why = refused(of_version(d, ssl.TLSVersion.TLSv1_2, ciphers + ":@SECLEVEL=0"), d)
        check("alert handshake failure" in why, (ciphers, why))
    with d.connect(of_version(d, ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256")) as s:
        equal(d.ask(s)[0], 200)


def test_who_trusts_another_authority_sees_that_it_is_not_this_one():
    check("certificate verify failed" in refused(ssl.create_default_context(cafile=Authority("others").certificate), daemon()))


def test_http_1_1_is_the_protocol_and_who_wants_another_alone_is_refused():
    d = daemon()
    context = d.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with d.connect(context) as s:
        equal(s.selected_alpn_protocol(), "http/1.1")
        equal(d.ask(s)[0], 200)
    context.set_alpn_protocols(["h2"])
    check("no application protocol" in refused(context, d))


def test_nothing_is_resumed():
    d = daemon()
    context = of_version(d, ssl.TLSVersion.TLSv1_2)
    with d.connect(context) as s:
        d.ask(s)
        session = s.session
    plain = socket.create_connection(("127.0.0.1", d.tls_port), timeout=PATIENCE)
    with context.wrap_socket(plain, server_hostname="localhost", session=session) as s:
        check(not s.session_reused)


def test_curl_asks_as_ever():
    d = daemon()
    done = subprocess.run(["curl", "-sS", "--cacert", d.authority.certificate, "-w", "%{http_code} %{ssl_verify_result}", "-o", "/dev/null",
                           "-H", "Authorization: Bearer " + d.token, "https://localhost:%d/v1/accounts" % d.tls_port, "--resolve",
                           "localhost:%d:127.0.0.1" % d.tls_port], capture_output=True, text=True, timeout=PATIENCE)
    equal((done.stdout, done.stderr), ("200 0", ""))


def test_host_origin_and_tokens_are_judged_as_ever():
    d = daemon()
    with d.connect() as s:
        equal(d.ask(s, more="Origin: https://elsewhere.example\r\n")[0], 403)
        equal(d.ask(s, more="Origin: https://localhost\r\n")[0], 200)
        equal(d.ask(s, more="Origin: http://localhost\r\n")[0], 403)
    for head, status in (("GET /v1/accounts HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n", 403),
                         ("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\n\r\n", 401), ("GET / x HTTP/1.1\r\n\r\n", 400)):
        with d.connect() as s:
            s.sendall(head.encode())
            answer = http.client.HTTPResponse(s)
            answer.begin()
            equal(answer.status, status)
            check(answer.getheader("Strict-Transport-Security") is None)


def test_plain_http_is_told_where_it_is():
    with socket.create_connection(("127.0.0.1", daemon().tls_port), timeout=PATIENCE) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = b"".join(iter(lambda: s.recv(4096), b""))
    check(got.startswith(b"HTTP/1.1 400 ") and got.endswith(b"ask by https:// instead\n"), got)


def test_what_is_no_tls_is_cut_off_and_harms_nobody():
    d = daemon()
    for junk in (b"\0" * 300, b"\x16\x03\x01\xff\xff" + b"x" * 70000, b"\x16\x03\x01\0\x05\x01\0\0\x01\0", os.urandom(5000)):
        with socket.create_connection(("127.0.0.1", d.tls_port), timeout=PATIENCE) as s, contextlib.suppress(OSError):
            s.sendall(junk)
            s.shutdown(socket.SHUT_WR)
            while s.recv(4096):
                pass
    with d.connect() as s:
        equal(d.ask(s)[0], 200)


def test_a_long_answer_arrives_whole_by_a_client_that_reads_slowly():
    d = daemon()
    plain = d.request("GET", "/openapi.json")
    context = d.context()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(PATIENCE)
    raw.connect(("127.0.0.1", d.tls_port))
    with context.wrap_socket(raw, server_hostname="localhost") as s:
        for _ in range(3):
            equal(d.ask(s, "/openapi.json"), (200, plain.raw))


def test_a_client_that_sends_byte_by_byte_and_many_at_once_are_served():
    d = daemon()
    with d.connect() as s:
        # Each a record of its own.
        for byte in (HEAD % ("GET", "/v1/accounts", d.token, "")).encode():
            s.sendall(bytes([byte]))
        answer = http.client.HTTPResponse(s)
        answer.begin()
        equal((answer.status, answer.read().strip()), (200, b'{"accounts":[]}'))
        # Several requests in one record.
        s.sendall((HEAD % ("GET", "/v1/accounts", d.token, "")).encode() * 5)
        for status, _, body in answers_on(s, 5):
            equal((status, body.strip()), (200, b'{"accounts":[]}'))
    large = b'{"name": "' + b"x" * 200000 + b'"}'
    with d.connect() as s:
        s.sendall((HEAD % ("POST", "/v1/accounts", d.token, "Content-Type: application/json\r\nContent-Length: %d\r\n" % len(large))).encode()
                  + large)
        answer = http.client.HTTPResponse(s)
        answer.begin()
        equal(answer.status, 422)


def make_account(d, name):
    expect(d.post("/v1/accounts", {"name": name}), 201)


def lines_of(s):
    return s.makefile("r", newline="\n")


def test_events_are_followed_by_tls():
    d = daemon()
    with d.connect() as s, d.connect() as other:
        for stream in (s, other):
            stream.sendall((HEAD % ("GET", "/v1/events", d.token, "")).encode())
        lines = lines_of(s), lines_of(other)
        for stream in lines:
            equal(stream.readline(), "HTTP/1.1 200 OK\r\n")
        for i in range(20):
            make_account(d, "followed%d" % i)
        for stream in lines:
            names = []
            while len(names) < 20:
                line = stream.readline()
                check(line, "the stream has ended")
                names += re.findall(r'"account":"(followed\d+)"', line) if line.startswith("data:") else []
            equal(names, ["followed%d" % i for i in range(20)])


def test_the_pair_is_read_again_by_sighup_and_a_bad_one_changes_nothing():
    with Secure(authority()) as d:
        first = d.shown()
        with d.connect() as stays:
            equal(d.ask(stays)[0], 200)
            d.put(authority().make("/CN=localhost"))
            d.reload()
            second = d.shown()
            check(second != first)
            equal(d.ask(stays)[0], 200)
            # A key that is another's; a certificate that is none; a key that all may read.
            with open(d.pair[1]) as f:
                good = f.read()
            with open(authority().make("/CN=x")[1]) as f, open(d.pair[1], "w") as to:
                to.write(f.read())
            check("go on with the certificate that was there" in d.reload())
            equal(d.shown(), second)
            with open(d.pair[1], "w") as f:
                f.write(good)
            os.chmod(d.pair[1], 0o644)
            check("chmod 600" in d.reload())
            equal(d.shown(), second)
            os.chmod(d.pair[1], 0o600)
            with open(d.pair[0], "w") as f:
                f.write("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
            check("no certificate in PEM" in d.reload())
            equal(d.shown(), second)
            equal(d.ask(stays)[0], 200)


def test_no_request_is_lost_while_the_pair_changes():
    with Secure(authority()) as d:
        ended, seen = threading.Event(), [set() for _ in range(4)]
        pairs = [authority().make("/CN=localhost") for _ in range(4)]

        def load(i):
            n = 0
            while not ended.is_set() or n < 3:
                with d.connect() as s:
                    seen[i].add(s.getpeercert()["serialNumber"])
                    for _ in range(3):
                        equal(d.ask(s)[0], 200)
                        n += 1

        def change(_):
            try:
                for pair in pairs:
                    before = len(set().union(*seen))
                    d.put(pair)
                    d.reload()
                    wait_for("who sees it", lambda: len(set().union(*seen)) > before)
            finally:
                ended.set()

        at_once(5, lambda i: load(i) if i < 4 else change(i))
        check(len(set().union(*seen)) >= len(pairs), seen)


def test_a_handshake_that_does_not_go_on_is_given_up():
    with Secure(authority(), more="head_timeout = 300ms") as d:
        for begin in (b"", b"\x16\x03\x01\x02\x00"):
            with socket.create_connection(("127.0.0.1", d.tls_port), timeout=PATIENCE) as s:
                # It may be reset where what was sent had not been read yet.
                with contextlib.suppress(ConnectionError):
                    s.sendall(begin)
                    equal(s.recv(100), b"")
        # Nor does one that trickles in go on for ever.
        with socket.create_connection(("127.0.0.1", d.tls_port), timeout=PATIENCE) as s:
            s.sendall(b"\x16\x03\x01\x02\x00")
            with contextlib.suppress(ConnectionError):
                while not select.select([s], [], [], 0.02)[0]:
                    s.sendall(b"\x01")
                check(s.recv(100) == b"")


def test_who_ends_by_tls_alone_is_gone():
    with Secure(authority(), more="head_timeout = 600s\nidle_timeout = 600s") as d:
        with d.connect() as s:
            equal(d.ask(s)[0], 200)
            s.unwrap().close()  # which waits for the daemon's own end
        with d.connect() as s:
            s.sendall((HEAD % ("GET", "/v1/events", d.token, "")).encode())
            equal(lines_of(s).readline(), "HTTP/1.1 200 OK\r\n")
            with contextlib.suppress(ssl.SSLError):  # that there is something to be read still
                s.unwrap()
            while socket.socket.recv(s, 4096):
                pass


def test_who_announces_what_nobody_needs_or_says_nothing_is_cut_off():
    with Secure(authority(), more="head_timeout = 600s") as d:
        with socket.create_connection(("127.0.0.1", d.tls_port), timeout=PATIENCE) as s:
            s.sendall(b"\x16\x03\x01\x00\x04\x01\x02\x00\x00")
            equal(s.recv(100), b"")
        with d.connect() as s:
            equal(d.ask(s)[0], 200)
            # Records without a word in them, as many as there may be.
            with contextlib.suppress(ConnectionError):
                while not select.select([s], [], [], 0)[0]:
                    socket.socket.send(s, b"\x14\x03\x03\x00\x01\x01" * 100)
        equal(expect(d.get("/v1/accounts"), 200).json["accounts"], [])


def test_a_key_that_others_may_read_is_refused_with_the_remedy():
    certificate, key = authority().make("/CN=localhost")
    os.chmod(key, 0o644)
    with Process("--config", config(certificate, key), "--listen", "https://127.0.0.1:0", "--state-dir", tempfile.mkdtemp()) as p:
        equal(p.ended(), 2)
        check("chmod 600" in p.log() and key in p.log(), p.log())
        p.end_cleanly = lambda: None


def test_check_config_reads_the_pair():
    certificate, key = authority().make("/CN=localhost")
    locked = key + ".locked"
    openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked)
    for c, k, says in ((certificate, key, ""), (certificate, authority().make("/CN=x")[1], "no key of"), (key, key, "no certificate"),
                       (certificate, locked, "passphrase"), (*authority().make("/CN=weak", key="rsa:1024"), "too small")):
        done = subprocess.run([os.path.join(os.environ["TGCALLD_BUILDDIR"], "tgcalld"), "--config", config(c, k), "--listen", "https://127.0.0.1:0",
                               "--check-config"], capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        equal(done.returncode, 2 if says else 0)
        check(says in done.stderr, done.stderr)


def test_https_needs_its_pair():
    text = CONFIG.replace("tls_certificate = %s\ntls_key = %s\n", "") % ("", os.environ["TGCALLD_SRCDIR"])
    for more, says in (("", "https:// needs tls_certificate and tls_key"), ("tls_key = %s\n" % authority().make("/CN=x")[1], "go together")):
        done = subprocess.run([os.path.join(os.environ["TGCALLD_BUILDDIR"], "tgcalld"), "--config",
                               in_file(text.replace("[server]\n", "[server]\n" + more)), "--listen", "https://127.0.0.1:0", "--check-config"],
                              capture_output=True, text=True, timeout=PATIENCE)
        equal(done.returncode, 2)
        check(says in done.stderr, done.stderr)


def test_tls_outside_loopback_needs_no_word_more():
    with Secure(authority(), "--listen", "https://0.0.0.0:0") as d:
        with d.connect() as s:
            equal(d.ask(s)[0], 200)


def test_a_stop_ends_streams_and_says_so():
    with Secure(authority()) as d:
        with d.connect() as s:
            s.sendall((HEAD % ("GET", "/v1/events", d.token, "")).encode())
            lines = lines_of(s)
            equal(lines.readline(), "HTTP/1.1 200 OK\r\n")
            d.process.send_signal(signal.SIGTERM)
            # Raises where the end is cut off.
            check("0\r\n" in lines.readlines())


def test_the_shared_daemon_ends_in_order():
    daemon().end_cleanly()
    check("ERROR" not in daemon().log() and "Sanitizer" not in daemon().log(), daemon().log())
    daemon().forget()


needs_one_process()
run(globals())
