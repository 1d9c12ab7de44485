"""Accounts that go while they are at work, requests that meet, and stops at the worst moment: each request is answered,
once, in its time, and the daemon still stops cleanly."""
import threading
import time

from remote import Remote
from lib import PATIENCE, Daemon, at_once, check, equal, expect, run, wait_for
from store import NODES, ONE_PROCESS


def in_background(function):
    """Runs FUNCTION on a thread; the list it returns holds the result once it is there."""
    result = []

    def call():
        try:
            result.append(function())
        except Exception as e:
            result.append(e)
    thread = threading.Thread(target=call)
    result.append(thread)
    thread.start()
    return result


def result_of(started):
    started[0].join(PATIENCE)
    check(len(started) == 2, "no answer came")
    if isinstance(started[1], Exception):
        raise started[1]
    return started[1]


def test_a_flood_wait_while_stale_calls_are_read_again_stops_nothing():
    with Daemon() as d:
        expect(d.create("@sandbox_group", if_exists="replace"), 201)
        d.fault(type="rpc_error", method="phone.getGroupCall", code=420, message="FLOOD_WAIT_300")
        d.fault(type="forget_session")
        # The next packet meets a new session: the calls are stale and read again.
        expect(d.method("help.getNearestDc"), 200)
        wait_for("the wait", lambda: d.get("/v1/accounts/sandbox", timeout=10).json["flood_waits"])
        # And once more, while the wait is known.
        d.fault(type="forget_session")
        expect(d.method("help.getNearestDc"), 200)
        expect(d.create("@sandbox_channel", if_exists="replace"), 201)


def in_log(d, text):
    return d.log().count(text)


def test_four_passwords_at_once_and_the_account_removed_while_one_is_worked_on(d):
    working = "account twice: the password is worked on"
    for _ in range(3):
        before = in_log(d, working)
        expect(d.post("/v1/accounts", {"name": "twice"}), 201)
        expect(d.post("/v1/accounts/twice/login", {"phone": "+15550002"}), 200)
        expect(d.post("/v1/accounts/twice/login/code", {"code": "12345"}), 200, state="wait_password")
        started = [in_background(lambda: d.post("/v1/accounts/twice/login/password", {"password": "wrong"}))
                   for _ in range(4)]
        wait_for("the work", lambda: in_log(d, working) > before)
        expect(d.request("DELETE", "/v1/accounts/twice"), 200)
        for s in started:
            check(result_of(s).status in (400, 404, 409), result_of(s))
    expect(d.get("/healthz"), 200)


def test_two_logins_of_one_account_at_once(d):
    expect(d.post("/v1/accounts", {"name": "both"}), 201)
    answers = at_once(4, lambda i: d.post("/v1/accounts/both/login", {"phone": "+1555000%d" % (1 + i % 3)}))
    for a in answers:
        check(a.status in (200, 400, 409, 502), a)
    check(200 in [a.status for a in answers], answers)
    at_once(4, lambda i: d.post("/v1/accounts/both/login/code", {"code": "12345"}))
    check(d.get("/v1/accounts/both").json["state"] in ("ready", "wait_code", "wait_password", "wait_login"))
    expect(d.request("DELETE", "/v1/accounts/both"), 200)


def test_an_account_is_removed_while_twenty_creates_wait(d):
    d.login("going", "+15550001")
    d.fault(type="delay", method="phone.createGroupCall", ms=1000, count=0)
    count = d.counting()
    creates = [in_background(lambda: d.post("/v1/calls", {"account": "going", "peer": "@sandbox_group", "if_exists": "replace"}))
               for _ in range(20)]
    wait_for("the first create", lambda: count("phone.createGroupCall"))
    expect(d.request("DELETE", "/v1/accounts/going"), 200)
    answers = [result_of(c) for c in creates]
    check({a.status for a in answers} == {201, 404} or {a.status for a in answers} == {404}, answers)
    # None is told to do something with an account that is gone.
    equal([a for a in answers if a.status == 404 and "going" in a.json["remedy"]], [])
    d.clear()
    expect(d.get("/v1/accounts/going"), 404, "not-found")


def test_who_comes_while_an_account_is_removed_is_not_told_to_log_in(d):
    seen = set()
    for _ in range(5):
        d.login("shut", "+15550001")
        gone = threading.Event()

        def create_until_gone():
            while not gone.is_set():
                a = d.post("/v1/calls", {"account": "shut", "peer": "@sandbox_group", "if_exists": "replace"})
                seen.add((a.status, a.problem()))
        creating = [threading.Thread(target=create_until_gone) for _ in range(8)]
        for t in creating:
            t.start()
        wait_for("a create", lambda: (201, "") in seen)
        expect(d.request("DELETE", "/v1/accounts/shut"), 200)
        gone.set()
        for t in creating:
            t.join()
    check(seen <= {(201, ""), (404, "not-found")}, seen)


def test_a_logout_during_creates_answers_all_of_them(d):
    d.login("leaving", "+15550001")
    d.fault(type="delay", method="phone.createGroupCall", ms=1000, count=0)
    count = d.counting()
    creates = [in_background(lambda i=i: d.post("/v1/calls", {"account": "leaving", "if_exists": "replace",
                                                              "peer": ("@sandbox_group", "@sandbox_channel")[i % 2]}))
               for i in range(20)]
    wait_for("the first create", lambda: count("phone.createGroupCall"))
    a, b = at_once(2, lambda i: d.post("/v1/accounts/leaving/logout"))
    check(200 in (a.status, b.status) and {a.status, b.status} <= {200, 409}, (a, b))
    statuses = {result_of(c).status for c in creates}
    check(409 in statuses and statuses <= {201, 409}, statuses)
    d.clear()
    expect(d.get("/v1/accounts/leaving"), 200, state="logged_out")
    expect(d.request("DELETE", "/v1/accounts/leaving"), 200)


def test_two_removals_of_one_account_at_once(d):
    d.login("once", "+15550003")
    statuses = [a.status for a in at_once(4, lambda i: d.request("DELETE", "/v1/accounts/once"))]
    check(200 in statuses and set(statuses) <= {200, 404}, statuses)
    expect(d.get("/v1/accounts/once"), 404, "not-found")


def test_an_account_is_removed_while_it_is_logged_out(d):
    d.login("out", "+15550003")
    d.fault(type="delay", method="auth.logOut", ms=500)
    count = d.counting()
    logout = in_background(lambda: d.post("/v1/accounts/out/logout"))
    wait_for("the logout at the server", lambda: count("auth.logOut"))
    expect(d.request("DELETE", "/v1/accounts/out"), 200, state="logged_out")
    expect(result_of(logout), 200, state="logged_out")
    equal(count("auth.logOut"), 1)
    expect(d.get("/v1/accounts/out"), 404, "not-found")


def test_an_account_that_is_removed_while_it_signs_in_leaves_no_login(d):
    expect(d.post("/v1/accounts", {"name": "entering"}), 201)
    expect(d.post("/v1/accounts/entering/login", {"phone": "+15550001"}), 200, state="wait_code")
    d.fault(type="delay", method="auth.signIn", ms=500)
    count = d.counting()
    entering = in_background(lambda: d.post("/v1/accounts/entering/login/code", {"code": "12345"}))
    wait_for("the code at the server", lambda: count("auth.signIn"))
    expect(d.request("DELETE", "/v1/accounts/entering"), 200, state="logged_out")
    expect(result_of(entering), 200, state="ready")
    equal(count("auth.logOut"), 1)


def test_many_accounts_are_removed_at_once(d):
    names = ["many%d" % i for i in range(200)]
    for a in at_once(50, lambda i: [d.post("/v1/accounts", {"name": n}) for n in names[i::50]]):
        check(all(x.status == 201 for x in a))
    # They come to the worker in few batches while it is held up by nothing.
    for a in at_once(100, lambda i: [d.request("DELETE", "/v1/accounts/" + n) for n in names[i::100]]):
        check(all(x.status == 200 for x in a))
    equal([a["name"] for a in d.get("/v1/accounts").json["accounts"]], ["sandbox"])


def test_edits_and_ends_of_a_call_while_it_is_replaced(d):
    call = expect(d.create("@sandbox_group", if_exists="replace"), 201).json["call"]["id"]
    d.fault(type="delay", method="phone.createGroupCall", ms=200)
    replace = in_background(lambda: d.create("@sandbox_group", title="newer", if_exists="replace"))
    answers = at_once(8, lambda i: d.request("DELETE" if i % 2 else "PATCH", "/v1/calls/" + call,
                                             None if i % 2 else {"title": "t%d" % i, "join_muted": bool(i & 2)}))
    for a in answers:
        check(a.status in (200, 400, 403, 404), a)
    expect(result_of(replace), 201)
    equal(expect(d.request("DELETE", "/v1/calls/" + call), 200).json["call"]["state"], "discarded")


def test_two_hundred_requests_of_all_kinds_at_once(d):
    call = expect(d.create("@sandbox_group", if_exists="replace"), 201).json["call"]["id"]
    kinds = (lambda: d.create("@sandbox_group", if_exists="replace"),
             lambda: d.create("@sandbox_channel"),
             lambda: d.create(5001, if_exists="fail"),
             lambda: d.get("/v1/calls?peer=@sandbox_group"),
             lambda: d.get("/v1/calls/" + call),
             lambda: d.request("PATCH", "/v1/calls/" + call, {"title": "x"}),
             lambda: d.request("DELETE", "/v1/calls/" + call),
             lambda: d.get("/v1/peers/@bobby"),
             lambda: d.method("users.getUsers", id=["me", "@bobby", "@nobody_at_all"]),
             lambda: d.get("/readyz"))
    answers = at_once(200, lambda i: kinds[i % len(kinds)]())
    for a in answers:
        check(a.status < 500, a)
    equal({a.status for a in answers[9::10]}, {200})
    check(201 in {a.status for a in answers[::10]}, answers[::10])


def busy_in_every_stage(d, account):
    """Requests that will not be answered: resolving, asking the chat, creating, in line for the chat, reading."""
    in_line = "waits for a create in the same chat"
    before = in_log(d, in_line)
    call = expect(d.post("/v1/calls", {"account": account, "peer": "@sandbox_group", "if_exists": "replace"}), 201)
    path = "/v1/calls/%s?account=%s" % (call.json["call"]["id"], account)
    for method in ("contacts.resolveUsername", "phone.createGroupCall", "phone.getGroupCall", "users.getUsers",
                   "phone.editGroupCallTitle", "phone.discardGroupCall", "messages.checkChatInvite"):
        d.fault(type="no_answer", method=method, count=0)
    count = d.counting()

    def create(peer):
        return d.post("/v1/calls", {"account": account, "peer": peer, "if_exists": "replace"})
    started = [in_background(f) for f in
               [lambda: create("@sandbox_group")] * 5 +
               [lambda: create("@sandbox_readonly"), lambda: create("t.me/+sandboxinvite"), lambda: d.get(path),
                lambda: d.request("PATCH", path, {"title": "x"}), lambda: d.request("DELETE", path),
                lambda: d.get("/v1/peers/me?account=" + account),
                lambda: d.method("users.getUsers", "?account=" + account, id=["@bobby", "@carol"]),
                lambda: d.get("/v1/calls?peer=@sandbox_stranger&account=" + account)]]
    wanted = {"contacts.resolveUsername": 3, "phone.createGroupCall": 1, "phone.getGroupCall": 1, "users.getUsers": 1,
              "phone.editGroupCallTitle": 1, "phone.discardGroupCall": 1, "messages.checkChatInvite": 1}
    wait_for("the requests", lambda: all(count(m) >= n for m, n in wanted.items()))
    wait_for("those in line for the chat", lambda: in_log(d, in_line) >= before + 4)
    return started


def test_an_account_is_removed_with_requests_in_every_stage(d):
    d.login("busy", "+15550001")
    started = busy_in_every_stage(d, "busy")
    expect(d.request("DELETE", "/v1/accounts/busy"), 200)
    for s in started:
        check(result_of(s).status in (404, 409), result_of(s))
    d.clear()


def test_a_key_that_is_lost_with_requests_in_every_stage(d):
    d.login("lost", "+15550001")
    started = busy_in_every_stage(d, "lost")
    d.fault(type="rpc_error", method="help.getNearestDc", code=401, message="AUTH_KEY_UNREGISTERED")
    expect(d.method("help.getNearestDc", "?account=lost"), 409, "account-not-ready")
    for s in started:
        expect(result_of(s), 409, "account-not-ready")
    d.clear()
    expect(d.get("/v1/accounts/lost"), 200, state="revoked")
    expect(d.request("DELETE", "/v1/accounts/lost"), 200)


def test_a_stop_that_cuts_a_logout_short_says_that_the_next_start_knows():
    if NODES > 1:
        return ONE_PROCESS  # all stop at once, and who was asked for another does not hear from it
    for verb, path in (("POST", "/v1/accounts/alice/logout"), ("DELETE", "/v1/accounts/alice")):
        with Daemon() as d:
            d.login("alice", "+15550001")
            d.fault(type="no_answer", method="auth.logOut", count=0)
            executed = d.counting()
            asked = in_background(lambda: d.request(verb, path))
            wait_for("the logout", lambda: executed("auth.logOut"))
            d.process.terminate()
            wait_for("the stop", lambda: "stopping" in d.log())
            equal(d.end(), 0)
            answer = expect(result_of(asked), 503, "stopping")
            check("when it runs again, read the account" in answer.json["remedy"], answer.json)
            check("at the next start" in d.log(), d.log())


def test_the_log_tells_no_secrets():
    with Daemon("--log-level", "debug") as d:
        d.login("bob", "+15550002", password="correct horse")
        d.post("/v1/calls", {"account": "bob", "peer": "@sandbox_group"})
        expect(d.post("/v1/accounts/bob/logout"), 200)
        d.end_cleanly()
        log = d.log()
    check("the password is worked on" in log, "this is no log of a login")
    for secret in ("12345", "correct horse", "15550002", d.token):
        check(secret not in log, "%r is in the log" % secret)


def slow_server(seconds):
    """A daemon with short times, whose data centre is told to be slow."""
    return Remote("[log]", "level = debug", "[server]", "request_timeout = %ds" % seconds, "shutdown_timeout = 1s")


def test_a_waiter_for_a_chat_is_answered_in_its_own_time():
    with slow_server(4) as r:
        d = r.daemon
        d.login("alice", "+15550001")
        expect(d.get("/v1/peers/@sandbox_channel"), 200)
        # The first to ask resolves its chat slowly; a later one, which knows it, has the chat by then and keeps it.
        d.fault(type="delay", method="messages.checkChatInvite", ms=3000)
        d.fault(type="no_answer", method="phone.createGroupCall", count=0)
        expect(d.get("/v1/peers/-5001"), 200)
        first = in_background(lambda: (d.create("t.me/+sandboxinvite", if_exists="replace"), time.monotonic()))
        # Only the clock makes the second's time end well after the first's.
        time.sleep(2)
        second = in_background(lambda: (d.create(-5001, if_exists="replace"), time.monotonic()))
        answers = [result_of(s) for s in (first, second)]
        for answer, _ in answers:
            expect(answer, 504, "telegram-timeout")
        # Not when the second's time was over.
        check(answers[1][1] - answers[0][1] > 0.5, answers)
        d.clear()
        expect(d.create(-5001, if_exists="replace"), 201)


def stop_in_the_middle(start, reached):
    """Stops the daemon once REACHED is true of what START began; every request is answered all the same, long before its
    time is over."""
    with slow_server(600) as r:
        d = r.daemon
        started = start(d)
        wait_for("the middle", lambda: reached(d))
        equal(d.end(), 0)
        for s in started:
            expect(result_of(s), 503, "stopping")


def test_a_stop_while_an_account_is_removed_and_others_work():
    if NODES > 1:
        return ONE_PROCESS  # all stop at once, and who was asked for another does not hear from it
    def start(d):
        for name in ("a", "b", "c"):
            d.login(name, "+15550001")
        d.fault(type="no_answer", method="auth.logOut", count=0)
        d.fault(type="no_answer", method="phone.createGroupCall", count=0)
        d.removed = in_background(lambda: d.request("DELETE", "/v1/accounts/a"))
        return [in_background(lambda n=n, p=p: d.post("/v1/calls", {"account": n, "peer": p, "if_exists": "replace"}))
                for n, p in (("b", "@sandbox_group"), ("c", "@sandbox_channel"))]

    stop_in_the_middle(start, lambda d: d.counts().get("phone.createGroupCall", 0) >= 2
                       and d.counts().get("auth.logOut"))


def test_a_stop_during_a_login():
    if NODES > 1:
        return ONE_PROCESS  # all stop at once, and who was asked for another does not hear from it
    def start(d):
        for name in ("late", "later"):
            expect(d.post("/v1/accounts", {"name": name}), 201)
        d.fault(type="no_answer", method="auth.sendCode", count=0)
        return [in_background(lambda n=n: d.post("/v1/accounts/%s/login" % n, {"phone": "+15550001"}))
                for n in ("late", "later")]

    stop_in_the_middle(start, lambda d: d.counts().get("auth.sendCode", 0) >= 2)


def test_a_stop_while_passwords_are_worked_on():
    if NODES > 1:
        return ONE_PROCESS  # all stop at once, and who was asked for another does not hear from it
    names = ["bob%d" % i for i in range(8)]

    def start(d):
        for name in names:
            expect(d.post("/v1/accounts", {"name": name}), 201)
            expect(d.post("/v1/accounts/%s/login" % name, {"phone": "+15550002"}), 200)
            expect(d.post("/v1/accounts/%s/login/code" % name, {"code": "12345"}), 200, state="wait_password")
        d.before = d.counts()["account.getPassword"]
        d.fault(type="no_answer", method="auth.checkPassword", count=0)
        return [in_background(lambda n=n: d.post("/v1/accounts/%s/login/password" % n, {"password": "wrong"})) for n in names]

    stop_in_the_middle(start, lambda d: d.counts()["account.getPassword"] >= d.before + 8)


def test_a_second_step_of_a_login_waits_its_turn(d):
    expect(d.post("/v1/accounts", {"name": "steps"}), 201)
    d.fault(type="delay", method="auth.sendCode", ms=4000)
    count = d.counting()
    first = in_background(lambda: d.post("/v1/accounts/steps/login", {"phone": "+15550003"}))
    wait_for("the first step at the server", lambda: count("auth.sendCode"))
    expect(d.post("/v1/accounts/steps/login", {"phone": "+15550001"}), 409, "account-not-ready")
    expect(result_of(first), 200, state="wait_code")
    expect(d.request("DELETE", "/v1/accounts/steps"), 200)


def test_a_stop_with_requests_in_every_stage():
    def start(d):
        d.login("alice", "+15550001")
        return busy_in_every_stage(d, "alice")

    stop_in_the_middle(start, lambda d: True)


if __name__ == "__main__":
    run(globals(), "--log-level", "debug")
