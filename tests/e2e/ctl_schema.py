"""tgcalldctl schema: what is wrong with a file and where, and what a new layer changes for the daemon."""
import json
import os
import re
import tempfile

from ctl import ctl, ctl_alone, ended
from lib import check, equal, run

FOLDER = os.path.join(os.environ["TGCALLD_SRCDIR"], "config", "schema")
NEW = os.path.join(FOLDER, "layer-229.tl")
OLD = os.path.join(FOLDER, "layer-138.tl")


class Changed:
    """The newest shipped schema as another layer, with lines changed: each pattern has to be there once."""

    def __init__(self, *changes, layer=999):
        with open(NEW) as f:
            text = f.read()
        for pattern, line in (("// LAYER 229", "// LAYER %d" % layer if layer else "//"), *changes):
            text, n = re.subn("^%s.*$" % pattern, line, text, flags=re.M)
            equal((pattern, n), (pattern, 1))
        self.file = tempfile.NamedTemporaryFile("w", suffix=".tl")
        self.file.write(text)
        self.file.flush()
        self.path = self.file.name

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        self.file.close()


DISCARD = "phone.discardGroupCall#7a777135 "


def rows(done):
    return [line.split("\t") for line in done.out.splitlines()]


def test_the_daemon_s_layers_are_listed(d):
    equal(rows(ended(ctl(d, "schema"), 0)), [["138", "no"], ["229", "yes"]])
    check("layers" in json.loads(ended(ctl(d, "schema", "list", "--json"), 0).out))


def test_a_good_schema_is_said_to_be_one_without_a_daemon():
    for path, layer in ((NEW, "229"), (OLD, "138")):
        done = ended(ctl_alone("schema", "check", path, "--strict"), 0)
        equal((rows(done)[0][:2], rows(done)[0][4]), ([path, layer], "0"))


def test_what_is_wrong_with_a_schema_is_said_with_its_place():
    with Changed((DISCARD, "phone.discardGroupCall#7a777135 call:NoSuchType = Updates;")) as path:
        ended(ctl_alone("schema", "check", path), 1, path + ":", "NoSuchType")
    with Changed((DISCARD, "phone.discardGroupCall#7a777135 call:InputGroupCall ] = Updates;")) as path:
        check(re.search(r":\d+:\d+: ", ended(ctl_alone("schema", "check", path), 1).err))
    with Changed((DISCARD, "")) as path:
        ended(ctl_alone("schema", "check", path), 1, "phone.discardGroupCall", "does not start")
    with Changed(layer=0) as path:
        ended(ctl_alone("schema", "check", path), 1, "// LAYER N")
    ended(ctl_alone("schema", "check", "/nowhere"), 1, "/nowhere")
    ended(ctl_alone("schema", "check"), 2, "FILE is missing")


def test_an_id_that_is_not_its_line_s_is_refused_by_the_strict_alone():
    with Changed((DISCARD, "phone.discardGroupCall#12345678 call:InputGroupCall = Updates;")) as path:
        equal(rows(ended(ctl_alone("schema", "check", path), 0))[0][4], "1")
        ended(ctl_alone("schema", "check", path, "--strict"), 1, "phone.discardGroupCall", "12345678", "7a777135")
        ended(ctl_alone("schema", "diff", path, "--strict"), 1, "12345678")


def test_what_a_new_layer_changes_is_said_in_words():
    with Changed((DISCARD, "phone.discardGroupCall#12345678 flags:# call:InputGroupCall why:flags.3?Vector<string> = Bool;"),
                 ("groupCallDonor#", "phoneNotUsed = GroupCallDonor;")) as path:
        done = ended(ctl_alone("schema", "diff", path), 0, "From layer 229 to 999", "0 came, 1 went, 1 changed")
        equal(rows(done), [["changed", "method", "phone.discardGroupCall", "yes",
                            "flags:# came; why:flags.3?Vector<string> came; it was a Updates and is a Bool; its id was 7a777135 and is 12345678"],
                           ["went", "constructor", "groupCallDonor", "yes", ""]])
        done = ended(ctl_alone("schema", "diff", path, "--all", "--json"), 0, "1 came, 1 went, 1 changed")
        answer = json.loads(done.out)
        equal((answer["from"], answer["to"], [c["name"] for c in answer["changes"] if not c["used"]]), (229, 999, ["phoneNotUsed"]))
    # What it cannot do without.
    with Changed((DISCARD, "")) as path:
        ended(ctl_alone("schema", "diff", path), 1, "1 went", "layer 999 lacks 1 of the things")
    equal(ended(ctl_alone("schema", "diff", NEW), 0, "0 came, 0 went, 0 changed").out, "")
    names = [row[2] for row in rows(ended(ctl_alone("schema", "diff", NEW, "--from", OLD), 0))]
    check("groupCallDonor" in names and "groupCall" in names and "account.password" in names and "wallPaper" not in names, names)


if __name__ == "__main__":
    run(globals())
