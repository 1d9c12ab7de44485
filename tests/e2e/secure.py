"""A daemon that serves by TLS, and those who make certificates for it."""
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile

from lib import PATIENCE, Daemon, check, wait_for

# Nobody is asked for anything at Telegram.
CONFIG = ("[server]\ntls_certificate = %s\ntls_key = %s\n%s\n[telegram]\nenvironment = custom\n[dc 1]\naddress = 127.0.0.1:1\n"
          "public_key = %s/config/keys/production.pem\n")
HEAD = "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n%s\r\n"


def openssl(*args):
    done = subprocess.run(["openssl", *args], capture_output=True, text=True, timeout=PATIENCE)
    check(done.returncode == 0, done.stderr)
    return done.stdout


class Authority:
    """Makes certificates, in a folder of its own."""

    def __init__(self, name="tests", key="ec"):
        self.dir, self.made = tempfile.mkdtemp(), 0
        self.key, self.certificate = self.path("ca.key"), self.path("ca.pem")
        openssl("req", "-x509", *self.new_key(key), "-nodes", "-keyout", self.key, "-out", self.certificate, "-subj", "/CN=" + name,
                "-days", "2", "-addext", "keyUsage=keyCertSign")

    def path(self, name):
        return os.path.join(self.dir, name)

    @staticmethod
    def new_key(kind):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else ["-newkey", kind]

    def make(self, subject, days=1, key="ec", more=""):
        """The files of a certificate and its key; MORE are lines of extensions."""
        self.made += 1
        stem = self.path("%d" % self.made)
        openssl("req", *self.new_key(key), "-nodes", "-keyout", stem + ".key", "-out", stem + ".csr", "-utf8", "-subj", subject)
        with open(stem + ".ext", "w") as f:
            f.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n" + more)
        openssl("x509", "-req", "-in", stem + ".csr", "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", str(days),
                "-extfile", stem + ".ext", "-out", stem + ".pem")
        return stem + ".pem", stem + ".key"


def in_file(text):
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as f:
        f.write(text)
    return f.name


def config(certificate, key, more=""):
    return in_file(CONFIG % (certificate, key, more, os.environ["TGCALLD_SRCDIR"]))


class Secure(Daemon):
    """A daemon that serves by TLS too."""

    def __init__(self, authority, *args, more="", pair=None):
        self.authority = authority
        self.pair = pair or authority.make("/CN=localhost")
        self.config = config(*self.pair, more)
        super().__init__("--listen", "https://127.0.0.1:0", *args, config=self.config)
        with open(os.path.join(self.state, "listen")) as f:
            self.tls_port = int(re.search(r"^https://127\.0\.0\.1:(\d+)$", f.read(), re.M)[1])

    def context(self, shows=None):
        """A client's, who trusts the daemon's authority, and SHOWS a pair or nothing."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        if shows:
            context.load_cert_chain(*shows)
        return context

    def connect(self, context=None):
        plain = socket.create_connection(("127.0.0.1", self.tls_port), timeout=PATIENCE)
        try:
            return (context or self.context()).wrap_socket(plain, server_hostname="localhost")
        except BaseException:
            plain.close()
            raise

    def ask(self, s, target="/v1/accounts", method="GET", more=""):
        s.sendall((HEAD % (method, target, self.token, more)).encode())
        answer = http.client.HTTPResponse(s)
        answer.begin()
        return answer.status, answer.read()

    def shown(self):
        """The serial number of what the daemon shows by now."""
        with self.connect() as s:
            return s.getpeercert()["serialNumber"]

    def reload(self):
        seen = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        wait_for("the end of the reading", lambda: "SIGHUP: the configuration was read again" in self.log()[seen:])
        return self.log()[seen:]

    def put(self, pair):
        for file, fresh in zip(self.pair, pair):
            with open(fresh) as f:
                text = f.read()
            with open(file, "w") as f:
                f.write(text)
