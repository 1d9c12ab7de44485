"""Several workers: each account lives on one of them, and what is about all of them is gathered from all."""
from remote import Remote
from lib import at_once, check, control, equal, expect, run, sanitized

NAMES = ["a%02d" % i for i in range(12)]


def several(*more):
    return Remote("[server]", "workers = 4", *more, sandbox=("--chats", str(len(NAMES))))


def test_accounts_of_all_workers_are_listed_in_order_and_answer_by_their_names():
    with several() as r:
        d = r.daemon
        expect(d.get("/readyz"), 503, "no-account")
        for name in NAMES:
            expect(d.post("/v1/accounts", {"name": name}), 201)
        expect(d.post("/v1/accounts", {"name": NAMES[5]}), 409, "exists")
        equal([a["name"] for a in d.get("/v1/accounts").json["accounts"]], NAMES)
        for name in NAMES:
            equal(d.get("/v1/accounts/" + name).json["name"], name)
        for name in NAMES[::2]:
            expect(d.request("DELETE", "/v1/accounts/" + name), 200)
        equal([a["name"] for a in d.get("/v1/accounts").json["accounts"]], NAMES[1::2])
        expect(d.get("/v1/accounts/" + NAMES[0]), 404, "not-found")


def test_calls_of_all_workers_are_created_at_once_and_listed_in_pages():
    with several() as r:
        d = r.daemon
        at_once(len(NAMES), lambda i: d.login(NAMES[i], "+15550001"))
        equal(d.get("/readyz").json["accounts_ready"], len(NAMES))
        expect(d.create("@sandbox_load_1"), 422, "account-required")
        made = at_once(len(NAMES), lambda i: [expect(d.create("@sandbox_load_%d" % (i + 1), account=NAMES[i], title="%d" % n,
                                                              if_exists="replace"), 201).json["call"] for n in range(3)])
        # Updates tell the other accounts of Alice of them too: those that an account made are its own.
        whole = d.get("/v1/calls?limit=1000").json["calls"]
        equal([c["account"] for c in whole], sorted(c["account"] for c in whole))
        for name, calls in zip(NAMES, made):
            of_account = [c["id"] for c in d.get("/v1/calls?limit=1000&account=" + name).json["calls"]]
            equal([c["id"] for c in whole if c["account"] == name], of_account)
            check(all(c["id"] in of_account for c in calls))
            # Without a name a call is its creator's.
            equal(d.get("/v1/calls/" + calls[-1]["id"]).json["call"]["account"], name)
        paged, cursor = [], ""
        while True:
            page = d.get("/v1/calls?limit=7" + cursor).json
            check(len(page["calls"]) == 7 or "next_cursor" not in page)
            paged += page["calls"]
            if "next_cursor" not in page:
                break
            cursor = "&cursor=" + page["next_cursor"]
        equal([(c["account"], c["id"]) for c in paged], [(c["account"], c["id"]) for c in whole])


def test_two_accounts_of_two_workers_make_one_call_in_a_chat():
    with several() as r:
        d = r.daemon
        # Nobody is told of what another does.
        control(r.ready["control"], "POST", "/opts", {"volunteer": False})
        at_once(2, lambda i: d.login(NAMES[i], "+15550001"))
        for n in range(20):
            chat = "@sandbox_load_%d" % (n % len(NAMES) + 1)
            for c in d.sandbox_calls():
                if c["state"] != "discarded":
                    expect(d.request("DELETE", "/v1/calls/" + c["id"] + "?account=" + NAMES[n % 2]), 200)
            answers = at_once(2, lambda i: d.create(chat, account=NAMES[i]))
            equal(sorted(a.status for a in answers), [200, 201])
            equal(len({a.json["call"]["id"] for a in answers}), 1)
            # And the one that had the chat before knows of what the other did.
            made = expect(d.create(chat, account=NAMES[n % 2], if_exists="replace"), 201).json["call"]["id"]
            equal(expect(d.create(chat, account=NAMES[1 - n % 2]), 200).json["call"]["id"], made)
            expect(d.request("DELETE", "/v1/calls/%s?account=%s" % (made, NAMES[n % 2])), 200)
            expect(d.create(chat, account=NAMES[1 - n % 2]), 201)


def test_a_call_that_a_method_ended_or_may_have_is_not_handed_out_by_another_account():
    with several("request_timeout = %ds" % (8 if sanitized() else 3)) as r:
        d = r.daemon
        control(r.ready["control"], "POST", "/opts", {"volunteer": False})
        at_once(2, lambda i: d.login(NAMES[i], "+15550001"))
        for silent in (False, True):
            made = expect(d.create("@sandbox_load_1", account=NAMES[0]), 201).json["call"]
            equal(expect(d.create("@sandbox_load_1", account=NAMES[1]), 200).json["call"]["id"], made["id"])
            if silent:
                d.fault(type="no_answer", method="phone.discardGroupCall")
            expect(d.method("phone.discardGroupCall", "?account=" + NAMES[0], call={
                "_": "inputGroupCall", "id": made["id"], "access_hash": made["access_hash"]}), 504 if silent else 200)
            again = expect(d.create("@sandbox_load_1", account=NAMES[1]), 201).json["call"]
            expect(d.request("DELETE", "/v1/calls/%s?account=%s" % (again["id"], NAMES[1])), 200)


def test_a_token_that_is_bound_sees_the_same_with_any_number_of_workers():
    with several() as r:
        d = r.daemon
        for name in NAMES[:3]:
            d.login(name, "+15550001")
        expect(d.request("DELETE", "/v1/accounts/" + NAMES[0]), 200)
        expect(d.post("/v1/accounts/%s/logout" % NAMES[1]), 200)
        # One is ready: it is meant, wherever it lives.
        equal(expect(d.create("@sandbox_load_1"), 201).json["call"]["account"], NAMES[2])


if __name__ == "__main__":
    run(globals())
