"""The daemon knows what happens in calls from updates alone, by the steps of tests/bench/updates.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TGCALLD_SRCDIR"], "tests", "bench"))

from lib import equal, run  # noqa: E402
from updates import Run  # noqa: E402

UPDATES, ON_A_BAD_LINE = 1000, 2000


def test_what_happens_in_calls_is_known_without_a_question():
    found = Run(UPDATES, chats=10, faults=()).whole()
    equal({m: n for m, n in found.methods.items() if m in ("phone.getGroupCall", "updates.getDifference",
                                                           "updates.getChannelDifference")}, {})


def test_a_bad_line_leaves_a_true_view():
    Run(ON_A_BAD_LINE).whole()


def test_a_bad_line_leaves_a_true_view_where_what_has_no_pts_is_numbered():
    Run(ON_A_BAD_LINE, seq=True, seed=2).whole()


run(globals())
