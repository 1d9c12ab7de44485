"""How far each client's key is, as the sandbox's log tells it by connection: what a daemon was at when it ended."""
from lib import control, wait_for

EXCHANGE, BINDING = "key exchange", "binding"


class Connection:
    def __init__(self):
        self.at, self.speaks, self.renews = None, False, False

    def hear(self, event):
        if event["event"] == "key_exchange":
            # Where something was said before, the next key is being made beside the one that speaks.
            self.at, self.renews = EXCHANGE, self.speaks
        elif event["event"] == "key":
            self.at = BINDING if event["temporary"] else None
        elif event["event"] != "rpc":
            return
        elif event["method"] == "auth.bindTempAuthKey":
            self.at = BINDING  # until something is said under it: its answer is on the way
            self.speaks = False
        elif self.at != EXCHANGE and not (self.at == BINDING and self.speaks):
            self.at, self.speaks = None, True


class Exchanges:
    """Read in time: the sandbox keeps its last 2,048 events."""

    def __init__(self, address):
        self.address, self.next, self.connections, self.permanent = address, 0, {}, 0

    def read(self):
        """The events that are new."""
        log = control(self.address, "GET", "/log?since=%d" % self.next)
        self.next = log["next"]
        for event in log["events"]:
            self.permanent += event["event"] == "key" and not event["temporary"]
            if "connection" in event:
                self.connections.setdefault(event["connection"], Connection()).hear(event)
        return log["events"]

    def wait_for_one(self):
        """Until a key exchange begins that had not when this was called."""
        self.read()
        wait_for("a key exchange", lambda: any(e["event"] == "key_exchange" for e in self.read()))

    def ended(self):
        """When no connection is left: what of keys was under way on them, as (what, whether a key spoke there before)."""
        wait_for("the connections' end", lambda: not control(self.address, "GET", "/state")["connections"])
        self.read()
        found = {(c.at, c.renews) for c in self.connections.values() if c.at}
        self.connections.clear()
        return found
