"""The description, walked: each operation of api/openapi.json is called as its examples say and refuses what it says that it
refuses, and each status that it names is met, or stands here with who meets it. Every answer is held to it on the way (lib.py).

With TGCALLD_WRITE_EXAMPLES=1 the answers become the examples that the document lacks, to be read before they are committed."""
import json
import os
import time
from urllib.parse import quote, urlencode

from lib import check, description, expect, run, wait_for

LAYER = int(os.environ.get("TGCALLD_TEST_LAYER", "229"))
DOCUMENT = description.document
OPERATIONS = {o["operationId"]: (verb.upper(), path, o) for path, item in DOCUMENT["paths"].items()
              for verb, o in item.items() if isinstance(o, dict)}

# Who meets a status that no single request can bring about; and, of one operation, why it does not meet it.
ELSEWHERE = {
    "202": "tests/e2e/once.py", "408": "tests/unit/api/test_http_slow.c", "500": "a fault of the daemon's own", "503": "tests/e2e/stop.py, tests/e2e/scarce.py",
    "504": "tests/e2e/fate.py, tests/unit/program/test_relay.c", "505": "tests/unit/api/test_http_wire.c", "501": "tests/e2e/openapi_138.py, or a member of what is to come",
}
LOGIN = {"429": "tests/e2e/baddays.py", "502": "tests/e2e/accounts.py"}
NOT_ANY = {
    ("openapi", "404"): "where no document is installed",
    ("asyncapi", "404"): "the same",
    ("dashboard", "404"): "where it is not installed",
    ("editAccount", "409"): "while its account is being removed",
    ("deleteAccount", "409"): "the same",
    ("revokeToken", "409"): "the last one with the scope admin",
    **{(name, status): "tests/e2e/schedules.py" for name in ("deleteSchedule", "skipOccurrence") for status in ("409", "429", "502", "504")},
    ("editSchedule", "409"): "tests/e2e/schedules.py",
    **{(name, status): where for status, where in LOGIN.items() for name in OPERATIONS
       if name.startswith("login") or name in ("createAccount", "deleteAccount", "exportAccount", "logout")},
}
# By which of Telegram's methods an operation is refused at will; all others ask it nothing, or not at once.
METHODS = {
    "createCall": "phone.createGroupCall", "getCall": "phone.getGroupCall", "editCall": "phone.editGroupCallTitle",
    "discardCall": "phone.discardGroupCall", "startCall": "phone.startScheduledGroupCall",
    "inviteToCall": "phone.inviteToGroupCall", "linkToCall": "phone.exportGroupCallInvite",
    "listParticipants": "phone.getGroupParticipants", "editParticipant": "phone.editGroupCallParticipant",
    "startRecording": "phone.toggleGroupCallRecord", "stopRecording": "phone.toggleGroupCallRecord",
    "subscribeToStart": "phone.toggleGroupCallStartSubscription", "unsubscribeFromStart": "phone.toggleGroupCallStartSubscription",
    "joinCall": "phone.joinGroupCall", "leaveCall": "phone.leaveGroupCall", "checkCall": "phone.checkGroupCall",
    "sendMessage": "phone.sendGroupCallMessage", "deleteMessages": "phone.deleteGroupCallMessages",
    "listJoinAs": "phone.getGroupCallJoinAs", "saveJoinAs": "phone.saveDefaultGroupCallJoinAs",
    "readRtmp": "phone.getGroupCallStreamRtmpUrl", "invokeMethod": "help.getConfig", "getPeer": "contacts.resolveUsername",
    "createSchedule": "contacts.resolveUsername", "editSchedule": "contacts.resolveUsername",
    "preflight": "contacts.resolveUsername", "listCalls": "contacts.resolveUsername",
    **dict.fromkeys(("keepLive", "getLive", "endLive"), "contacts.resolveUsername"),
}
# These are refused while nobody knows yet who is meant.
BY_A_STRANGERS_NAME = ("getPeer", "preflight", "keepLive", "getLive", "endLive")
# Of what asks Telegram nothing only the rate of a token is too high.
NOT_ANY.update({(name, "429"): "tests/e2e/limits.py" for name in OPERATIONS if name not in METHODS})
REFUSALS = ((500, "AUTH_RESTART", 502, "telegram-unavailable"), (406, "NOT_LIKE_THIS", 409, "telegram-refused"),
            (420, "FLOOD_WAIT_900", 429, "flood-wait"))
# A page in place of a stream, which has no end.
ALWAYS = {"events": {"wait": 1}}
NEWER = {"sendMessage", "deleteMessages", "readRtmp"}
NEWER_LOGIN = {"loginEmail", "loginEmailCode"}

met = {name: set() for name in OPERATIONS}
shown, problems = {}, {}


def body_of(name):
    return OPERATIONS[name][2].get("requestBody", {}).get("content", {}).get("application/json")


def example(name):
    body = body_of(name)
    return body.get("example") if body else None


def parameters(name, where):
    found = (description.resolve(p) for p in OPERATIONS[name][2].get("parameters", ()))
    return {p["name"]: p for p in found if p["in"] == where}


def target(name, path=None, query=None):
    text = OPERATIONS[name][1]
    for parameter, p in parameters(name, "path").items():
        text = text.replace("{%s}" % parameter, quote(str((path or {}).get(parameter, p.get("example"))), safe=""))
    return text + ("?" + urlencode(query) if query else "")


def call(d, name, path=None, query=None, body=None, **more):
    if body is None and body_of(name) and "headers" not in more:
        body = example(name)
    a = d.request(OPERATIONS[name][0], target(name, path, {**ALWAYS.get(name, {}), **(query or {})}), body, **more)
    met[name].add(str(a.status))
    if a.status >= 400:
        problems.setdefault(str(a.status), a.json)
    return a


def good(d, name, path=None, query=None, body=None, status=None, **more):
    """An answer that is not a refusal; the first is what the operation's example is made of."""
    if name in NEWER and LAYER < 200:
        return expect(call(d, name, path, query, body, **more), 501, "not-in-layer")
    a = call(d, name, path, query, body, **more)
    check(200 <= a.status < 300 and (not status or a.status == status), a)
    shown.setdefault((name, str(a.status)), a.json)
    return a


# --- what each is good for ---

def test_schedules_are_made_changed_and_forgotten(d):
    good(d, "createSchedule", status=201)
    expect(call(d, "createSchedule"), 409, "exists")
    good(d, "listSchedules", query={"account": "sandbox", "limit": 10})
    good(d, "getSchedule")
    good(d, "editSchedule")
    good(d, "skipOccurrence", body={})
    good(d, "deleteSchedule", query={"end": "true"}, status=204)


def test_calls_are_made_looked_at_and_ended(d):
    by = {"account": "sandbox"}
    made = good(d, "createCall", status=201).json["call"]
    good(d, "createCall", status=200)
    at = {"id": made["id"]}
    good(d, "listCalls", query={**by, "peer": "@sandbox_channel", "state": "active", "limit": 10})
    good(d, "getCall", at, {**by, "limit": 10})
    good(d, "editCall", at, by)
    good(d, "linkToCall", at, by)
    good(d, "joinCall", at, by)
    good(d, "listParticipants", at, {**by, "limit": 10})
    good(d, "editParticipant", {**at, "peer": "me"}, by)
    good(d, "checkCall", at, by)
    good(d, "startRecording", at, by)
    good(d, "stopRecording", at, by)
    d.request("PATCH", "/v1/calls/" + made["id"], {"messages_enabled": True})
    said = good(d, "sendMessage", at, by).json
    ids = [u["message"]["id"] for u in said.get("updates", {}).get("updates", ())] or [1]
    good(d, "deleteMessages", at, by, {"ids": ids})
    good(d, "leaveCall", at, by)
    good(d, "discardCall", at, by)
    good(d, "getCall", at, by)
    scheduled = expect(d.create("@sandbox_group", if_exists="replace", schedule_date=int(time.time()) + 3600), 201).json["call"]
    at = {"id": scheduled["id"]}
    good(d, "subscribeToStart", at, by)
    good(d, "unsubscribeFromStart", at, by)
    good(d, "startCall", at, by)
    good(d, "inviteToCall", at, by)
    listed = expect(d.get("/v1/calls?limit=1"), 200).json
    good(d, "listCalls", query={"cursor": listed["next_cursor"]})


def test_chats_and_methods_are_asked(d):
    by = {"account": "sandbox"}
    for name in ("getPeer", "listJoinAs", "saveJoinAs", "preflight"):
        good(d, name, query=by)
    good(d, "readRtmp", {"peer": "@sandbox_channel"}, by)
    good(d, "invokeMethod", query=by)


def test_a_chat_is_kept_live_and_no_longer(d):
    by = {"account": "sandbox"}
    good(d, "keepLive", query=by, status=201)
    good(d, "keepLive", query=by, body={"account": "sandbox", "title": "T", "rtmp_stream": False, "max_per_hour": 60, "rotate_key": False}, status=200)
    good(d, "getLive", query=by)
    good(d, "listLive", query=by)
    good(d, "endLive", query=by, status=204)
    expect(call(d, "getLive", query=by), 404, "not-found")


def test_accounts_come_log_in_and_go(d):
    name = good(d, "createAccount", status=201).json["name"]
    at = {"name": name}
    expect(call(d, "createAccount"), 409, "exists")
    good(d, "listAccounts")
    good(d, "getAccount", at)
    good(d, "editAccount", at)
    expect(d.request("PATCH", "/v1/accounts/" + name, {"proxy": "none"}), 200)
    good(d, "login", at, body={"qr": True})
    good(d, "loginQr", at)
    good(d, "loginCancel", at)
    d.sandbox("POST", "/opts", {"code_timeout_s": 1})
    good(d, "login", at)
    expect(call(d, "loginResend", at), 429, "flood-wait")
    wait_for("the time of the next code", lambda: call(d, "loginResend", at).status == 200)
    d.sandbox("POST", "/opts", {"code_timeout_s": 60})
    good(d, "loginCode", at)
    good(d, "loginPassword", at)
    expect(call(d, "login", at), 409, "exists")
    expect(call(d, "loginCancel", at), 409, "account-not-ready")
    good(d, "exportAccount", at)
    good(d, "logout", at)
    good(d, "login", at, body={"phone": "+15551299"})
    good(d, "loginCode", at)
    good(d, "loginRegistration", at)
    good(d, "deleteAccount", at)
    if LAYER < 200:
        return
    d.sandbox("POST", "/opts", {"email_login": "set_up"})
    expect(d.post("/v1/accounts", at), 201)
    expect(d.post("/v1/accounts/%s/login" % name, {"phone": "+15550003"}), 200, state="wait_email")
    good(d, "loginEmail", at)
    good(d, "loginEmailCode", at)
    d.sandbox("POST", "/opts", {"email_login": ""})
    expect(d.request("DELETE", "/v1/accounts/" + name), 200)


def test_requests_go_on_as_jobs(d):
    d.fault(type="rpc_error", method="help.getNearestDc", code=420, message="FLOOD_WAIT_600")
    a = d.request("POST", "/v1/methods/help.getNearestDc?account=sandbox", {}, {"Prefer": "respond-async"})
    at = {"id": expect(a, 202).json["id"]}
    wait_for("the wait", lambda: good(d, "getJob", at).json["state"] == "waiting")
    good(d, "listJobs", query={"state": "waiting", "limit": 5})
    good(d, "cancelJob", at)
    expect(call(d, "cancelJob", {"id": "1"}), 404, "not-found")
    done = expect(d.request("POST", "/v1/calls/1/leave?account=sandbox", {"source": 1}, {"Prefer": "respond-async"}), 202)
    wait_for("its end", lambda: good(d, "getJob", done.json).json["state"] == "failed")
    expect(call(d, "cancelJob", done.json), 409, "job-already-sent")


def test_the_dashboard_is_there_and_not_sent_twice(d):
    for name in ("dashboard", "dashboardFile"):
        tag = good(d, name, token=False).headers["etag"]
        check(not expect(call(d, name, headers={"If-None-Match": tag}), 304).raw)
        expect(call(d, name, headers={"If-None-Match": '"older"'}), 200)


def test_tokens_and_operation(d):
    made = good(d, "createToken", status=201).json
    good(d, "listTokens")
    good(d, "listAudit", query={"since": 1, "token": made["name"]})
    expect(call(d, "createToken"), 409, "exists")
    good(d, "revokeToken", {"token": made["name"]}, status=204)
    hook = {"webhook": good(d, "createWebhook", status=201).json["name"]}
    expect(call(d, "createWebhook"), 409, "exists")
    good(d, "listWebhooks")
    good(d, "getWebhook", hook)
    good(d, "editWebhook", hook)
    good(d, "testWebhook", hook)
    wait_for("its try", lambda: good(d, "listDeliveries", hook, {"limit": 10}).json["deliveries"])
    good(d, "replayWebhook", hook)
    good(d, "rotateWebhook", hook)
    good(d, "deleteWebhook", hook, status=204)
    for name in ("health", "ready", "version", "metrics", "openapi", "asyncapi"):
        good(d, name)
    good(d, "events", query={"after": 0})
    good(d, "ready", query={"account": "sandbox"})
    expect(call(d, "ready", query={"account": "sandbox"}, token=False), 401, "unauthorized")


# --- what each refuses ---

def probes(of_query):
    yield from ("", "x", "no name", "-1", "0", "9" * 30, "%", "x" * 1500)
    if not of_query:
        yield from ("x" * 70000, 7, -1, 10**12, True, [], {}, [7] * 2000, ["x"], {"_": 1}, {"x": 1})


def refused_values(schema, of_query=False):
    """What the description says is no value of it."""
    for value in probes(of_query):
        judged = int(value) if of_query and schema.get("type") == "integer" and value.lstrip("-").isdigit() else value
        if list(description.faults(judged, schema)):
            yield value


def expect_pointed(a, pointer, name):
    expect(a, 422, "invalid-request")
    check(pointer in [e["pointer"].split("/")[1] for e in a.json["errors"]], "%s: %s in %r" % (name, pointer, a))


def test_each_bad_value_of_a_parameter_is_pointed_to(d):
    count = 0
    for name in OPERATIONS:
        for parameter, p in parameters(name, "query").items():
            for value in refused_values(description.resolve(p["schema"]), True):
                expect_pointed(call(d, name, query={parameter: value}), parameter, name)
                count += 1
        expect_pointed(call(d, name, query={"colour": "red"}), "colour", name)
    check(count > 100, count)


def test_each_bad_value_of_a_member_is_pointed_to(d):
    count = 0
    for name in OPERATIONS:
        schema = description.resolve(body_of(name)["schema"]) if body_of(name) else {}
        for member, inner in schema.get("properties", {}).items():
            for value in refused_values(description.resolve(inner)):
                expect_pointed(call(d, name, body={**(example(name) or {}), member: value}), member, name)
                count += 1
        if schema.get("additionalProperties") is False:
            expect_pointed(call(d, name, body={**(example(name) or {}), "colour": "red"}), "colour", name)
    check(count > 300, count)


def test_what_no_operation_takes(d):
    expect(d.post("/v1/tokens", {"name": "narrow", "scopes": ["secrets"]}), 201)
    narrow = d.post("/v1/tokens", {"name": "narrower", "scopes": ["secrets"]}).json["token"]
    for name, (verb, _, operation) in OPERATIONS.items():
        expect(call(d, name, query={"account": "\ud800".encode("utf-8", "surrogatepass")}), 400, "bad-json")
        expect(call(d, name, headers={"Host": "evil.example"}), 403, "forbidden")
        expect(call(d, name, headers={"Content-Length": "99999999"}), 413, "too-large")
        expect(call(d, name, query={"account": "x" * 15000}), 414, "too-large")
        expect(call(d, name, headers={"Expect": "the-impossible"}), 417, "bad-json")
        expect(call(d, name, headers={"X-Long": "x" * 15000}), 431, "too-large")
        if "security" not in operation:
            expect(call(d, name, token=False), 401, "unauthorized")
            expect(call(d, name, token=narrow), 403, "forbidden")
        if body_of(name):
            expect(call(d, name, body=b"{", headers={}), 400, "bad-json")
            expect(call(d, name, body=b"{}", headers={"Content-Type": "text/plain"}), 415, "media-type")
        a = d.request("PROPFIND", target(name))
        expect(a, 405, "method-not-allowed")
        check(verb in a.headers["allow"].replace(",", " ").split(), a)
    for token in ("narrow", "narrower"):
        expect(d.request("DELETE", "/v1/tokens/" + token), 204)


def test_what_is_not_there_is_not_found(d):
    for name, (_, path, operation) in OPERATIONS.items():
        if "404" not in operation["responses"] or (name, "404") in NOT_ANY:
            continue
        if "account" in parameters(name, "query"):
            expect(call(d, name, query={"account": "nobody"}), 404, "not-found")
        elif name in ("createCall", "createSchedule", "createWebhook"):
            expect(call(d, name, body={**example(name), "account": "nobody"}), 404, "not-found")
        elif "{" in path:
            expect(call(d, name, {"name": "nobody", "token": "nothing", "schedule": "nothing", "webhook": "nothing", "file": "nothing.js"}), 404)


def test_who_is_not_logged_in_is_in_conflict(d):
    expect(d.post("/v1/accounts", {"name": "idle"}), 201)
    made = expect(d.create("@sandbox_group", account="sandbox", if_exists="replace"), 201).json["call"]
    for name, (_, path, operation) in OPERATIONS.items():
        if "409" not in operation["responses"] or (name, "409") in NOT_ANY or (name in NEWER and LAYER < 200):
            continue
        if "account" in parameters(name, "query"):
            # Of a call it says first that this account knows none.
            expect(call(d, name, {"id": made["id"]}, {"account": "idle"}), {"listCalls": 200, "listLive": 200}.get(name, 404 if "{id}" in path else 409))
        elif name in ("createCall", "createSchedule"):
            expect(call(d, name, body={**example(name), "account": "idle"}), 409, "account-not-ready")
        elif path.startswith("/v1/accounts/{name}/") and name not in ("login", "loginCancel"):
            expect(call(d, name, {"name": "idle"}), 409)
    expect(d.request("DELETE", "/v1/accounts/idle"), 200)


def test_what_telegram_refuses_is_told(d):
    made = expect(d.create("@sandbox_channel", account="sandbox", if_exists="replace"), 201).json["call"]
    expect(d.post("/v1/schedules", example("createSchedule")), 201)
    flooded = set()
    for code, message, status, slug in REFUSALS:
        for name, method in METHODS.items():
            if name in NEWER and LAYER < 200:
                continue
            # Who was told to wait is not asked again.
            if method not in flooded:
                d.fault(type="rpc_error", method=method, code=code, message=message)
            if status == 429:
                flooded.add(method)
            path = {"id": made["id"], "peer": "me" if name == "editParticipant" else "@stranger" if name in BY_A_STRANGERS_NAME else "@sandbox_channel"}
            query = {} if name in ("createCall", "createSchedule", "editSchedule") else {"account": "sandbox", **({"peer": "@stranger"} if name == "listCalls" else {})}
            body = {"createCall": {**example("createCall"), "if_exists": "replace"}, "editSchedule": {"peer": "@stranger"},
                    "createSchedule": {**example("createSchedule"), "name": "refused", "peer": "@stranger"}}.get(name)
            expect(call(d, name, path, query, body), status, slug)
    expect(d.request("DELETE", "/v1/schedules/" + example("createSchedule")["name"]), 204)


def test_each_status_is_met_or_known_to_be_met_elsewhere():
    called = [name for name in OPERATIONS if any(s.startswith("2") for s in met[name])]
    unmet = ["%s %s" % (name, status) for name in called for status in OPERATIONS[name][2]["responses"]
             if status not in met[name] and status not in ELSEWHERE and (name, status) not in NOT_ANY]
    check(not unmet, "neither met nor known to be met elsewhere: " + ", ".join(unmet))
    idle = [name for name in OPERATIONS if name not in called and not (name in NEWER | NEWER_LOGIN and LAYER < 200)]
    return "not called here: " + ", ".join(idle) if idle else None


def short(value, name=""):
    """As an example: of a list the first, of a secret nothing."""
    if isinstance(value, dict):
        return {k: short(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [short(v) for v in value[:2]]
    return {"token": "tgc_…", "key": "…", "secret": "whsec_…", "ffmpeg": "ffmpeg … -f flv '…'", "text": "1AZ…"}.get(name, value)


def write_examples():
    for (name, status), answer in shown.items():
        content = OPERATIONS[name][2]["responses"][status].get("content", {}).get("application/json")
        if content and name not in ("openapi", "asyncapi"):
            content.setdefault("example", short(answer))
    for _, _, operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            content = description.resolve(response).get("content", {}).get("application/problem+json")
            if content and status in problems:
                content.setdefault("example", problems[status])
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../api/openapi.json"), "w", encoding="utf-8") as f:
        f.write(json.dumps(DOCUMENT, indent=1, ensure_ascii=False) + "\n")


def test_each_answer_has_an_example_that_fits():
    if os.environ.get("TGCALLD_WRITE_EXAMPLES"):
        write_examples()
    for name, (_, _, operation) in OPERATIONS.items():
        for status, response in operation["responses"].items():
            content = description.resolve(response).get("content", {})
            for kind, said in content.items():
                if ((name, status) in shown and kind == "application/json" and name not in ("openapi", "asyncapi")) or status in problems:
                    check("example" in said, "%s %s has no example" % (name, status))
                if "example" in said:
                    faults = list(description.faults(said["example"], said["schema"]))
                    check(not faults, "%s %s: %s" % (name, status, "; ".join(faults)))


if __name__ == "__main__":
    run(globals(), "--layer", str(LAYER))
