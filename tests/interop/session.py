"""A login of another client's goes to the daemon as a session string and is used there, and comes back to the client as
another: one at a time. TAP on stdout. usage: session.py FORMAT SCHEMA.tl COMMAND...

"COMMAND... login HOST:PORT KEY.pem" logs +15550001 in at data centre 1 and prints the session; "COMMAND... use HOST:PORT
KEY.pem" reads one, creates a call titled "Back" in @sandbox_channel with it, and prints the user's id.
"""
import contextlib
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from lib import PATIENCE, equal, expect  # noqa: E402
from remote import Remote  # noqa: E402


def with_a_low_port(schema):
    """One that GramJS can save: it takes the port for a signed number of 16 bits. Somebody else may have it."""
    for _ in range(10):
        with contextlib.suppress(ValueError):
            return Remote(sandbox=("--schema", schema), dc1="127.0.0.1:%d" % random.randrange(20000, 32768))
    raise SystemExit("no port could be had")


def client(r, command, verb, text=None):
    return subprocess.run([*command, verb, r.ready["dc1"], r.key], input=text, stdout=subprocess.PIPE, text=True, timeout=PATIENCE,
                          check=True).stdout.strip()


def main(how, schema, *command):
    with with_a_low_port(schema) as r:
        d = r.daemon
        d.sandbox("POST", "/opts", {"transport_pad": 3})
        text = client(r, command, "login")
        a = expect(d.post("/v1/accounts", {"name": "main", "session": {"format": how, "text": text}}), 201, state="ready")
        equal(a.json["user"]["id"], "1001")
        expect(d.create("@sandbox_channel", title="From " + how, if_exists="replace"), 201)
        print("ok 1 - a login of %s is imported and creates a call" % how, flush=True)
        exported = expect(d.post("/v1/accounts/main/session", {"format": how}), 200).json["text"]
        d.end()
        equal(client(r, command, "use", exported), "1001")
        equal([c["title"] for c in d.sandbox_calls("Back")], ["Back"])
        print("ok 2 - a login that was exported works in %s" % how, flush=True)
    print("1..2")


main(*sys.argv[1:])
