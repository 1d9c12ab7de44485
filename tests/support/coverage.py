#!/usr/bin/env python3
"""Lines that ran, by folder: what gcov says of a build that was configured with --enable-coverage and then tested.

usage: coverage.py BUILD [FOLDER…]      with FOLDER, its files one by one too"""
import collections
import json
import os
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def notes(build):
    """The .gcno files of our own libraries and programs, not of the tests."""
    for folder in ("api", "config", "daemon"):
        for where, _, files in os.walk(os.path.join(build, folder)):
            yield from (os.path.join(where, name) for name in sorted(files) if name.endswith(".gcno"))


def lines_of(build):
    """{file: {line: times}}; a header's lines are summed over all that include it."""
    counts = collections.defaultdict(lambda: collections.defaultdict(int))
    for note in notes(build):
        done = subprocess.run(["gcov", "--json-format", "--stdout", note], cwd=build, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True)
        for text in done.stdout.decode().splitlines():
            for file in json.loads(text)["files"] if text.strip() else []:
                path = os.path.relpath(os.path.realpath(os.path.join(build, file["file"])), os.path.realpath(TOP))
                if not path.startswith(".."):
                    for line in file["lines"]:
                        counts[path][line["line_number"]] += line["count"]
    return counts


def show(name, runs):
    print("%-28s %6d of %6d lines  %5.1f %%" % (name, sum(n > 0 for n in runs), len(runs),
                                                100 * sum(n > 0 for n in runs) / max(1, len(runs))))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    counts = lines_of(os.path.abspath(sys.argv[1]))
    folders = collections.defaultdict(list)
    for path, lines in counts.items():
        folders[os.path.dirname(path)] += lines.values()
    for folder in sys.argv[2:]:
        for path in sorted(p for p in counts if os.path.dirname(p) == folder):
            show(path, list(counts[path].values()))
    for folder in sorted(folders):
        show(folder, folders[folder])
    show("all", [n for runs in folders.values() for n in runs])


main()
