#!/usr/bin/env python3
"""The units of systemd, and what they want to be there: well formed, and as closed as they were."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

import tap

# Of 100; what is left is what the daemon does: it speaks with the network, and gives its socket to a group.
EXPOSURE = 15
PROGRAM = "@bindir@/tgcalld"


def run(*command):
    """What it said, or that it failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = [line for line in done.stdout.splitlines() if line.strip()]
    return done.returncode, said or ([f"{command[0]} failed with {done.returncode}"] if done.returncode else [])


def lay_out(folder):
    """Both as they are installed. The program is not yet, and must be there to be judged."""
    service, socket = (os.path.join(folder, "tgcalld." + kind) for kind in ("service", "socket"))
    with open(service, "w") as f:
        f.write(tap.read("systemd/tgcalld.service.in").decode().replace(PROGRAM, "/bin/true"))
    with open(socket, "wb") as f:
        f.write(tap.read("systemd/tgcalld.socket"))
    return service, socket


def check_units(t, folder):
    names = ["systemd-analyze finds nothing in the units", f"the service's exposure is at most {EXPOSURE / 10}"]
    if not shutil.which("systemd-analyze"):
        for name in names:
            t.skip(name, "systemd-analyze is not installed")
        return
    service, socket = lay_out(folder)
    t.check(names[0], run("systemd-analyze", "verify", "--man=no", service, socket)[1])
    failed, said = run("systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={EXPOSURE}", service)
    t.check(names[1], said if failed else [])


def people_faults(root):
    """Makes the user and the folder in a tree of its own."""
    os.mkdir(os.path.join(root, "etc"))
    for tool, kind in ((["systemd-sysusers"], "sysusers"), (["systemd-tmpfiles", "--create"], "tmpfiles")):
        failed, said = run(*tool, f"--root={root}", os.path.join(tap.TOP, "systemd", kind + ".d", "tgcalld.conf"))
        if failed:
            yield from said
            return
    with open(os.path.join(root, "etc", "passwd")) as f:
        user = next((line.split(":") for line in f if line.startswith("tgcalld:")), None)
    if not user or not user[6].strip().endswith("nologin"):
        yield f"the user is {user}"
        return
    st = os.stat(os.path.join(root, "run", "tgcalld"))
    if (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) != (int(user[2]), int(user[3]), 0o755):
        yield f"its folder is {st.st_uid}:{st.st_gid} {st.st_mode:o}"


def check_people(t, folder):
    name = "the user and the folder are made"
    if not shutil.which("systemd-sysusers") or not shutil.which("systemd-tmpfiles"):
        t.skip(name, "systemd is not installed")
    elif os.geteuid() != 0:
        t.skip(name, "only root can give a folder to a user")
    else:
        root = os.path.join(folder, "root")
        os.mkdir(root)
        t.check(name, people_faults(root))


def main():
    # So that temporary files go then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    t = tap.Tap()
    with tempfile.TemporaryDirectory() as folder:
        check_units(t, folder)
        check_people(t, folder)
    t.end()


main()
