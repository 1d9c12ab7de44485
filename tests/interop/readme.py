#!/usr/bin/python3
"""What README says of the sandbox alone, done as it stands there, but for the ports: the command, the Telethon program, the
control port."""
import json
import os
import pathlib
import re
import subprocess
import sys

top = pathlib.Path(os.environ.get("TGCALLD_SRCDIR", "."))
# Debian's interpreter, which is the one that sees Debian's Telethon.
PYTHON = "/usr/bin/python3"
sys.path.insert(0, str(top / "tests" / "e2e"))

from lib import PATIENCE, TGCALLD, check, equal, run, running, start  # noqa: E402
import tempfile  # noqa: E402

section = (top / "README.md").read_text().partition("## Test your own program against the sandbox")[2].partition("\n## ")[0]
blocks = re.findall(r"^```(\w*)\n(.*?)^```$", section, re.M | re.S)


def block(word, language=""):
    """The one that has WORD in it."""
    return check([text for kind, text in blocks if kind == language and word in text], "README has no block with " + word)[0]


def sandbox():
    """The one of README's command, on free ports; the command's words, and where it listens."""
    words = re.sub(r":44\d\d", ":0", block("tgcalld sandbox")).split()
    equal(words[:2], ["tgcalld", "sandbox"])
    process = start(*words[1:], "--second", "127.0.0.1:0", stdout=subprocess.PIPE, cwd=tempfile.tempdir)
    return process, json.loads(process.stdout.readline())


def stop(process):
    process.terminate()
    equal(process.wait(PATIENCE), 0)
    process.stdout.close()
    running.discard(process)


def with_ports(text, ready):
    return text.replace("4430", ready["dc1"].rpartition(":")[2]).replace("4432", ready["control"].rpartition(":")[2])


def test_the_telethon_program_logs_in():
    if subprocess.run([PYTHON, "-c", "import telethon"], cwd=tempfile.tempdir, stderr=subprocess.DEVNULL).returncode:
        check(os.environ.get("TGCALLD_OFFLINE"), "the Debian package python3-telethon is needed")
        return "the Debian package python3-telethon is needed"
    process, ready = sandbox()
    program = with_ports(block("telethon", "python"), ready)
    p = subprocess.run([PYTHON, "-c", program], cwd=tempfile.tempdir, capture_output=True, text=True, timeout=PATIENCE)
    check(p.returncode == 0, p.stderr)
    equal(p.stdout.split()[-1:], ["alice"])
    stop(process)


def test_the_control_port_is_used_as_shown():
    process, ready = sandbox()
    shown = with_ports(block("/fault"), ready)
    p = subprocess.run(["bash", "-euc", shown.replace("curl ", "curl -fsS ")], capture_output=True, text=True, timeout=PATIENCE)
    check(p.returncode == 0, p.stderr)
    check("FLOOD_WAIT_5" in p.stdout and "sandbox_channel" in p.stdout, p.stdout)
    stop(process)


if __name__ == "__main__":
    check(os.access(TGCALLD, os.X_OK), TGCALLD + " is not built")
    run(globals())
