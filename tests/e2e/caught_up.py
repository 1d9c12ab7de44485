"""Updates that are lost, or come while the daemon is down, are caught up with: where its sequences stand is what the sandbox has."""
import contextlib
import os
import signal

from lib import Daemon, check, equal, expect, run, wait_for
from remote import Remote
from store import look


def truth(r):
    """Alice's own sequence, and those of the chats that were talked in and are channels."""
    state = r.daemon.sandbox("GET", "/state")
    own = [u["pts"] for u in state["users"] if u["phone"] == "15550001"]
    return own[0], {c["id"]: c["pts"] for c in state["chats"] if c["id"] in r.talked and c["kind"] != "basic"}


def kept(state):
    """None: it could not be seen."""
    found = look(state, "SELECT channel_id, pts FROM update_states")
    if found is None:
        return None
    rows = dict(found)
    return rows.pop(0, 0), rows


def agrees(r):
    own, channels = truth(r)
    seen = kept(r.daemon.state)
    return seen and own == seen[0] and channels.items() <= seen[1].items()


def settle(r, why):
    wait_for(why, lambda: agrees(r))


def talk(r, count, **more):
    for chat in r.talked:
        r.daemon.sandbox("POST", "/messages", dict(more, chat=chat, count=count))


class Watched(Remote):
    """Alice is logged in, and knows where the sequences of a basic group and of a channel stand."""

    def __enter__(self):
        super().__enter__()
        d = self.daemon
        d.login("alice", "+15550001")
        chats = d.sandbox("GET", "/state")["chats"]
        self.talked = [next(c["id"] for c in chats if c["kind"] == "basic"),
                       next(c["id"] for c in chats if c["username"] == "sandbox_group")]
        talk(self, 1)
        settle(self, "the first messages")
        return self

    def next_process(self, signum):
        """Messages come while there is none."""
        control, state = self.daemon.control, self.daemon.state
        self.daemon.process.send_signal(signum)
        self.daemon.process.wait()
        talk(self, 30, text="while it was down")
        self.daemon.forget()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(state, "listen"))
        self.daemon = Daemon(config=self.config, state=state)
        self.daemon.control = control


def is_caught_up(r, signum):
    counted = r.daemon.counting()
    r.next_process(signum)
    settle(r, "what came while it was down")
    check(counted("updates.getDifference") >= 1 and counted("updates.getChannelDifference") >= 1, r.daemon.counts())
    equal(counted("updates.getState"), 0)


def test_a_restart_catches_up_with_what_came_while_it_was_down():
    with Watched() as r:
        is_caught_up(r, signal.SIGTERM)


def test_a_daemon_that_was_killed_catches_up_too():
    with Watched() as r:
        for _ in range(3):
            talk(r, 20)  # and is killed in the midst of it
            is_caught_up(r, signal.SIGKILL)


def test_updates_that_are_lost_doubled_or_out_of_order_are_made_up_for():
    with Watched() as r:
        for fault in ("lost_update", "double_update", "reorder_update"):
            r.daemon.fault(type=fault, count=0, every=7)
        for _ in range(20):
            talk(r, 10)
        r.daemon.clear()
        talk(r, 1)
        settle(r, "all of it")
        check(r.daemon.counts().get("updates.getDifference", 0) + r.daemon.counts().get("updates.getChannelDifference", 0) > 0,
              r.daemon.counts())


def test_updates_that_are_too_many_are_asked_for():
    with Watched() as r:
        for fault in ("too_long_update", "channel_too_long_update"):
            r.daemon.fault(type=fault, count=1)
        talk(r, 50)
        settle(r, "all of it")


run(globals())
