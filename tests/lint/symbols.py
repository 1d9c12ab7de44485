#!/usr/bin/env python3
"""No global name may be defined in two of our archives: the linker would take one of them in silence."""

import glob
import os
import subprocess

import tap

BUILD = os.environ.get("TGCALLD_BUILDDIR", ".")


def defined(archive):
    text = subprocess.run(["nm", "-g", "--defined-only", archive], capture_output=True, text=True, check=True).stdout
    return {words[2] for words in map(str.split, text.splitlines()) if len(words) == 3 and words[1] in "TDBRC"}


def faults(archives):
    owner = {}
    for archive in archives:
        for name in defined(archive):
            if owner.setdefault(name, archive) != archive:
                yield f"{name} is in {owner[name]} and in {archive}"


archives = sorted(os.path.relpath(a, BUILD) for pattern in ("daemon/*/*.a", "daemon/*/*/*.a", "api/*.a", "config/*.a")
                  for a in glob.glob(os.path.join(BUILD, pattern)))
os.chdir(BUILD)

t = tap.Tap()
t.check("the archives are there", [] if len(archives) > 10 else [f"only {archives}"])
t.check("no global name is in two archives", faults(archives))
t.end()
