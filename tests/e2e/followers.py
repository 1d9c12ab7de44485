"""Clients of the event log that come, go, lag and poll, each of which holds what it is told against what all others were: no
number twice, none out of order, none missing without a gap, and each with one content."""
import contextlib
import http.client
import json
import random
import threading
import zlib

from events import Reader
from lib import check, equal, expect


class Told:
    """What was told to anybody. Events of an account that was forgotten are gone with it, and leave holes. At least KEPT events
    are there for who comes back."""

    def __init__(self, forgettable, kept):
        self.forgettable, self.kept, self.newest = forgettable, kept, 0
        self.lock = threading.Lock()
        self.content, self.accounts = {}, {}
        self.holes, self.gaps, self.heard = [], {}, 0
        self.forgotten = []  # the newest number before an account was forgotten, and that of the word of it
        self.before_forgotten = None

    def hear(self, who, last, id, kind, data):
        """WHO, whose last one was LAST, is told that; the number he goes on with."""
        check(id > last, "%s: %d comes after %d" % (who, id, last))
        with self.lock:
            self.heard += 1
            if kind == "gap":
                equal((data["after"], data["resumes_after"]), (last, id))
                check(id <= self.newest - self.kept, "%s: a gap up to %d, of %d" % (who, id, self.newest))
                self.gaps.setdefault(who, []).append((last, id))
                return id
            if id > last + 1:
                self.holes.append((who, last, id))
            content = zlib.crc32(json.dumps([kind, data], sort_keys=True).encode())
            equal((who, id, self.content.setdefault(id, content)), (who, id, content))
            self.accounts[id] = data.get("account")
            self.newest = max(self.newest, id)
            if kind == "account" and data["what"] == "forgotten" and self.before_forgotten is not None:
                self.forgotten.append((self.before_forgotten, id))
                self.before_forgotten = None
        return id

    def missed(self):
        """What somebody was passed over with, as (who, number)."""
        may = {n for before, after in self.forgotten for n in range(before + 1, after)}
        return [(who, n) for who, last, id in self.holes for n in range(last + 1, id)
                if n not in may and self.accounts.get(n) not in self.forgettable]


class Follower(threading.Thread):
    """One client, until it has all up to the number that finish() tells it. What fails is in `failed`."""

    def __init__(self, d, told, name, seed=0, after=None):
        super().__init__(daemon=True)
        self.d, self.told, self.who = d, told, name
        self.chance = random.Random(seed)
        self.last, self.until, self.failed, self.ended = after, None, None, threading.Event()

    def run(self):
        try:
            while not self.is_through():
                self.turn()
        except BaseException as e:
            self.failed = "%s, at %s: %r" % (self.who, self.last, e)

    def is_through(self):
        return self.until is not None and (self.last or 0) >= self.until

    def finish(self, until):
        self.until = until
        self.ended.set()

    def pause(self, seconds):
        self.ended.wait(seconds)

    def take(self, r):
        """The next block of a stream; False at its end."""
        fields = r.block()
        if fields and "data" in fields:
            self.last = self.told.hear(self.who, self.last, int(fields["id"]), fields["event"], json.loads(fields["data"]))
        return bool(fields)

    def open(self, **more):
        r = Reader(self.d, after=self.last, **more)
        if self.last is None:
            self.last = r.last
        return r


class Steady(Follower):
    """Reads along, on one connection."""

    def turn(self):
        r = self.open()
        try:
            while not self.is_through():
                check(self.take(r), "the stream ended")
        finally:
            r.close()


class Fickle(Follower):
    """Reads a few, leaves, and comes back within AWAY_S with the last number."""

    def __init__(self, d, told, name, away_s, seed):
        super().__init__(d, told, name, seed)
        self.away_s, self.visits = away_s, 0

    def turn(self):
        r = self.open()
        self.visits += 1
        for _ in range(self.chance.randrange(1, 400)):
            # Who is to leave does so at a comment at the latest.
            if self.is_through() or not self.take(r):
                break
        r.close()
        self.pause(self.chance.random() * self.away_s)


class Deaf(Follower):
    """Opens a stream and reads nothing of it until the end."""

    def turn(self):
        r = self.open(window=4096)
        self.ended.wait()
        while not self.is_through():
            check(self.take(r), "the stream ended")
        r.close()


class Poller(Follower):
    """Asks for pages, and rests between them."""

    def __init__(self, d, told, name, rest_s):
        super().__init__(d, told, name)
        self.rest_s, self.pages = rest_s, 0

    def turn(self):
        if self.last is None:
            self.last = expect(self.d.get("/v1/events?wait=0"), 200).json["next"]
        page = expect(self.d.get("/v1/events?wait=10&after=%d" % self.last), 200).json
        for e in page["events"]:
            self.last = self.told.hear(self.who, self.last, e["id"], e["event"], e["data"])
        self.last, self.pages = page["next"], self.pages + 1
        self.pause(self.rest_s)


class Revoked(Follower):
    """Reads with a token of its own, whose end is the stream's, again and again."""

    def __init__(self, d, told, name, rest_s, seed):
        super().__init__(d, told, name, seed)
        self.rest_s, self.tokens = rest_s, 0

    def is_through(self):
        return self.until is not None

    def turn(self):
        name = "soak-%d" % self.tokens
        token = expect(self.d.post("/v1/tokens", {"name": name, "scopes": ["read"]}), 201).json["token"]
        r = self.open(token=token)
        for _ in range(self.chance.randrange(1, 50)):
            check(self.take(r), "the stream ended")
        expect(self.d.request("DELETE", "/v1/tokens/" + name), 204)
        # Of one that was far behind the stream is cut in the midst of an event.
        with contextlib.suppress(http.client.IncompleteRead):
            while self.take(r):
                pass
        r.close()
        self.tokens += 1
        self.pause(self.rest_s)
