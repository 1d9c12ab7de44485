#!/usr/bin/env python3
"""How long calls cannot be made when the one of three nodes goes that has the accounts: until a create is answered that is asked of a node
that stayed, after a SIGKILL and after a stop in order, with a lease of 6 s. Of the two that stayed one takes over and the other passes on
what it is asked, and each is asked in its turn. By what the sandbox counts one key was logged in all the while, at one place."""
import argparse
import contextlib
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import failover  # noqa: E402
import store  # noqa: E402
from restart import logins  # noqa: E402

HOLDER = "SELECT (SELECT name FROM tgcalld_node WHERE id = node) FROM tgcalld_lease"


def started(cluster, name):
    return cluster.node(name).answers()


def holder(cluster):
    with contextlib.closing(store.Database(cluster.url)) as db:
        rows = db.run(HOLDER)
    return rows[0][0] if rows else None


def creates(node):
    return node.create("@sandbox_group", if_exists="replace").status == 201


def until_served(cluster, nodes, n, end):
    """Seconds from the END of the node that has the accounts until one that stayed has had a call made."""
    name = failover.wait_for("a holder", lambda: holder(cluster))
    asked = nodes[sorted(set(nodes) - {name})[n % 2]]
    begun = time.monotonic()
    end(nodes[name])
    failover.wait_for("a create", lambda: creates(asked))
    took = time.monotonic() - begun
    failover.equal(logins(asked), 1)
    nodes[name].process.wait(60)
    cluster.nodes.remove(nodes[name])
    nodes[name].forget()
    took_over = holder(cluster) == asked.name
    nodes[name] = started(cluster, name)
    failover.wait_for("all to be well", lambda: all(creates(node) for node in nodes.values()))
    return took, took_over


def kill(node):
    node.process.kill()


def stop(node):
    node.process.terminate()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="of each (default: %(default)s)")
    args = parser.parse_args()
    failover.LEASE = "6 s"
    print("%-34s %6s %8s %8s %8s" % ("s until a create", "times", "p50", "p99", "max"))
    for name, end in (("stopped", stop), ("killed", kill)):
        with failover.Cluster() as cluster:
            nodes = {"n0": cluster.node("n0").serving()}
            nodes["n0"].login("alice", "+15550001")
            nodes.update({n: started(cluster, n) for n in ("n1", "n2")})
            found = [until_served(cluster, nodes, n, end) for n in range(args.times)]
            nodes["n0"].at_one_place()
            for by, rows in (("", found), (", the new one asked", [f for f in found if f[1]]), (", the third asked", [f for f in found if not f[1]])):
                took = sorted(t for t, _ in rows)
                if took:
                    print("%-34s %6d %8.2f %8.2f %8.2f" % (name + by, len(took), statistics.median(took), took[int(len(took) * 0.99)],
                                                         took[-1]), flush=True)


if __name__ == "__main__":
    main()
