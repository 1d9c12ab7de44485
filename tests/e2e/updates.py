"""The daemon knows what happens in calls from updates alone, by the steps of tests/bench/updates.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TGCALLD_SRCDIR"], "tests", "bench"))

from lib import equal, run  # noqa: E402
from updates import Run  # noqa: E402

UPDATES = 1000


def test_what_happens_in_calls_is_known_without_a_question():
    found = Run(UPDATES, chats=10, faults=()).whole()
    equal({m: n for m, n in found.methods.items() if m in ("phone.getGroupCall", "updates.getDifference",
                                                           "updates.getChannelDifference")}, {})


run(globals())
