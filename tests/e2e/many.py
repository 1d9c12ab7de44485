"""Many accounts in one process, by the steps of tests/bench/accounts.py and held to what does not depend on time."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TGCALLD_SRCDIR"], "tests", "bench"))

from lib import check, equal, run, sanitized  # noqa: E402
from accounts import Run  # noqa: E402

ACCOUNTS, IDLE_S, OUTAGE_S = 24, 3, 2
# The memory of so few says less than that of a thousand: what all share is counted among them.
KIB_EACH_MAX = 80


def test_accounts_are_taken_over_stay_quiet_go_on_after_a_restart_and_an_outage_and_one_that_ends_is_alone():
    found = Run(ACCOUNTS, IDLE_S, OUTAGE_S, "handshakes_max = 3").whole()
    for name in ("imported_kb", "restarted_kb") if not sanitized() else ():
        check((found[name] - found["empty_kb"]) / ACCOUNTS < KIB_EACH_MAX, found)
    equal(found["idle_methods"], {})
    equal(found["restart_logins"], 0)
    equal(found["restart_keys"], 0)
    equal((found["outage"]["logins"], found["outage"]["keys"]), (0, 0))
    equal(found["fault_state"], "revoked")
    equal(found["others_online"], ACCOUNTS - 1)
    equal(found["others_events"], [])


run(globals())
