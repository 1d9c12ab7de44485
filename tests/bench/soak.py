#!/usr/bin/env python3
"""Many creates on bad days: connections dropped before and after answers, answers lost, doubled and reordered, salts that
change every second. Each intent must be exactly one call, every answer true, and the daemon's private memory flat.

usage: soak.py [CREATES] [CLIENTS]      (TGCALLD_BUILDDIR names the build; prints a table, exits 1 on a wrong count)
       soak.py --each                   one fault at a time, a row for each"""
import collections
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ.setdefault("TGCALLD_SRCDIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

from remote import Remote  # noqa: E402
from lib import control  # noqa: E402

EACH = sys.argv[1:] == ["--each"]
CREATES = int(sys.argv[1]) if len(sys.argv) > 1 and not EACH else 10000
CLIENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 16
# How often each fault strikes, per thousand creates.
FAULTS = {"drop_before": 4, "drop_after": 4, "no_answer": 1, "duplicate": 20, "reorder": 20, "bad_server_salt": 5, "gzip": 20}

OF_ANSWERS = [{"type": kind} for kind in ("drop_before", "drop_after", "no_answer", "duplicate", "reorder", "gzip", "container")]
OF_ANSWERS += [{"type": "delay", "ms": 300}, {"type": "rpc_error", "code": 500, "message": "RPC_CALL_FAIL"},
               {"type": "rpc_error", "code": 420, "message": "FLOOD_WAIT_1"}]
OF_SESSIONS = [{"type": "bad_server_salt"}, {"type": "forget_session"}]
OF_SESSIONS += [{"type": "bad_msg", "code": code} for code in (16, 17, 18, 19, 20, 32, 33, 34, 35, 48, 64)]
OF_SESSIONS += [{"type": "transport_error", "code": code} for code in (-404, -429)]
EACH_CREATES = 3


def private_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(next(line for line in f if line.startswith("RssAnon")).split()[1])


def main():
    answers = collections.Counter()
    wrong = []
    lock = threading.Lock()
    todo = iter(range(CREATES))
    memory = []
    with Remote("[server]", "request_timeout = 60s", sandbox=("--chats", str(CLIENTS))) as r:
        d = r.daemon
        d.login("alice", "+15550001")
        control(d.control, "POST", "/opts", {"salt_period_s": 1})
        chance = random.Random(1)

        def client(me):
            while True:
                with lock:
                    i = next(todo, None)
                    if i is None:
                        return
                    for kind, rate in FAULTS.items():
                        if chance.randrange(1000) < rate:
                            d.fault(type=kind, method="phone.createGroupCall") if kind != "bad_server_salt" else d.fault(type=kind)
                            answers["fault " + kind] += 1
                    if i % max(1, CREATES // 10) == 0:
                        memory.append(private_kb(d.process.pid))
                a = d.create("@sandbox_load_%d" % (me + 1), title="intent %d" % i, if_exists="replace")
                with lock:
                    answers[a.status] += 1
                    if a.status != 201 or a.json["call"]["title"] != "intent %d" % i:
                        wrong.append("intent %d: %r" % (i, a))

        began = time.monotonic()
        threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        took = time.monotonic() - began
        made = collections.Counter(c["title"] for c in d.sandbox_calls() if c.get("title", "").startswith("intent "))
        asked = d.counts().get("phone.createGroupCall", 0)
    print("creates asked            %d" % CREATES)
    print("answers                  %s" % dict(answers))
    print("calls made               %d (executions: %d)" % (sum(made.values()), asked))
    print("intents with other than one call: %d" % (CREATES - sum(1 for n in made.values() if n == 1)))
    print("private memory, kB       %s" % memory)
    print("seconds                  %.1f" % took)
    for line in wrong[:10]:
        print("wrong: " + line[:300])
    sys.exit(1 if wrong or len(made) != CREATES or any(n != 1 for n in made.values()) else 0)


def each():
    """Each fault strikes every one of a few creates in a row; each has a title of its own."""
    failed = False
    print("| %-38s | asked | 201, true | calls | executions | longest s |" % "fault")
    print("|" + "-" * 40 + "|------:|----------:|------:|-----------:|----------:|")
    for fault in OF_ANSWERS + OF_SESSIONS:
        with Remote("[server]", "request_timeout = 60s", sandbox=("--chats", "1")) as r:
            d = r.daemon
            d.login("alice", "+15550001")
            titles, true, longest = ["intent %d" % i for i in range(EACH_CREATES)], 0, 0
            for title in titles:
                d.fault(**fault, **({"method": "phone.createGroupCall"} if fault in OF_ANSWERS else {}))
                began = time.monotonic()
                a = d.create("@sandbox_load_1", title=title, if_exists="replace")
                longest = max(longest, time.monotonic() - began)
                true += a.status == 201 and a.json["call"]["title"] == title
            made = [c["title"] for c in d.sandbox_calls() if c.get("title") in titles]
            name = " ".join(str(v) for v in fault.values())
            print("| %-38s | %5d | %9d | %5d | %10d | %9.1f |" % (
                name, EACH_CREATES, true, len(made), d.counts().get("phone.createGroupCall", 0), longest), flush=True)
            failed = failed or true != EACH_CREATES or sorted(made) != titles
    sys.exit(1 if failed else 0)


each() if EACH else main()
