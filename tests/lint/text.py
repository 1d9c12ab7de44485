#!/usr/bin/env python3
"""What every file of ours looks like: tabs, blanks, widths, words, the top level, shell scripts."""

import os
import re
import shutil
import subprocess
import sys

import tap

# What lies at the top, besides files that begin with a dot.
TOP_LEVEL = {
    "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "COPYING", "Makefile.am", "README.md", "api", "bootstrap", "config",
    "configure.ac", "daemon", "systemd", "tests",
}
CODE_WIDTH = 120

# Folders whose lines are still to be wrapped. This list only gets shorter.
STILL_WIDE = (
    "daemon/mt/", "daemon/sandbox/", "tests/unit/tl/",
)

# Not written by hand, or the work of others.
FOREIGN = ("COPYING", "config/schema/", "tests/data/", "tests/fuzz/corpus/", "tests/interop/package-lock.json")

# Notes to oneself, and places that exist on one machine only.
FORBIDDEN = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|\bissue #\d|(?<![\w.])/(?:work|root|tmp/build)[/-]\w")
THIS_FILE = "tests/lint/text.py"


def is_text(data):
    return b"\0" not in data[:8192]


def is_makefile(path):
    return path.endswith((".mk", ".am", "/debian/rules"))


def blank_faults(path, lines):
    if path.startswith(FOREIGN):
        return
    for number, line in enumerate(lines, 1):
        if b"\t" in line and not is_makefile(path):
            yield f"{path}:{number}: a tab"
        if line.endswith((b" ", b"\r", b"\t")):
            yield f"{path}:{number}: blanks at its end"
    if lines and lines[-1] == b"":
        yield f"{path}: an empty line at its end"


def width_faults(path, lines):
    if path.endswith((".c", ".h")) and not path.startswith(STILL_WIDE):
        for number, line in enumerate(lines, 1):
            if len(line.decode(errors="replace")) > CODE_WIDTH:
                yield f"{path}:{number}: more than {CODE_WIDTH} columns"


def word_faults(path, lines):
    if path.startswith(FOREIGN) or path == THIS_FILE:
        return
    for number, line in enumerate(lines, 1):
        found = FORBIDDEN.search(line.decode(errors="replace"))
        if found:
            yield f"{path}:{number}: '{found.group().strip()}'"


def lines_of(data):
    return data.removesuffix(b"\n").split(b"\n") if data else []


def top_level_faults():
    for name in sorted(os.listdir(tap.TOP)):
        if not name.startswith(".") and name not in TOP_LEVEL and not tap.is_generated(name):
            yield f"{name} does not belong at the top level"
    for name in sorted(TOP_LEVEL):
        if not os.path.exists(os.path.join(tap.TOP, name)):
            yield f"{name} is missing"


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = [line for line in done.stdout.splitlines() if line.strip()]
    return output or ([f"{command[0]} failed with {done.returncode}"] if done.returncode else [])


def check_scripts(t, files):
    name = "shellcheck finds nothing in the shell scripts"
    scripts = [p for p in files if tap.read(p)[:64].startswith((b"#!/usr/bin/env bash", b"#!/bin/sh", b"#!/bin/bash"))]
    if not shutil.which("shellcheck"):
        t.skip(name, "shellcheck is not installed")
        return
    t.check(name, run("shellcheck", *(os.path.join(tap.TOP, p) for p in scripts)))


def main():
    t = tap.Tap()
    files = list(tap.source_files())
    texts = {p: lines_of(d) for p in files if is_text(d := tap.read(p))}
    t.check("no tabs, no blanks at line ends", (f for p, lines in texts.items() for f in blank_faults(p, lines)))
    t.check(f"no line of code over {CODE_WIDTH} columns", (f for p, lines in texts.items() for f in width_faults(p, lines)))
    t.check("no notes to oneself, no places of one machine", (f for p, lines in texts.items() for f in word_faults(p, lines)))
    t.check("the top level has what belongs there", top_level_faults())
    check_scripts(t, files)
    t.end()


main()
