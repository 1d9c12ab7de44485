"""What a newcomer does first: each example of api/openapi.json, as it stands there, and README's first minutes, at the sandbox."""
import os
import re

import screen
import store
from lib import BUILD, Daemon, check, description, equal, expect, run

BODIES = {(method, path): operation["requestBody"]["content"]["application/json"]
          for path, item in description.document["paths"].items() for method, operation in item.items()
          if isinstance(operation, dict) and "requestBody" in operation}


def example(method, path):
    return BODIES[method, path]["example"]


def test_each_example_fits_what_is_described():
    for name, body in BODIES.items():
        if "example" in body:
            equal((name, list(description.faults(body["example"], body["schema"]))), (name, []))


def test_each_parameter_has_an_example_that_fits():
    for name, parameter in description.document["components"]["parameters"].items():
        schema = description.resolve(parameter["schema"])
        check("example" in parameter or "examples" in schema, name + " has no example")
        if "example" in parameter:
            equal((name, list(description.faults(parameter["example"], schema))), (name, []))


def test_the_examples_of_a_call_make_and_change_one(d):
    made = expect(d.post("/v1/calls", example("post", "/v1/calls")), 201).json["call"]
    call = expect(d.request("PATCH", "/v1/calls/" + made["id"], example("patch", "/v1/calls/{id}")), 200).json["call"]
    equal((made["title"], call["title"]), ("Town hall", "Town hall, part two"))
    expect(d.request("DELETE", "/v1/calls/" + made["id"]), 200)


def test_the_example_of_a_method_runs(d):
    name = description.document["components"]["parameters"]["method"]["schema"]["examples"][0]
    equal(expect(d.post("/v1/methods/" + name, example("post", "/v1/methods/{method}")), 200).json["_"], "config")


def test_the_example_of_a_token_makes_one(d):
    made = expect(d.post("/v1/tokens", example("post", "/v1/tokens")), 201).json
    expect(d.get("/v1/calls", token=made["token"]), 200)
    expect(d.get("/v1/tokens", token=made["token"]), 403, "forbidden")


def test_the_examples_of_a_login_log_in_and_take_the_login_along(d):
    account = "/v1/accounts/{name}"
    made = expect(d.post("/v1/accounts", example("post", "/v1/accounts")), 201).json

    def step(path, **members):
        return expect(d.post("/v1/accounts/" + made["name"] + path, example("post", account + path)), 200, **members).json

    step("/login", state="wait_code")
    step("/login/code", state="wait_password")
    step("/login/password", state="ready")
    equal(step("/session")["format"], "telethon")
    expect(d.request("DELETE", "/v1/accounts/" + made["name"]), 200)


def shape(line):
    """A line without what is another each time: ids, dates, the version."""
    for what, name in ((r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE"), (r"\b\d{15,}\b", "ID"), (r"\b\d+\.\d+\.\d+\b", "VERSION")):
        line = re.sub(what, name, line)
    return line.split()


def test_the_first_five_minutes_are_as_readme_shows_them():
    with open(os.path.join(os.environ["TGCALLD_SRCDIR"], "README.md")) as f:
        section = f.read().partition("## The first five minutes\n")[2].partition("\n## ")[0]
    start, session = re.findall(r"^```\n(.*?)^```$", section, re.M | re.S)
    equal(start.splitlines()[-1], "tgcalld --sandbox --state-dir ~/try")
    check(os.path.exists(os.path.join(os.environ["TGCALLD_SRCDIR"], re.search(r"\]\((\S+\.png)\)", section).group(1))))
    if store.NODES > 1:
        return store.OWN_SANDBOX
    if screen.missing():
        return screen.missing()
    with Daemon() as d, screen.Screen(100, 50) as s:
        s.type("PATH=%s:$PATH" % BUILD)
        for step in session.removeprefix("$ ").split("\n$ "):
            command, *wanted = step.rstrip("\n").split("\n")
            s.run("eval", command.replace("~/try", d.state))
            shown = s.ended(0).splitlines()
            equal([shape(line) for line in shown[1:shown.index("status=0")]], [shape(line) for line in wanted])
    return None


if __name__ == "__main__":
    run(globals())
