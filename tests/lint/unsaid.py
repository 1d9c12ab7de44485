#!/usr/bin/env python3
"""No secret is handed to the log, nor to a fault's text, which ends there: what is called as secrets are called is no argument of
the functions that write them. tests/e2e/unsaid.py has the other half: what really is in the logs."""

import re

from tap import Tap, read, source_files

# As members and variables of ours are called that hold one, and nothing else.
SECRET = {"access_hash", "api_hash", "auth_key", "code_hash", "invite_link", "key", "link", "login_json", "password", "phone", "proxy",
          "salt", "secret", "session_text", "token", "user_json"}
# In the sandbox and tgcalldctl nobody's real secrets are, or they are their user's own.
FOLDERS = ("api/", "config/", "daemon/")
NOT_HERE = ("daemon/ctl/", "daemon/sandbox/")
CALL = re.compile(r"\b(?:log_(?:error|warning|notice|info|debug|write|text|integer|event)|fault_(?:set|add|print)\w*)\s*\(")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NAME = re.compile(r"[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*|\[[^]]*\])*")


def arguments(text, start):
    """What stands between the parenthesis before START and its twin; TEXT has no strings."""
    depth, at = 1, start
    while depth and at < len(text):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return text[start:at - 1]


def told(text):
    text = re.sub(r"sizeof\([^()]*\)", "", STRING.sub('""', re.sub(r"/\*.*?\*/", "", text, flags=re.S)))
    for call in CALL.finditer(text):
        for name in NAME.findall(arguments(text, call.end())):
            parts = re.split(r"->|\.", re.sub(r"\[[^]]*\]", "", name))
            # By itself that is what a file of keys is called.
            if parts[-1] in SECRET and parts != ["key"]:
                yield "%s) has %s" % (call.group(), name)


SAMPLE = '''log_info("a", "%s of %s", name(x), step->phone); fault_set(f, 1, "phone", w.api_hash); log_text("token", t->name);'''

tap = Tap()
tap.check("what is wrong is found", [] if len(list(told(SAMPLE))) == 2 else ["it is not"])
tap.check("no secret is an argument of the log, nor of a fault", [
    "%s: %s" % (path, what) for path in source_files()
    if path.endswith((".c", ".h")) and path.startswith(FOLDERS) and not path.startswith(NOT_HERE) for what in told(read(path).decode())])
tap.end()
