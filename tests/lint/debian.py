#!/usr/bin/env python3
"""Debian's packaging without Debian: its files parse, and say what bootstrap, configure.ac, COPYING and CHANGELOG.md say."""
import os
import re
import shutil
import subprocess
import sys

import tap

HERE = "config/debian/"
FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]*):(?P<value>.*)")


def text(path):
    return tap.read(path).decode()


def paragraphs(path):
    """Debian's control format: a paragraph is a dict, a field's further lines begin with a blank."""
    found = [{}]
    name = None
    for number, line in enumerate(text(path).splitlines(), 1):
        if not line:
            found.append({})
            name = None
        elif line[0] == " " and name:
            found[-1][name] += "\n" + line[1:]
        elif (field := FIELD.fullmatch(line)) and field["name"] not in found[-1]:
            name = field["name"]
            found[-1][name] = field["value"].strip()
        else:
            raise ValueError(f"{path}:{number}: no field")
    return found


def control_faults():
    source, package = paragraphs(HERE + "control")
    for fields, names in ((source, "Source Maintainer Build-Depends Standards-Version"), (package, "Package Architecture Depends Description")):
        yield from (f"{name} is missing" for name in names.split() if not fields.get(name))


def build_needs_faults():
    """bootstrap's list in bash, and control's; alternatives in any order."""
    wanted = set(re.search(r"^packages_build=\((.*?)\)", text("bootstrap"), re.M | re.S)[1].replace("'", "").split())
    listed = re.sub(r"\(.*?\)|\s", "", paragraphs(HERE + "control")[0]["Build-Depends"]).split(",")
    wanted, listed = ({frozenset(n.split("|")) for n in names if "-dev" in n and "libc6" not in n} for names in (wanted, listed))
    listed = {n for n in listed if "systemd-dev" not in n}
    yield from (f"in one alone: {'|'.join(n)}" for n in sorted(map(sorted, wanted ^ listed)))


def changelog_faults():
    version = re.search(r"^AC_INIT\(\[tgcalld\], \[(.*?)\]", text("configure.ac"), re.M)[1]
    who = "A B <a@b.invalid>"
    written = subprocess.run([sys.executable, os.path.join(tap.TOP, HERE, "changelog.py"), os.path.join(tap.TOP, "CHANGELOG.md"),
                              version, "1700000000", who], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if written.returncode:
        yield written.stdout
    elif not re.fullmatch(rf"tgcalld \({re.escape(version)}-0upstream1\) \w+; urgency=medium\n\n(?:  .*\n)+\n -- {who}  \w+, .*\n",
                          written.stdout.split("\n\ntgcalld (")[0].rstrip("\n") + "\n"):
        yield "it does not look like one: " + written.stdout[:200]
    elif shutil.which("dpkg-parsechangelog"):
        parsed = subprocess.run(["dpkg-parsechangelog", "-l", "-", "--all"], input=written.stdout, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        if parsed.returncode or "warning" in parsed.stdout:
            yield parsed.stdout[:500]


def copyright_faults():
    head, *rest = paragraphs(HERE + "copyright")
    if "copyright-format/1.0" not in head.get("Format", ""):
        yield "no Format"
    licences = {p["License"].split("\n")[0] for p in rest if "Files" not in p}
    yield from (f"no text of {p['License']}" for p in rest if "Files" in p and p["License"] not in licences)
    isc, = (p["License"] for p in rest if "Files" not in p and p["License"].startswith("ISC\n"))
    if isc.split("\n", 1)[1].replace("\n.\n", "\n\n") != text("COPYING").split("\n", 2)[2].rstrip("\n"):
        yield "ISC is not what COPYING says"


def script_faults():
    yield from (f"{name} cannot be run" for name in ("changelog.py", "rules") if not os.access(os.path.join(tap.TOP, HERE, name), os.X_OK))
    for name in ("tgcalld.postinst", "tgcalld.postrm", "tgcalld.prerm"):
        if "\n#DEBHELPER#\n" not in text(HERE + name):
            yield f"{name} leaves out what debhelper adds"


def main():
    t = tap.Tap()
    t.check("control has its fields", control_faults())
    t.check("the package is built with what bootstrap installs", build_needs_faults())
    t.check("the changelog is one", changelog_faults())
    t.check("the licence is COPYING's", copyright_faults())
    t.check("the scripts run, and leave room for debhelper", script_faults())
    t.end()


main()
