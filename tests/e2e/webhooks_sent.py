"""What webhooks deliver: each event, signed and in order, to whom it is for; receivers that refuse, behave badly or hang."""
import datetime
import os
import re

from events import new_call, rename
from lib import check, equal, expect, run, wait_for
from receiver import Receiver
from webhooks import forget, make, view


def newest(d):
    return expect(d.get("/v1/events?wait=0"), 200).json["next"]


def log(d, after, query=""):
    """The events behind AFTER, as the event log has them."""
    found = []
    while True:
        page = expect(d.get("/v1/events?wait=0&after=%d%s" % (after, query)), 200).json
        found += page["events"]
        if not page["events"]:
            return found
        after = page["next"]


def titled(title):
    """Whether the last of what was delivered tells that title."""
    def is_there(got):
        return any(g.type == "call" and g.data.get("call", {}).get("title") == title for g in got)
    return is_there


def tries(d, name, query=""):
    return expect(d.get("/v1/webhooks/%s/deliveries%s" % (name, query)), 200).json["deliveries"]


def numbered(got):
    """Those that are events of the log, without a repeat of one that was sent before; in order, or the test fails."""
    ids = [int(g.id) for g in got if g.id.isdigit()]
    first = [i for n, i in enumerate(ids) if i not in ids[:n]]
    equal(first, sorted(first))
    return [next(g for g in got if g.id == str(i)) for i in first]


def test_each_event_is_delivered_in_order_and_signed(d):
    with Receiver() as r:
        before = newest(d)
        secret = make(d, r, "all")["secret"]
        after = newest(d)
        call = new_call(d)
        for i in range(30):
            rename(d, call, "title %d" % i)
        # Whatever else happens comes before the last of them, or is not looked for.
        got = r.until(titled("title 29"))
        events = [e for e in log(d, after) if e["id"] <= int(got[-1].id)]
        told = [g for g in numbered(got) if int(g.id) > after]
        equal([(int(g.id), g.type, g.data) for g in told], [(e["id"], e["event"], e["data"]) for e in events])
        for g in got:
            check(int(g.id) > before and g.is_signed_by(secret) and len(g.signatures) == 1, g)
            equal((g.headers["content-type"].partition(";")[0], g.path), ("application/json", "/hook"))
            at = datetime.datetime.fromisoformat(g.json["timestamp"].replace("Z", "+00:00")).timestamp()
            check(abs(at - g.data["received_at"]) < 2, g)
        wait_for("the end of what waits", lambda: view(d, "all")["pending"] == 0)
        seen = view(d, "all")
        equal((seen["last"]["status"], "oldest_pending_at" in seen), (204, False))
        forget(d, "all")


def test_types_and_an_account_choose(d):
    d.login("other", "+15550003")
    with Receiver() as calls, Receiver() as accounts, Receiver() as both:
        make(d, calls, "calls", types=["call"])
        make(d, accounts, "other", account="other")
        make(d, both, "both")
        after = newest(d)
        call = new_call(d)
        rename(d, call, "chosen")
        expect(d.post("/v1/accounts/other/logout"), 200)
        rename(d, call, "chosen at last")
        last = int(calls.until(titled("chosen at last"))[-1].id)
        both.until(titled("chosen at last"))

        # Between the last of them that was made and the last that was done.
        def ids(got, fits=lambda g: True):
            return [int(g.id) for g in got if fits(g) and after < int(g.id) <= last]
        equal({g.type for g in calls.got}, {"call"})
        equal(ids(calls.got), ids(both.got, lambda g: g.type == "call"))
        of_other = ids(both.got, lambda g: g.data.get("account") == "other")
        check(of_other, "nothing of the other")
        accounts.until(lambda got: len(ids(got)) >= len(of_other))
        equal(ids(accounts.got), of_other)
        forget(d, "calls", "other", "both")
    expect(d.request("DELETE", "/v1/accounts/other"), 200)


def test_a_test_event_goes_to_one_alone_and_stands_among_the_deliveries(d):
    with Receiver() as r, Receiver() as other:
        secret = make(d, r, "tested", types=["call"])["secret"]
        make(d, other, "untested")
        id_ = expect(d.post("/v1/webhooks/tested/test"), 202).json["id"]
        got = r.until(lambda got: any(g.type == "webhook.test" for g in got))[-1]
        equal((got.id, got.is_signed_by(secret)), (id_, True))
        row = wait_for("its row", lambda: [t for t in tries(d, "tested") if t["id"] == id_])[0]
        equal((row["try"], row["status"], row["state"]), (1, 204, "delivered"))
        check(all(g.type != "webhook.test" for g in other.got), other.got)
        forget(d, "tested", "untested")


def test_what_is_refused_is_tried_again_and_nobody_else_waits(d):
    with Receiver(500) as r, Receiver() as well:
        make(d, r, "fails", types=["call"])
        make(d, well, "well", types=["call"])
        call = new_call(d)
        rename(d, call, "held up")
        well.until(titled("held up"))
        r.until(len)
        wait_for("the answer", lambda: tries(d, "fails"))
        seen = view(d, "fails")
        check(seen["pending"] >= 2 and seen["oldest_pending_at"] and seen["last"]["status"] == 500, seen)
        equal(tries(d, "fails")[-1]["state"], "retried")
        equal(tries(d, "fails", "?state=delivered"), [])
        r.answer = 204
        got = r.until(titled("held up"))
        equal([g.id for g in numbered(got)], [g.id for g in numbered(well.got)])
        equal(got[0].id, got[1].id)
        wait_for("the end of what waits", lambda: view(d, "fails")["pending"] == 0)
        rows = wait_for("the last try's row", lambda: (lambda t: t if t[0]["id"] == got[-1].id else None)(tries(d, "fails")))
        equal([(t["try"], t["state"]) for t in reversed(rows)][:2], [(1, "retried"), (2, "delivered")])
        page = expect(d.get("/v1/webhooks/fails/deliveries?limit=1"), 200).json
        rest = expect(d.get("/v1/webhooks/fails/deliveries?cursor=" + page["next_cursor"]), 200).json
        equal(page["deliveries"] + rest["deliveries"], rows)
        forget(d, "fails", "well")


def test_410_disables_and_resume_goes_on(d):
    with Receiver(410) as r:
        make(d, r, "gone", types=["call"])
        call = new_call(d)
        seen = wait_for("its end", lambda: view(d, "gone")["state"] == "disabled" and view(d, "gone"))
        check("410" in seen["reason"], seen)
        rename(d, call, "waits")
        equal(len(r.got), 1)
        r.answer = 204
        equal(expect(d.request("PATCH", "/v1/webhooks/gone", {"paused": False}), 200).json["state"], "active")
        r.until(titled("waits"))
        numbered(r.got)
        forget(d, "gone")


def test_who_is_paused_gets_it_later(d):
    with Receiver() as r:
        make(d, r, "paused", types=["call"])
        equal(expect(d.request("PATCH", "/v1/webhooks/paused", {"paused": True}), 200).json["state"], "paused")
        after = newest(d)
        call = new_call(d)
        rename(d, call, "kept for later")
        events = wait_for("the log", lambda: (lambda e: e if any(x["data"].get("call", {}).get("title") == "kept for later" for x in e) else None)(log(d, after, "&types=call")))
        wait_for("what waits", lambda: view(d, "paused")["pending"] >= len(events))
        equal(r.got, [])
        equal(expect(d.request("PATCH", "/v1/webhooks/paused", {"paused": False}), 200).json["state"], "active")
        got = r.until(titled("kept for later"))
        equal([int(g.id) for g in got], [e["id"] for e in events])
        forget(d, "paused")


def test_readmes_receiver_verifies_and_refuses(d):
    with open(os.path.join(os.environ["TGCALLD_SRCDIR"], "README.md")) as f:
        code = re.search(r"^```python\n(.*?)^```$", f.read(), re.M | re.S)[1]
    said = {}
    exec(code, said)
    with Receiver() as r:
        secret = make(d, r, "recipe")["secret"]
        expect(d.post("/v1/webhooks/recipe/test"), 202)
        got = r.until(len)[0]
        check(said["verify"](secret, got.headers, got.body))
        check(not said["verify"](secret, got.headers, got.body + b" "))
        check(not said["verify"](secret, {**got.headers, "webhook-timestamp": str(int(got.timestamp) - 301)}, got.body))
        forget(d, "recipe")


def test_all_secrets_of_a_day_sign_after_rotations(d):
    with Receiver() as r:
        old = make(d, r, "turned")["secret"]
        new = expect(d.post("/v1/webhooks/turned/rotate"), 200).json["secret"]
        expect(d.post("/v1/webhooks/turned/test"), 202)
        got = r.until(lambda got: any(g.type == "webhook.test" for g in got))[-1]
        equal((len(got.signatures), got.is_signed_by(old), got.is_signed_by(new)), (2, True, True))
        newest, n = expect(d.post("/v1/webhooks/turned/rotate"), 200).json["secret"], len(r.got)
        expect(d.post("/v1/webhooks/turned/test"), 202)
        got = r.until(lambda got: any(g.type == "webhook.test" for g in got[n:]))[-1]
        equal((len(got.signatures), *map(got.is_signed_by, (old, new, newest))), (3, True, True, True))
        forget(d, "turned")


def test_a_replay_has_what_came_a_moment_ago(d):
    with Receiver() as r:
        make(d, r, "moment", types=["call"])
        call = new_call(d)
        for i in range(10):
            rename(d, call, "moment %d" % i)
            n = len(r.until(titled("moment %d" % i)))
            last = r.got[n - 1]
            expect(d.post("/v1/webhooks/moment/replay", {"after": int(last.id) - 1}), 202, events=1)
            equal([g.id for g in r.until(lambda got, n=n: len(got) > n)[n:]], [last.id])
        forget(d, "moment")


def test_what_was_delivered_is_sent_again_by_the_same_id(d):
    with Receiver() as r:
        make(d, r, "again", types=["call"])
        call = new_call(d)
        rename(d, call, "once more")
        got = r.until(titled("once more"))
        wait_for("the end of what waits", lambda: view(d, "again")["pending"] == 0)
        wait_for("the rows", lambda: tries(d, "again")[:1] and tries(d, "again")[0]["id"] == got[-1].id)
        equal(expect(d.post("/v1/webhooks/again/replay", {"failed": True}), 202).json["events"], 0)
        after = int(got[0].id)
        n = expect(d.post("/v1/webhooks/again/replay", {"after": after, "until": int(got[-1].id)}), 202).json["events"]
        equal(n, len(got) - 1)
        whole = r.until(lambda g: len(g) >= len(got) + n)
        equal([(g.id, g.data) for g in whole[len(got):]], [(g.id, g.data) for g in got[1:]])
        forget(d, "again")


# --- receivers that behave badly ---

def redirect(where):
    return lambda h, _: h.say(307, Location=where)


BAD = (
    ("redirects", lambda r: redirect(r.url.replace("/hook", "/elsewhere")), ["status", 307]),
    ("says a wrong length", lambda r: lambda h, _: h.raw(b"HTTP/1.1 500 Oh\r\nContent-Length: 99999\r\n\r\nshort"), None),
    ("speaks no HTTP", lambda r: lambda h, _: h.raw(b"\x00\x01\x02" * 100), ["error", None]),
    ("says nothing", lambda r: lambda h, _: h.raw(b""), ["error", None]),
    ("has endless headers", lambda r: lambda h, _: h.raw(b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 100000), ["error", None]),
)


def test_a_bad_receiver_is_told_of(d):
    for i, (what, answer, want) in enumerate(BAD):
        with Receiver() as r:
            r.answer = answer(r)
            name = "bad-%d" % i
            make(d, r, name, types=["job"])
            expect(d.post("/v1/webhooks/%s/test" % name), 202)
            row = wait_for(what, lambda name=name: tries(d, name))[-1]
            equal((what, row["state"]), (what, "failed"))
            if want:
                check(row.get(want[0]) == want[1] if want[1] else row.get(want[0]), "%s: %r" % (what, row))
            equal([g.path for g in r.got] + r.strays, ["/hook"] * len(r.got))
            forget(d, name)


def test_a_body_without_end_is_cut_and_counts(d):
    def endless(h, _):
        try:
            h.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            for _i in range(10000):
                h.wfile.write(b"x" * 65536)
        except OSError:
            pass
    with Receiver(endless) as r:
        make(d, r, "endless", types=["job"])
        expect(d.post("/v1/webhooks/endless/test"), 202)
        row = wait_for("the try", lambda: tries(d, "endless"))[-1]
        equal((row["state"], row["status"]), ("delivered", 200))
        forget(d, "endless")


def test_one_that_hangs_holds_up_nobody(d):
    with Receiver() as hanging, Receiver() as well:
        hanging.answer = hanging.hang
        make(d, hanging, "hangs", types=["call"])
        make(d, well, "well", types=["call"])
        call = new_call(d)
        hanging.until(len)
        for i in range(20):
            rename(d, call, "past it %d" % i)
        well.until(titled("past it 19"))
        equal(len(hanging.got), 1)
        forget(d, "hangs", "well")


if __name__ == "__main__":
    run(globals())
