"""A primary PostgreSQL and its standby, both named in the URL: the daemon finds the one that may be written, before and after
the standby was promoted in place of a primary that is gone."""
import contextlib
import os
import subprocess
import sys
import tempfile

import store
from failover import Cluster
from lib import expect, equal, run, wait_for
from restart import is_on, logins


def server(*words, **more):
    done = subprocess.run([sys.executable, store.SERVER, *words], stdout=subprocess.PIPE, text=True, env={**os.environ, **more})
    if done.returncode == 77:
        print("1..0 # SKIP there is no PostgreSQL here")
        sys.exit(0)
    if done.returncode:
        raise AssertionError("the server does not %s" % " ".join(words))


@contextlib.contextmanager
def two_servers():
    first, second = (tempfile.mktemp(prefix="tgcalld-pg-", dir="/tmp") for _ in range(2))
    me = str(os.getpid())
    try:
        server("start", first, me, TGCALLD_POSTGRESQL="primary")
        server("standby", second, first, me)
        # What the primary says is kept is at the standby too.
        server("sql", first, "postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'")
        server("sql", first, "postgres", "SELECT pg_reload_conf()")
        yield first, second
    finally:
        for folder in (first, second):
            with contextlib.suppress(AssertionError):
                server("stop", folder)


def test_a_standby_that_is_promoted_is_found():
    with two_servers() as (first, second), Cluster() as c:
        # The one that may only be read comes first.
        c.url = "postgresql://tgcalld@/tgcalld?host=%s,%s" % (second, first)
        d = c.node().serving()
        d.login("alice", "+15550001")
        keyed = {"Idempotency-Key": "kept"}
        made = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "title": "Here"}, headers=keyed, unix=True), 201)
        server("kill", first)
        wait_for("the server to be missed", lambda: d.get("/readyz").status == 503)
        server("promote", second)
        wait_for("the other to be found", lambda: d.get("/readyz").status == 200 and is_on(d, "alice"))
        again = expect(d.post("/v1/calls", {"peer": "@sandbox_group", "title": "Here"}, headers=keyed, unix=True), 201)
        equal(again.json["call"]["id"], made.json["call"]["id"])
        expect(d.post("/v1/calls", {"peer": "@sandbox_group", "title": "There", "if_exists": "replace"}, unix=True), 201)
        equal(logins(d), 1)
        d.end_cleanly()


if __name__ == "__main__":
    run(globals())
