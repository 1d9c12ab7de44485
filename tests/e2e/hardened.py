"""The daemon under the filters of system calls that its unit asks for. Each call that these refuse would end it here, so that it
makes none on any of these ways. (In a unit it would get an error.)"""
import grp
import os
import shutil
import signal
import subprocess
import sys

import lib
from calls import test_any_method_of_the_layer_by_its_name, test_delete_ends_the_call_and_again_succeeds
from events import test_the_same_by_long_poll, test_updates_are_told_as_they_came
from proxies import test_socks5_with_a_login
from remote import Remote
from restart import test_a_killed_daemon_goes_on_with_its_accounts_and_calls
from upkeep import test_a_backup_is_taken_while_the_daemon_runs_and_while_it_does_not
from upkeep import test_the_seal_key_is_changed_while_the_daemon_runs_and_while_it_does_not
from lib import PATIENCE, equal, expect, run, sanitized, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
UNIT = os.path.join(HERE, "..", "..", "systemd", "tgcalld.service.in")
UNDER = [sys.executable, os.path.join(HERE, "under_unit.py")]
EPERM, EAFNOSUPPORT = 1, 97

# What the unit refuses, each by another of its lines.
REFUSED = {
    "os.nice(1)": EPERM,
    "libc.unshare(0x10000000)": EPERM,
    "libc.personality(8)": EPERM,
    "os.chmod('.', 0o2700)": EPERM,
    "os.setuid(0)": EPERM,
    "libc.ptrace(0, 0, 0, 0)": EPERM,
    "libc.mprotect(ctypes.c_void_p(0), 4096, 5)": EPERM,
    "__import__('socket').socket(17, 3)": EAFNOSUPPORT,
}
TRY = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
try:
    if {0} == -1:
        sys.exit(ctypes.get_errno())
except OSError as e:
    sys.exit(e.errno)
"""


def under(*args):
    return subprocess.run([*UNDER, *args], capture_output=True, text=True, timeout=PATIENCE, cwd=lib.tempfile.tempdir)


def why_not():
    if sanitized():
        return "a sanitizer makes calls of its own"
    if not shutil.which("systemd-analyze"):
        return "systemd-analyze is not installed"
    p = under("--strict", UNIT, shutil.which("true"))
    return p.stderr.strip().splitlines()[-1] if p.returncode else None


def test_what_the_unit_refuses_is_refused():
    python = os.path.realpath(sys.executable)
    for code, number in REFUSED.items():
        p = under(UNIT, python, "-c", TRY.format(code))
        equal((code, p.returncode, p.stderr), (code, number, ""))
        equal((code, under("--strict", UNIT, python, "-c", TRY.format(code)).returncode), (code, -signal.SIGSYS))


def test_the_daemon_is_under_it(d):
    with open("/proc/%d/status" % d.process.pid) as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    equal((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))


def test_several_workers_a_group_a_password_and_a_reload():
    with Remote("[server]", "workers = 3", "unix_group = " + grp.getgrgid(os.getegid()).gr_name) as r:
        d = r.daemon
        d.login("main", "+15550001")
        d.login("other", "+15550002", password="correct horse")
        expect(d.create("@sandbox_group", account="main"), 201)
        d.process.send_signal(signal.SIGHUP)
        wait_for("the reload", lambda: "the configuration was read again" in d.log())
        expect(d.get("/metrics", token=d.token), 200)
        equal(d.get("/v1/accounts", unix=True).status, 200)


if __name__ == "__main__":
    names, why = dict(globals()), why_not()
    if why:
        for n in [n for n in names if n.startswith("test_")]:
            names[n] = lambda: why
    else:
        lib.launcher[:] = [*UNDER, "--strict", UNIT]
    run(names)
