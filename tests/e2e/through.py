"""The same suite over every framing by every way: directly, through SOCKS5 and CONNECT, through MTProxy of each kind of secret."""
import shutil

import calls
import create
from lib import equal, run
from proxies import microsocks
from proxy_servers import Connect, MtProxy
from remote import Remote

# transport, obfuscated: "full" has no obfuscated form
FRAMINGS = [("full", "no"), *((t, o) for t in ("abridged", "intermediate", "padded") for o in ("no", "yes"))]
SUITE = [f for module in (create, calls) for name, f in vars(module).items()
         if name.startswith("test_") and f.__code__.co_argcount]


def suite(framing, *settings, know=lambda r: None):
    """A daemon that is configured so passes, with the account that the suite's own daemon has; then another account follows to
    the other data centre."""
    transport, obfuscated = framing
    with Remote("transport = " + transport, "obfuscated = " + obfuscated, *settings) as r:
        know(r)
        r.daemon.login("sandbox", "+15550001")
        made = [e for e in r.daemon.sandbox("GET", "/log")["events"] if e["event"] == "key"][-1]
        equal((made["framing"], made["obfuscated"]), (transport, obfuscated == "yes"))
        for function in SUITE:
            try:
                function(r.daemon)
                r.daemon.all_struck()
            except Exception as e:
                raise AssertionError("%s, %s: %s" % (framing, settings, function.__name__)) from e
        r.daemon.login("carol", "+15550003")
        return {r.ready["dc1"], r.ready["dc2"]}


def test_every_framing_directly():
    for framing in FRAMINGS:
        suite(framing)


def test_every_framing_through_socks5():
    if not shutil.which("microsocks"):
        return "there is no microsocks"
    with microsocks() as port:
        for framing in FRAMINGS:
            suite(framing, "proxy = socks5://127.0.0.1:%d" % port)


def test_every_framing_through_socks5_with_a_login():
    if not shutil.which("microsocks"):
        return "there is no microsocks"
    with microsocks("-u", "me", "-P", "word") as port:
        for framing in FRAMINGS:
            suite(framing, "proxy = socks5://me:word@127.0.0.1:%d" % port)


def test_every_framing_through_connect():
    for framing in FRAMINGS:
        with Connect("me:word") as proxy:
            centres = suite(framing, "proxy = http://me:word@127.0.0.1:%d" % proxy.port)
            equal((proxy.faults, set(proxy.asked)), ([], centres))


def test_every_framing_through_an_mtproxy():
    for kind, transport in (("", "abridged"), ("", "intermediate"), ("", "padded"), ("dd", "padded"), ("ee", "padded")):
        with MtProxy(kind) as proxy:
            def know(r, proxy=proxy):
                proxy.centres = {1: r.ready["dc1"], 2: r.ready["dc2"]}
            # On the way to the proxy it is obfuscated always; the proxy takes that off.
            centres = suite((transport, "no"), "proxy = " + proxy.url(), know=know)
            equal((proxy.faults, set(proxy.asked)), ([], centres))


if __name__ == "__main__":
    run(globals())
