#!/usr/bin/env python3
"""Runs a program under the filters of system calls that a unit asks for, made as systemd makes them.

    under_unit.py [--strict] UNIT PROGRAM [ARGUMENT…]

--strict: a call that would be refused ends the process (SIGSYS), so that one which does not end so never made any. Any test of
the whole daemon runs so with TGCALLD_LAUNCHER='python3 under_unit.py --strict UNIT'."""
import ctypes
import errno
import os
import re
import subprocess
import sys

ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
LESS, EQUAL, GREATER, NOT_EQUAL, MASKED_EQUAL = 2, 4, 6, 1, 7
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
# CLONE_NEW*: cgroup, uts, ipc, user, pid, net, mount, time.
NAMESPACES = (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x00000080)
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
SCHED_FIFO, SCHED_RR, SCHED_DEADLINE = 1, 2, 6
SUID_AND_SGID = (0o4000, 0o2000)


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class Filter:
    """One of libseccomp's; what several say of a call, the strictest of it holds."""

    lib = None

    def __init__(self, otherwise):
        if not Filter.lib:
            Filter.lib = ctypes.CDLL("libseccomp.so.2")
            Filter.lib.seccomp_init.restype = ctypes.c_void_p
        self.ctx = ctypes.c_void_p(self.lib.seccomp_init(ctypes.c_uint32(otherwise)))

    def rule(self, action, name, *compares):
        number = self.lib.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # this machine has no such call
        array = (Compare * len(compares))(*(Compare(*c) for c in compares))
        failed = self.lib.seccomp_rule_add_array(self.ctx, ctypes.c_uint32(action), number, len(compares), array)
        if failed:
            raise OSError(-failed, "seccomp rule for %s: %s" % (name, os.strerror(-failed)))

    def load(self):
        failed = self.lib.seccomp_load(self.ctx)
        if failed:
            raise OSError(-failed, "seccomp: " + os.strerror(-failed))


def read_unit(path):
    """The settings of [Service], each with its values in order."""
    settings = {}
    with open(path) as f:
        for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", f.read(), re.M):
            settings.setdefault(name, []).append(value)
    return settings


def read_groups():
    groups, name = {}, None
    said = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        if line.startswith("@"):
            name = line.strip()
            groups[name] = []
        elif line.startswith(" ") and name and not line.strip().startswith("#"):
            groups[name].append(line.strip())
        elif not line.startswith(" "):
            name = None
    return groups


def calls_of(word, groups):
    if not word.startswith("@"):
        return {word}
    return set().union(*(calls_of(w, groups) for w in groups[word]))


def allowed_calls(lines):
    """An allow list: the first line is no '~'."""
    groups, calls = read_groups(), set()
    for line in lines:
        of_line = set().union(*(calls_of(w, groups) for w in line.removeprefix("~").split()))
        calls = calls - of_line if line.startswith("~") else calls | of_line
    # Without these nothing can be started at all, and systemd allows them by itself.
    return calls | calls_of("@default", groups)


def arguments_filter(unit, refuse):
    """What is judged by a call's arguments."""
    f = Filter(ALLOW)
    families = sorted(FAMILIES[name] for name in " ".join(unit["RestrictAddressFamilies"]).split())
    no_family = refuse(errno.EAFNOSUPPORT)
    f.rule(no_family, "socket", (0, LESS, families[0], 0))
    f.rule(no_family, "socket", (0, GREATER, families[-1], 0))
    for family in range(families[0], families[-1]):
        if family not in families:
            f.rule(no_family, "socket", (0, EQUAL, family, 0))
    no = refuse(errno.EPERM)
    if unit.get("MemoryDenyWriteExecute") == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        f.rule(no, "mmap", (2, MASKED_EQUAL, both, both))
        f.rule(no, "mprotect", (2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
        f.rule(no, "pkey_mprotect", (2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
        f.rule(no, "shmat", (2, MASKED_EQUAL, SHM_EXEC, SHM_EXEC))
    if unit.get("RestrictNamespaces") == ["yes"]:
        f.rule(no, "unshare")
        f.rule(no, "setns")
        for flag in NAMESPACES:
            f.rule(no, "clone", (0, MASKED_EQUAL, flag, flag))
        # Its flags are in memory; the C library asks by clone() then.
        f.rule(0x00050000 | errno.ENOSYS, "clone3")
    if unit.get("LockPersonality") == ["yes"]:
        f.rule(no, "personality", (0, NOT_EQUAL, 0, 0))
    if unit.get("RestrictRealtime") == ["yes"]:
        for policy in (SCHED_FIFO, SCHED_RR, SCHED_DEADLINE):
            f.rule(no, "sched_setscheduler", (1, EQUAL, policy, 0))
    if unit.get("RestrictSUIDSGID") == ["yes"]:
        for bit in SUID_AND_SGID:
            for name, at in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mkdir", 1), ("mkdirat", 2)):
                f.rule(no, name, (at, MASKED_EQUAL, bit, bit))
    return f


def calls_filter(unit, refuse):
    number = getattr(errno, unit.get("SystemCallErrorNumber", ["EPERM"])[0])
    f = Filter(refuse(number))
    for name in sorted(allowed_calls(unit["SystemCallFilter"])):
        f.rule(ALLOW, name)
    return f


def main():
    args = sys.argv[1:]
    strict = args[0] == "--strict"
    path, *command = args[1:] if strict else args
    unit = read_unit(path)

    def refuse(number):
        return KILL_PROCESS if strict else 0x00050000 | number

    filters = [arguments_filter(unit, refuse), calls_filter(unit, refuse)]
    for f in filters:
        f.load()
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
