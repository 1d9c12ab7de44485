#!/usr/bin/env python3
"""life.py DEBS AGAIN PLACE: the Debian package from its installation to its purge, in a Debian of its own below PLACE (made once
by debootstrap from where this machine has its packages, and kept); DEBS and AGAIN are the folders of two builds. As root, in a
mount namespace that nobody else has: ./bootstrap deb-test sees to both."""
import contextlib
import glob
import hashlib
import json
import os
import shutil
import signal
import ssl
import stat
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from lib import check, equal, run, start_other, wait_for  # noqa: E402

DEBS, AGAIN, PLACE = map(os.path.abspath, sys.argv[1:])
BASE, ROOT = os.path.join(PLACE, "base"), os.path.join(PLACE, "root")
CONFIGURATION = "/etc/tgcalld/tgcalld.conf"
# Of the daemon, idle, with an account and a call, after each of its parts was asked something.
PRIVATE_MAX_KB = 8 * 1024
# What dpkg, apt and the kernel keep for themselves, and copies that the tools for accounts leave.
OTHERS = ("dev", "proc", "root", "run", "sys", "tmp", "var/cache", "var/lib/apt", "var/lib/dpkg", "var/log")
COPIES = ("etc/group-", "etc/gshadow-", "etc/passwd-", "etc/shadow-", "etc/.pwd.lock", "etc/subuid-", "etc/subgid-")


def inside(*command, status=0):
    """Runs a command in that Debian, and returns what it wrote."""
    done = subprocess.run(["chroot", ROOT, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, timeout=1800,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8",
                               **{n: v for n, v in os.environ.items() if n.endswith("_proxy")}})
    if done.returncode != status:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def at(path):
    return ROOT + path


def read(path):
    with open(at(path)) as f:
        return f.read()


def the_deb(folder=DEBS, name="tgcalld"):
    found, = glob.glob(f"{folder}/{name}_*.deb")
    return found


def archives():
    """(URI, suite, component) of the Debian that this machine is."""
    with open("/etc/os-release") as f:
        codename = dict(line.rstrip().split("=", 1) for line in f if "=" in line)["VERSION_CODENAME"]
    form = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    lines = subprocess.check_output(["apt-get", "indextargets", "--format", form, "Created-By: Packages"], text=True).split("\n")
    found = dict.fromkeys(tuple(line.split("|")[1:]) for line in lines if line.startswith("Debian|"))
    return codename, [a for a in found if a[1].split("-")[0].split("/")[0] == codename]


def make_base():
    if os.path.exists(os.path.join(BASE, "made")):
        return
    codename, sources = archives()
    shutil.rmtree(BASE, ignore_errors=True)
    os.makedirs(BASE)
    mirror = next(uri for uri, suite, _ in sources if suite == codename)
    subprocess.run(["debootstrap", "--variant=minbase", codename, BASE, mirror], check=True, stdout=sys.stderr)
    with open(os.path.join(BASE, "etc/apt/sources.list"), "w") as f:
        f.writelines(f"deb {' '.join(source)}\n" for source in sources)
    with open(os.path.join(BASE, "etc/apt/apt.conf.d/90machine"), "w") as f:
        settings = subprocess.check_output(["apt-config", "dump"], text=True).splitlines()
        f.writelines(line + "\n" for line in settings if line.startswith(("Acquire::http", "Acquire::Check-")))
    with open(os.path.join(BASE, "made"), "w"):
        pass


def make_root():
    """A copy of the base, with what the package needs from others."""
    make_base()
    shutil.rmtree(ROOT, ignore_errors=True)
    subprocess.run(["cp", "-a", BASE, ROOT], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", at("/proc")], check=True)
    needs = subprocess.check_output(["dpkg-deb", "-f", the_deb(), "Pre-Depends", "Depends"], text=True)
    inside("apt-get", "update", "-q")
    for line in needs.splitlines():
        inside("apt-get", "satisfy", "-q", "-y", "--no-install-recommends", line.split(":", 1)[1])


def files():
    """path → what it is, of all that is somebody's."""
    found = {}
    for folder, folders, names in os.walk(ROOT):
        here = os.path.relpath(folder, ROOT)
        folders[:] = [f for f in folders if os.path.normpath(os.path.join(here, f)) not in OTHERS]
        for name in folders + names:
            path = os.path.normpath(os.path.join(here, name))
            if path in COPIES:
                continue
            s = os.lstat(os.path.join(folder, name))
            what = os.readlink(os.path.join(folder, name)) if stat.S_ISLNK(s.st_mode) else ""
            if stat.S_ISREG(s.st_mode):
                with open(os.path.join(folder, name), "rb") as f:
                    what = hashlib.sha256(f.read()).hexdigest()
            found[path] = (oct(s.st_mode), s.st_uid, s.st_gid, what)
    return found


def install(deb, *options):
    shutil.copy(deb, at("/tmp/tgcalld.deb"))
    return inside("dpkg", *options, "-i", "/tmp/tgcalld.deb")


def newer(number, line):
    """The package as its revision `number`, with a line more in the configuration that it ships."""
    tree, deb = os.path.join(PLACE, "newer"), os.path.join(PLACE, f"tgcalld-{number}.deb")
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", the_deb(), tree], check=True)
    subprocess.run(["sed", "-i", f"s/^Version: .*/&+{number}/", tree + "/DEBIAN/control"], check=True)
    with open(tree + CONFIGURATION, "a") as f:
        f.write(f"# {line}\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, deb], check=True, stdout=subprocess.DEVNULL)
    return deb


def is_private():
    """The configuration is for root to write and the daemon to read."""
    s = os.stat(at(CONFIGURATION))
    group = inside("getent", "group", "tgcalld").split(":")[2]
    equal((oct(stat.S_IMODE(s.st_mode)), s.st_uid, s.st_gid), ("0o640", 0, int(group)))


class Run:
    """A program of the package's, as its user; a state directory of its own where it is given one."""

    def __init__(self, *args, state=None):
        self.state = state
        if state:
            inside("install", "-d", "-m", "700", "-o", "tgcalld", "-g", "tgcalld", state)
            args += ("--state-dir", state)
        self.process = start_other("chroot", "--userspec=tgcalld:tgcalld", ROOT, "/usr/bin/tgcalld", *args,
                                   stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def url(self):
        path = at(self.state + "/listen")
        wait_for(path, lambda: os.path.exists(path))
        with open(path) as f:
            url = f.read().split()[0]
        wait_for("an answer", lambda: self.ask(url + "/healthz"))
        return url

    @staticmethod
    def ask(url):
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def ctl(self, *args):
        return inside("tgcalldctl", "--unix", self.state + "/api.sock", *args)

    def private_kb(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as f:
            return sum(int(line.split()[1]) for line in f if line.startswith("Private_"))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        equal(self.process.wait(60), 0)
        self.process.stdout.close()


def said(text):
    print("# " + text, flush=True)


def test_two_builds_are_the_same_bytes():
    names = [sorted(os.path.basename(p) for p in glob.glob(folder + "/*.deb")) for folder in (DEBS, AGAIN)]
    equal(names[0], names[1])
    for name in names[0]:
        with open(os.path.join(DEBS, name), "rb") as a, open(os.path.join(AGAIN, name), "rb") as b:
            check(a.read() == b.read(), name + " differs: diffoscope says in what")
        said(f"{name}: {os.path.getsize(os.path.join(DEBS, name))} bytes, twice the same")


def test_it_is_installed_and_says_what_is_to_be_done_before_it_starts():
    make_root()
    global before
    before = files()
    output = install(the_deb())
    check("api_id" in output and "systemctl enable --now tgcalld" in output, output)
    for link in ("multi-user.target.wants/tgcalld.service", "sockets.target.wants/tgcalld.socket"):
        equal(os.path.lexists(at("/etc/systemd/system/" + link)), False)
    is_private()
    account = inside("getent", "passwd", "tgcalld").strip().split(":")
    equal(account[5:], ["/var/lib/tgcalld", "/usr/sbin/nologin"])
    check(inside("getent", "shadow", "tgcalld").split(":")[1].startswith("!"), "a password would let somebody in")
    equal(inside("dpkg", "--verify", "tgcalld"), "")


def test_all_that_it_promises_is_there():
    installed = set(inside("dpkg", "-L", "tgcalld").split())
    for path in ("/usr/bin/tgcalld", "/usr/bin/tgcalldctl", "/usr/lib/sysusers.d/tgcalld.conf", "/usr/lib/tmpfiles.d/tgcalld.conf",
                 "/usr/share/bash-completion/completions/tgcalldctl", "/usr/share/zsh/vendor-completions/_tgcalldctl",
                 "/usr/share/man/man1/tgcalldctl.1.gz", "/usr/share/man/man5/tgcalld.conf.5.gz", "/usr/share/man/man8/tgcalld.8.gz",
                 "/usr/share/tgcalld/dashboard/index.html", "/usr/share/tgcalld/grafana/tgcalld.json",
                 "/usr/share/tgcalld/prometheus/alerts.yml", "/usr/share/tgcalld/openapi.json",
                 "/usr/share/doc/tgcalld/README.Debian", "/usr/share/doc/tgcalld/cookbook/call.sh",
                 "/usr/share/doc/tgcalld/examples/tgcalld.conf.sample", "/usr/share/doc/tgcalld/changelog.gz"):
        check(path in installed, path + " is missing")
    unit, = (p for p in installed if p.endswith("/systemd/system/tgcalld.service"))
    check("ExecStart=/usr/bin/tgcalld" in read(unit))
    check(unit.replace("service", "socket") in installed, "no socket unit")
    said(f"tgcalld: {os.path.getsize(at('/usr/bin/tgcalld'))} bytes, tgcalldctl: {os.path.getsize(at('/usr/bin/tgcalldctl'))}")


def test_what_is_installed_runs():
    version = subprocess.check_output(["dpkg-deb", "-f", the_deb(), "Version"], text=True).split("-")[0]
    check(version in inside("tgcalld", "--version"))
    checked = inside("runuser", "-u", "tgcalld", "--", "tgcalld", "--check-config")
    check("good, but for logins" in checked, checked)
    daemon = Run("--sandbox", "--listen", "127.0.0.1:0", state="/var/lib/tgcalld")
    url = daemon.url()
    check("<!doctype html>" in daemon.ask(url + "/").lower())
    wait_for("the sandbox's account", lambda: "ready" in daemon.ctl("accounts"))
    check("Hello" in daemon.ctl("--json", "call", "create", "@sandbox_channel", "--title", "Hello"))
    said(f"with its sandbox: {daemon.private_kb()} kB of private memory")
    daemon.end()


def make_certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                    "-days", "2", "-keyout", at("/tmp/tls.key"), "-out", at("/tmp/tls.pem")], check=True, stderr=subprocess.DEVNULL)
    inside("chown", "tgcalld:tgcalld", "/tmp/tls.key")


def test_its_memory_is_small_with_all_on():
    centre = Run("sandbox", "--public-key-out", "/tmp/key.pem")
    address = json.loads(centre.process.stdout.readline())["dc1"]
    make_certificate()
    with open(at("/tmp/custom.conf"), "w") as f:
        f.write("[server]\nlisten = 127.0.0.1:0\nlisten = https://127.0.0.1:0\ntls_certificate = /tmp/tls.pem\ntls_key = /tmp/tls.key\n"
                f"[telegram]\nenvironment = custom\napi_id = 1\napi_hash = {'0' * 32}\n[dc 1]\naddress = {address}\n"
                "public_key = /tmp/key.pem\n")
    daemon = Run("--config", "/tmp/custom.conf", state="/tmp/state")
    daemon.url()
    login = subprocess.run(["chroot", ROOT, "tgcalldctl", "--unix", "/tmp/state/api.sock", "login", "main", "--phone", "+15550001"],
                           input="12345\n", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    equal(login.returncode, 0)
    daemon.ctl("call", "create", "@sandbox_channel")
    # By TLS: the dashboard, the metrics, and the audit of what was done.
    secure = next(url for url in read("/tmp/state/listen").split() if url.startswith("https:"))
    trusting = ssl.create_default_context(cafile=at("/tmp/tls.pem"))
    trusting.check_hostname = False
    token = {"Authorization": "Bearer " + read("/tmp/state/admin.token").strip()}
    for path, word in (("/", "<!DOCTYPE html>"), ("/metrics", "tgcalld_"), ("/v1/audit", "/v1/accounts/main/login")):
        with urllib.request.urlopen(urllib.request.Request(secure + path, headers=token), timeout=60, context=trusting) as answer:
            check(word in answer.read().decode(), path)
    used = daemon.private_kb()
    said(f"with an account, a call, TLS, metrics, dashboard and audit: {used} kB of private memory")
    daemon.end()
    centre.end()
    check(used <= PRIVATE_MAX_KB, f"{used} kB")


def test_an_upgrade_brings_the_new_configuration_where_nobody_changed_it():
    install(newer(1, "new in the first"))
    check("new in the first" in read(CONFIGURATION))
    is_private()


def test_an_upgrade_keeps_what_was_written_there():
    with open(at(CONFIGURATION), "a") as f:
        f.write("[telegram]\napi_id = 12345\napi_hash = 0123456789abcdef0123456789abcdef\n")
    written = read(CONFIGURATION)
    output = install(newer(2, "new in the second"), "--force-confdef", "--force-confold")
    equal(read(CONFIGURATION), written)
    check("new in the second" in read(CONFIGURATION + ".dpkg-dist"))
    check("systemctl enable" not in output, "an upgrade is no first installation")
    is_private()
    check("good\n" in inside("runuser", "-u", "tgcalld", "--", "tgcalld", "--check-config"))


@contextlib.contextmanager
def asked_of_systemd():
    """Meanwhile it looks as if systemd ran that Debian; a list, which at the end has what it was asked for."""
    program, asked, running = at("/usr/bin/deb-systemd-invoke"), at("/run/asked"), at("/run/systemd/system")
    said = []
    os.makedirs(running)
    os.rename(program, program + ".real")
    with open(program, "w") as f:
        f.write('#!/bin/sh\necho "$*" >>/run/asked\n')
    os.chmod(program, 0o755)
    try:
        yield said
    finally:
        os.rename(program + ".real", program)
        shutil.rmtree(at("/run/systemd"))
    if os.path.exists(asked):
        with open(asked) as f:
            said += f.read().splitlines()
        os.unlink(asked)


def test_an_upgrade_restarts_the_daemon_where_it_runs_and_leaves_its_sockets():
    with asked_of_systemd() as said:
        install(newer(2, "new in the second"), "--force-confdef", "--force-confold")
    equal(said, ["try-restart tgcalld.service"])


def test_a_removal_stops_the_sockets_and_the_daemon_and_keeps_the_configuration_and_the_state():
    with asked_of_systemd() as said:
        inside("dpkg", "--remove", "tgcalld")
    equal(said, ["stop tgcalld.socket tgcalld.service"])
    check("api_id = 12345" in read(CONFIGURATION))
    check(os.path.exists(at("/var/lib/tgcalld/store.db")))
    equal(os.path.exists(at("/usr/bin/tgcalld")), False)
    install(newer(3, "new in the third"), "--force-confdef", "--force-confold")
    check("api_id = 12345" in read(CONFIGURATION))
    is_private()


def test_a_purge_leaves_nothing():
    inside("dpkg", "--purge", "tgcalld")
    after = files()
    equal({p: (before.get(p), after.get(p)) for p in before.keys() | after.keys() if before.get(p) != after.get(p)}, {})


def test_a_purge_keeps_what_others_put_beside_it():
    install(the_deb())
    with open(at("/etc/tgcalld/seal.key"), "w") as f:
        f.write("an administrator's")
    inside("dpkg", "--purge", "tgcalld")
    equal(os.listdir(at("/etc/tgcalld")), ["seal.key"])


run(globals())
