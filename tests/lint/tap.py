"""TAP for the checks of this folder, and the files they look at."""

import fnmatch
import os
import sys

TOP = os.path.abspath(os.environ.get("TGCALLD_SRCDIR", os.path.join(os.path.dirname(__file__), "..", "..")))

# What autotools, compilers and package managers leave in the tree. A tarball has no git to ask.
GENERATED = [
    ".git", "_build", "_inst", "autom4te.cache", "build", "build-*", "m4", "node_modules", "__pycache__", ".deps",
    ".dirstamp", ".libs", "Makefile", "Makefile.in", "aclocal.m4", "config.h", "config.h.in", "config.log",
    "config.status", "configure", "stamp-h1", "tgcalld", "tgcalldctl", "tgcalld-*", "*.o", "*.a", "*.log", "*.trs",
    "*.pyc", "*~", "*.gcda", "*.gcno", "*.service",
]


def is_generated(name):
    # Test programs of a build inside the tree have no suffix.
    if name.startswith("test_") and "." not in name:
        return True
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in GENERATED)


def source_files():
    """Every file of ours, as a path from the top with / in it."""
    for folder, folders, files in os.walk(TOP):
        folders[:] = sorted(f for f in folders if not is_generated(f))
        for name in sorted(files):
            if not is_generated(name):
                yield os.path.relpath(os.path.join(folder, name), TOP).replace(os.sep, "/")


def read(path):
    with open(os.path.join(TOP, path), "rb") as f:
        return f.read()


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, faults):
        """One check: fine where it found no fault."""
        self.count += 1
        faults = list(faults)
        print(f"{'not ok' if faults else 'ok'} {self.count} - {name}")
        for fault in faults:
            print(f"# {fault}")
        self.failed += bool(faults)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)
