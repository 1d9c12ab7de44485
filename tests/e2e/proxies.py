"""A daemon behind a proxy that refuses, lies, closes or is silent says so: SOCKS5 by one that we did not write, CONNECT and MTProxy
by the tests' own. That it works behind one is through.py's."""
import contextlib
import random
import shutil
import socket
import subprocess

from faults import once
from lib import check, equal, expect, run, start_other, wait_for
from proxy_servers import Connect, MtProxy, Proxy
from remote import Remote


@contextlib.contextmanager
def microsocks(*args):
    """Its port: it says nowhere which one it has taken, and ends where somebody else has it. None of those that the kernel gives to
    who connects: looking whether it listens could take it away."""
    for _ in range(10):
        port = random.randrange(20000, 32768)
        p = start_other("microsocks", "-i", "127.0.0.1", "-p", str(port), *args, stderr=subprocess.DEVNULL)
        try:
            wait_for("microsocks", lambda: p.poll() is not None or can_connect(port))
            if p.poll() is None:
                yield port
                return
        finally:
            p.kill()
            p.wait()
    raise AssertionError("microsocks ended")


def can_connect(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def use(r, title):
    """A login, which moves to the other data centre, and a call."""
    r.daemon.login("carol", "+15550003")
    r.daemon.login("alice", "+15550001")
    once(r.daemon, title, account="alice")


def trouble(text, proxy):
    """A daemon that cannot connect by PROXY says so in these words; "%s" stands for data centre 1. Its log."""
    with Remote("proxy = " + proxy, "[server]", "request_timeout = 1 s") as r:
        text = text.replace("%s", r.ready["dc1"])
        expect(r.daemon.post("/v1/accounts", {"name": "x"}), 201)
        check(r.daemon.post("/v1/accounts/x/login", {"phone": "+15550001"}).status >= 500)
        wait_for(text, lambda: text in r.daemon.log())
        return r.daemon.log()


def test_socks5_with_a_login():
    if not shutil.which("microsocks"):
        return "there is no microsocks"
    with microsocks("-u", "me", "-P", "w@rd") as port:
        with Remote("proxy = socks5://me:w%%40rd@127.0.0.1:%d" % port) as r:
            use(r, "with a login")
        at = "127.0.0.1:%d" % port
        log = trouble("the proxy at %s refused: wrong user or password" % at, "socks5://me:wrong-w0rd@" + at)
        check("wrong-w0rd" not in log, "the password is in the log")
        trouble("the proxy at %s refused: it wants a login" % at, "socks5://" + at)


def test_what_connect_refuses_is_told():
    with Connect("me:word") as proxy:
        log = trouble("refused: 407, wrong user or password", "http://me:wrong-w0rd@127.0.0.1:%d" % proxy.port)
        check("wrong-w0rd" not in log, "the password is in the log")
    with Connect(answer=b"HTTP/1.1 403 Not from here\r\n\r\n") as proxy:
        trouble("refused: 403 Not from here (%s)", "http://127.0.0.1:%d" % proxy.port)


class Http(Proxy):
    def serve(self, stream):
        stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_proxy_of_another_protocol_is_told():
    with Http() as proxy:
        trouble("does not speak SOCKS5 but HTTP: is it an http:// proxy?", "socks5://127.0.0.1:%d" % proxy.port)


def test_an_mtproxy_of_another_secret_is_told():
    for kind, text in (("dd", "the proxy closed the connection: its secret may be another"),
                       ("ee", "answers as www.example.org itself would: the secret may be another")):
        with MtProxy(kind) as proxy:
            trouble(text, proxy.url(bytes(16)))


class Closing(Proxy):
    def serve(self, stream):
        stream.exactly(1)


class Silent(Proxy):
    def serve(self, stream):
        stream.exactly(1 << 20)


def test_a_proxy_that_closes_is_told():
    for url, text in (("socks5://127.0.0.1:%d", "closed the connection instead of answering the greeting"),
                      ("http://127.0.0.1:%d", "closed the connection instead of answering CONNECT"),
                      ("mtproxy://127.0.0.1:%d?secret=ee" + "00" * 16 + "612e62",
                       "closed the connection instead of answering the greeting")):
        with Closing() as proxy:
            trouble("the proxy at 127.0.0.1:%d %s" % (proxy.port, text), url % proxy.port)


def test_a_proxy_that_is_silent_is_told():
    with Silent() as proxy:
        trouble("the proxy at 127.0.0.1:%d did not answer the greeting in time" % proxy.port,
                "socks5://127.0.0.1:%d" % proxy.port)


if __name__ == "__main__":
    run(globals())
