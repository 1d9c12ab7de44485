"""How long small requests take beside large answers. The daemon and the small callers have one processor, the sandbox and those
who ask for what is large the other, where there is one: nothing but the daemon comes between."""
import json
import threading

import machine
from flat_rows import Row
from load import wrk
from processes import say

SMALL, ASKERS = 16, 2
EACH = 32  # bytes of JSON for one userEmpty
METHOD = "contacts.resolveUsername"
SIZES = [1 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20]


class Large(Row):
    """Small requests, which need no Telegram, beside answers of SIZE bytes of a raw method, or those of PATH, or none."""

    def __init__(self, name, bench, size=0, path=None):
        super().__init__(name, bench, callers=SMALL)
        self.size, self.path = size, path

    def start(self):
        super().start()
        machine.pin_elsewhere(self.sandbox.pid)
        self.rounds, self.asked = [], {}
        if self.size:
            body = {"username": "sandbox_channel"}
            self.sandbox.control("/fault", {"type": "large", "method": METHOD, "n": max(1, self.size // EACH), "count": 0})
            self.asked = {"post": "/v1/methods/" + METHOD, "body": json.dumps(body)}
            self.bytes = len(self.daemon.post(self.asked["post"], body))
        elif self.path:
            self.asked = {"get": self.path}
            self.bytes = len(self.daemon.get(self.path))

    def ask(self, seconds, ret):
        machine.pin_elsewhere()
        ret.update(wrk(self.daemon.url, self.daemon.token, ASKERS, seconds, **self.asked))

    def load(self, callers, seconds):
        return wrk(self.daemon.url, self.daemon.token, callers, seconds, get="/v1/accounts/bench")

    def measure(self, callers, seconds):
        large = {}
        asking = threading.Thread(target=self.ask, args=(seconds, large))
        if self.asked:
            asking.start()
        got = self.run(callers, seconds)
        if self.asked:
            asking.join()
            if large.get("failed", 1):
                say("%s: %d failed" % (self.name, large.get("failed", 0)))
        self.rounds.append((got["p99_us"], got, large))

    def shown(self):
        """The median by p99."""
        _, got, large = sorted(self.rounds, key=lambda r: r[0])[len(self.rounds) // 2]
        return [self.name, *("%.0f" % (large["requests"] / large["seconds"]) if large else "",
                             "%.0f" % (self.bytes / 1024) if large else ""),
                "%.0f" % (got["requests"] / got["seconds"]), got["p50_us"], got["p99_us"], got["max_us"]]


def large(bench):
    return [Large("nothing", bench), Large("/openapi.json", bench, path="/openapi.json"),
            *(Large("answers of %d KB" % (size >> 10), bench, size=size) for size in SIZES)]
