#!/usr/bin/env python3
"""changelog.py CHANGELOG.md VERSION EPOCH MAINTAINER: writes debian/changelog, each version of CHANGELOG.md an entry of it,
of a revision that sorts below any of Debian's own. VERSION is the one that is built; EPOCH the time (seconds since 1970) of a
version that has no date yet."""
import datetime
import email.utils
import re
import sys
import textwrap

HEAD = re.compile(r"## (?P<version>\d\S*) — (?P<date>\d{4}-\d\d-\d\d|unreleased)$")
UTC = datetime.timezone.utc
WIDTH = 80  # what Debian asks for


def versions(lines):
    """(version, date, text of each change) from the newest on; a paragraph outside of the list is a change too."""
    found = []
    begins = True
    for line in lines:
        if head := HEAD.match(line):
            found.append((head["version"], head["date"], []))
        elif line.startswith("#") and found:
            sys.exit(f"changelog.py: no version and date: {line}")
        elif found and line:
            changes = found[-1][2]
            if begins or line.startswith("- "):
                changes.append(line.removeprefix("- "))
            else:
                changes[-1] += " " + line.strip()
        begins = not line or line.startswith("#")
    return found


def entry(version, date, changes, epoch, maintainer):
    released = date != "unreleased"
    when = datetime.datetime.fromisoformat(date + "T12:00:00+00:00") if released else datetime.datetime.fromtimestamp(epoch, UTC)
    yield f"tgcalld ({version}-0upstream1) {'unstable' if released else 'UNRELEASED'}; urgency=medium"
    yield ""
    for change in changes:
        yield from textwrap.wrap(change, WIDTH, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False,
                                 break_long_words=False)
    yield ""
    yield f" -- {maintainer}  {email.utils.format_datetime(when)}"


def main(path, built, epoch, maintainer):
    with open(path, encoding="utf-8") as f:
        found = versions(f.read().splitlines())
    if not found or found[0][0] != built:
        sys.exit(f"changelog.py: the newest version of {path} is not {built}")
    print("\n\n".join("\n".join(entry(*version, int(epoch), maintainer)) for version in found))


main(*sys.argv[1:])
