#!/usr/bin/env python3
"""How long calls cannot be made when one of two nodes goes: until the other answers a create of the account's, after a SIGKILL and after
a stop in order, with a lease of 6 s; and by what the sandbox counts, how many keys were logged in meanwhile (one)."""
import argparse
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import failover  # noqa: E402
from restart import is_on, logins  # noqa: E402


def until_served(cluster, first, end):
    """Seconds from the END of FIRST until another node has made a call."""
    second = cluster.node("n%d" % len(cluster.nodes))
    failover.wait_for("the second to wait", second.waits)
    begun = time.monotonic()
    end(first)
    d = second.serving()
    failover.wait_for("a create", lambda: d.create("@sandbox_group", if_exists="replace").status == 201)
    took = time.monotonic() - begun
    failover.equal(logins(d), 1)
    failover.check(is_on(d, "alice"))
    return took, d


def kill(node):
    node.process.kill()


def stop(node):
    node.process.terminate()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="of each (default: %(default)s)")
    args = parser.parse_args()
    failover.LEASE = "6 s"
    print("%-16s %8s %8s %8s" % ("s until a create", "p50", "p99", "max"))
    for name, end in (("stopped", stop), ("killed", kill)):
        with failover.Cluster() as cluster:
            node = cluster.node("n0").serving()
            node.login("alice", "+15550001")
            took = []
            for _ in range(args.times):
                one, node = until_served(cluster, node, end)
                took.append(one)
            took.sort()
            print("%-16s %8.2f %8.2f %8.2f" % (name, statistics.median(took), took[int(len(took) * 0.99)], took[-1]), flush=True)


if __name__ == "__main__":
    main()
