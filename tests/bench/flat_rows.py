"""The load of 64 callers, or another number, beside more and more of what is idle: accounts, living calls, known chats, tokens,
connections. Each function makes the rows of one table; all of them live at once, and their rounds take turns."""
import concurrent.futures
import contextlib
import os
import secrets

import machine
from load import wrk
from processes import Daemon
from subjects import MANY, MOST, Behind

HELPERS = 16
IDLE, HUNDRED = (0, 1000, 10000), 100


def at_once(function, of):
    """FUNCTION(each of OF), several at a time."""
    with concurrent.futures.ThreadPoolExecutor(HELPERS) as pool:
        list(pool.map(function, of))


@contextlib.contextmanager
def in_silence(row):
    """Nobody is told of the calls that are made: accounts of the same user would do nothing else. Of what is answered from store nobody
    is told anyway, and it is stored only where it says which call it ended."""
    row.sandbox.control("/opts", {"volunteer": False})
    yield
    if row.stored:
        row.sandbox.control("/opts", {"volunteer": True})


class Row(Behind):
    """A daemon with SETTINGS beside what PREPARE(the row) makes; LOAD is how wrk is asked."""

    def __init__(self, name, bench, prepare=None, callers=MANY, chats=None, settings=(), tokens=(), load=None):
        super().__init__(name, [callers], bench.work, bench.stored)
        self.program, self.prepare, self.settings, self.tokens = bench.program, prepare, settings, tokens
        self.chats = chats or callers
        self.more = load or {}

    def start(self):
        super().start()
        self.daemon = Daemon(self.program, self.folder, self.sandbox, self.settings, self.tokens)
        self.process = self.daemon.process
        self.idle = machine.memory(self.pid)
        if self.prepare:
            self.prepare(self)
        self.beside = machine.memory(self.pid)

    def load(self, callers, seconds):
        return wrk(self.daemon.url, self.daemon.token, callers, seconds, **self.more)


def accounts(bench):
    def prepare(idle):
        return lambda row: at_once(lambda n: row.daemon.post("/v1/accounts", {"name": "idle%d" % n}), range(idle))
    return [Row("%d idle accounts" % idle, bench, prepare(idle)) for idle in IDLE]


def calls(bench):
    """One account remembers some 2000 calls: others of the same user, who are told of nothing, have made the rest."""
    each = 1900

    def prepare(living):
        def make(row):
            makers = ["a000"] + ["b%d" % n for n in range(1, -(-living // each))]
            with in_silence(row):
                for name in makers:
                    row.daemon.login(name)
                at_once(lambda n: row.daemon.post("/v1/calls", {"peer": "@sandbox_load_%d" % (MANY + n + 1),
                                                                "account": makers[n // each]}), range(living))
            row.calls += living
        return make
    return [Row("%d living calls" % living, bench, prepare(living), chats=MANY + living, load={"accounts": 1, "chats": MANY})
            for living in (0, each, IDLE[-1])]


def chats(bench):
    def prepare(known):
        return lambda row: at_once(lambda n: row.daemon.get("/v1/peers/@sandbox_load_%d" % (MANY + n + 1)), range(known))
    return [Row("%d other known chats" % known, bench, prepare(known), chats=MANY + known) for known in IDLE]


def tokens(bench):
    """Each request has the next token of all."""
    rows = []
    for count in (1, 1000, 10000):
        mine = ["tgc_" + secrets.token_urlsafe(32) for _ in range(count)]
        path = os.path.join(bench.work, "tokens-%d" % count)
        with open(path, "w") as f:
            f.write("".join(token + "\n" for token in mine))
        rows.append(Row("%d tokens" % count, bench, tokens=mine, load={"tokens": path} if count > 1 else {}))
    return rows


def connections(bench):
    return [Row("%d connections" % count, bench, callers=count) for count in (1, HUNDRED, MOST)]
